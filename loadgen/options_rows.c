#include "loadgen/options_rows.h"

#define AT(member) offsetof(struct options, member)

#define COUNT(member, least, most)                                                       \
	.read = read_quantity, .kind = UNIT_COUNT, .offset = AT(member), .low = (least), \
	.high = (most)
#define TIME(member, least)                                                                 \
	.read = read_quantity, .kind = UNIT_DURATION, .offset = AT(member), .low = (least), \
	.high = 24 * 3600e9
#define RATE(member) \
	.read = read_real, .kind = UNIT_RATE, .offset = AT(member), .low = 1e-3, .high = 1e7
#define TEXT(member) .read = read_text, .offset = AT(member)
#define FLAG(member) .read = read_flag, .offset = AT(member)

const struct option_row option_rows[] = {
	{.help = "Load"},
	{"connections", 'c', "N", "connections that carry requests (64)",
	 COUNT(connections, 0, 4e6)},
	{"connections-max", 0, "N",
	 "of an open loop: when a request is due and none is free, open another, up to so many in all",
	 COUNT(connections_max, 1, 4e6)},
	{"threads", 't', "N",
	 "threads to drive them, an event loop each (1, or as many as the limit of open files asks "
	 "for)",
	 COUNT(threads, 1, 1024)},
	{"rate", 'r', "RATE",
	 "requests a second (5k, 250/s, 0.5), due on schedule, answered or not; without it each "
	 "connection sends as soon as it has its answer",
	 RATE(rate_per_s)},
	{"arrivals", 0, "KIND", "of a rate: constant (even distances) or poisson (at random)",
	 .read = read_arrivals},
	{"stages", 0, "LIST",
	 "a rate that changes: 10s:1k,30s:1k-10k holds 1,000/s, then rises steadily; "
	 "10s:100c is 100 connections of a closed loop",
	 .read = read_stages},
	{"find-max", 0, "TIME",
	 "find the highest Poisson rate that is held for --duration with p99 within TIME, no error "
	 "and 99 % answered",
	 TIME(find_max_ns, 1e3)},
	{"burst", 0, NULL, "one request on each connection, all at the same moment", FLAG(burst)},
	{"outstanding", 0, "N",
	 "of a burst, requests under way at most (answers that wait to be read take a page each: as "
	 "many as half of what TCP may have before it saves memory)",
	 COUNT(outstanding, 1, 1e9)},
	{"duration", 'd', "TIME", "how long to measure (10s)", TIME(duration_ns, 1e6)},
	{"requests-max", 'n', "N",
	 "stop when so many requests have their answers (no limit); with it there is no warm-up, and no "
	 "end of the time, if not said",
	 COUNT(requests_max, 1, 1e15)},
	{"warmup", 0, "TIME", "how long to load before that, uncounted (1s)", TIME(warmup_ns, 0)},
	{"timeout", 0, "TIME", "the most that one request may take, from when it is sent (10s)",
	 TIME(timeout_ns, 1e6)},
	{"drain", 0, "TIME",
	 "how long to go on behind the measured time, for the answers to what was due in it; what "
	 "has none then makes percentiles \"at least\" (as --timeout)",
	 TIME(drain_ns, 0)},
	{"slices-fd", 0, "N",
	 "measure in slices: offer the load only when this descriptor says so, in lines: \"lead 20ms\" "
	 "(uncounted), \"slice 100ms\", \"end\"; between them connections rest",
	 .read = read_readable_descriptor, .offset = AT(slices_fd)},
	{"spin", 0, "TIME",
	 "so long before a request is due, poll instead of sleeping (100us if not said): precise, and "
	 "a core is busy with it",
	 .read = read_spin, .argument_is_optional = true},
	{"conductor", 0, NULL,
	 "of several ranks (tenk-load-mpi): rank 0 conducts and loads nothing itself",
	 FLAG(conductor)},
	{"seed", 0, "N",
	 "of all that is random: Poisson arrivals, the choice among requests, think times (1)",
	 COUNT(seed, 0, 9e15)},

	{.help = "Connections"},
	{"pipelining", 0, "N", "requests under way on a connection at the same time (1)",
	 COUNT(pipelining, 1, OPTIONS_PIPELINING_MAX)},
	{"requests-per-connection", 0, "N",
	 "close after so many answers and open another (no limit)",
	 COUNT(requests_per_connection, 1, 1e12)},
	{"close", 0, "HOW",
	 "fin (in order; with --requests-per-connection if not said) or reset (else: no port stays "
	 "in TIME_WAIT, so they do not run out)",
	 .read = read_closing},
	{"connect-rate", 0, "RATE", "connections opened a second at most (as fast as they come)",
	 RATE(connect_rate_per_s)},
	{"think-time", 0, "[exp:]TIME",
	 "between an answer and the next request of a closed loop (0); exp: at random with this mean, "
	 "exponentially distributed",
	 .read = read_think_time},
	{"source", 0, "ADDRESS[/BITS]",
	 "connect from this address, or from all of 127.0.1.0/24 in turn", TEXT(source)},
	{"connect-to", 0, "HOST:PORT",
	 "connect there; what the URL says is still what is asked for, and what a certificate is for",
	 TEXT(connect_to)},
	{"unix", 0, "PATH", "likewise, to a Unix socket", TEXT(unix_path)},

	{.help = "TLS (https://)"},
	{"insecure", 0, NULL, "accept any certificate, whoever it is for", FLAG(insecure)},
	{"tls-ca", 0, "FILE", "trust these certificates (PEM), and not the system's", TEXT(tls_ca)},
	{"tls-sessions", 0, "on|off",
	 "whether a connection that is opened again resumes its session, or all handshakes are full "
	 "ones (on)",
	 .read = read_switch, .offset = AT(tls_sessions)},

	{.help = "A crowd beside them"},
	{"idle", 0, "N", "connections to use once and hold silent to the end (0)",
	 COUNT(idle, 0, 4e6)},
	{"slow-readers", 0, "N", "connections that take their answers slowly, again and again (0)",
	 COUNT(slow_readers, 0, 4e6)},
	{"slow-writers", 0, "N", "connections that send their requests slowly, again and again (0)",
	 COUNT(slow_writers, 0, 4e6)},
	{"slow-rate", 0, "BYTES", "how slowly: bytes a second of each (10)", .read = read_quantity,
	 .kind = UNIT_BYTES, .offset = AT(slow_bytes_per_s), .low = 1, .high = 1e9},

	{.help = "Request"},
	{"method", 0, "NAME", "GET, or POST when there is a body", TEXT(method)},
	{"header", 'H', "LINE", "add \"Name: value\"; may be repeated", .read = read_header},
	{"body", 0, "TEXT|@FILE", "what to send", .read = read_body},
	{"request", 0, "\"WEIGHT[:NAME] METHOD /PATH [TEXT|@FILE]\"",
	 "one kind of a mix, which has figures of its own under that name; may be repeated (at most 64), "
	 "and takes the place of the URL's path. Weights are exact shares: of 99 and 1 every hundred "
	 "requests have one of the second, at a random place. --expect-... behind it is of this kind "
	 "alone",
	 .read = read_request},

	{"requests", 0, "FILE",
	 "such a mix from a file, one JSON object a line: {\"name\": \"echo\", \"method\": \"POST\", "
	 "\"path\": \"/echo\", \"headers\": {\"Name\": \"value\"}, \"body\": \"text\", \"weight\": 3, "
	 "\"expect\": {\"status\": \"2xx\", \"body\": \"text\"}}; or \"url\" for path",
	 TEXT(requests_file)},

	{.help = "What a good answer is (behind a --request: to that one; before: to all)"},
	{"expect-status", 0, "CODE", "204, or a class such as 3xx (2xx)", .read = read_status},
	{"expect-length", 0, "BYTES",
	 "length of the body, or \"any\"; without it all answers to a request must be as long as the "
	 "first good one",
	 .read = read_length},
	{"expect-body", 0, "TEXT|@FILE", "the body, byte for byte", .read = read_expect_body},
	{"expect-crc32", 0, "HEX", "the CRC-32 of the body, as zlib, gzip and crc32(1) have it",
	 .read = read_crc32},
	{"expect-header", 0, "NAME[: VALUE]", "a header field that must be there, with this value",
	 .read = read_expect_header},

	{"fail-if", 0, "CONDITION",
	 "exit with 4 if this holds: p99>20ms, max>1s, mean>5ms, errors>0, answered<99%, rate<5k; of a "
	 "kind of a mix p99@quick>20ms, and silent@quick>5%, the share of 100 ms without an answer to it; "
	 "may be repeated",
	 .read = read_condition},

	{.help = "Output"},
	{"json", 0, "FILE",
	 "everything, for programs (results/SCHEMA.md); -, as for each of these: standard output",
	 TEXT(json_file)},
	{"percentiles", 0, "LIST",
	 "of response times and all others, at most 8: 50,95,99.9 (50,90,99,99.9); --json has these "
	 "beside its own",
	 .read = read_percentiles},
	{"log", 0, "FILE", "response times as a HdrHistogram log (V2)", TEXT(log_file)},
	{"log-interval", 0, "TIME",
	 "a line of --log for each TIME (1s if not said), as it passes: together they are the one",
	 .read = read_log_interval, .argument_is_optional = true},
	{"hgrm", 0, "FILE", "response times as a percentile distribution (.hgrm, milliseconds)",
	 TEXT(hgrm_file)},
	{"intervals", 0, "FILE", "one line of JSON for each 100 ms", TEXT(intervals_file)},
	{"csv", 0, "FILE", "the same as comma-separated values", TEXT(csv_file)},
	{"events-fd", 0, "N", "write events to this descriptor as they happen",
	 .read = read_descriptor, .offset = AT(events_fd)},
	{"first-byte", 0, NULL,
	 "time the first byte of each good answer too, from when its request was sent",
	 FLAG(first_byte)},
	{"fairness", 0, NULL, "keep response times of each connection, and compare their p99s",
	 FLAG(fairness)},
	{"watch", 0, NULL, "show the load on the whole screen while it runs", FLAG(watch)},
	{"quiet", 'q', NULL, "nothing on the screen but errors", FLAG(quiet)},
};

const size_t option_row_count = sizeof(option_rows) / sizeof(option_rows[0]);

_Static_assert(sizeof(option_rows) / sizeof(option_rows[0]) <= OPTION_ROWS_MAX, "a bit for each");
