#include "loadgen/options.h"
#include "lib/clock.h"
#include "lib/temporary.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORDS_MAX = 16 };

static struct options options;

/* Parses "tenk-load" and these words, up to NULL. */
static void parse(const char *first, ...)
{
	char *words[WORDS_MAX] = {"tenk-load"};
	int count = 1;
	va_list list;

	va_start(list, first);
	for (const char *word = first; word; word = va_arg(list, const char *)) {
		cr_assert_lt(count, WORDS_MAX - 1);
		words[count++] = (char *)(uintptr_t)word; /* argp only reads them */
	}
	va_end(list);
	options_parse(&options, count, words);
}

static const char url[] = "http://127.0.0.1:8080/";

Test(load_options, have_defaults)
{
	parse(url, NULL);
	cr_assert_str_eq(options.url, url);
	cr_assert_eq(options.connections, 64);
	cr_assert_eq(options.threads, 0, "as many as it takes");
	cr_assert_eq(options.arrivals, ARRIVALS_CLOSED);
	cr_assert_eq(options.pipelining, 1);
	cr_assert_eq(options.closing, CLOSING_RESET);
	cr_assert_eq(options.drain_ns, options.timeout_ns);
	cr_assert_eq(options.spin_ns, 0);
	cr_assert_eq(options.idle, 0);
	cr_assert_eq(options.rate_per_s, 0);
	cr_assert_eq(options.duration_ns, 10 * NS_PER_S);
	cr_assert_eq(options.warmup_ns, NS_PER_S);
	cr_assert_eq(options.timeout_ns, 10 * NS_PER_S);
	cr_assert_str_eq(options.method, "GET");
	cr_assert_eq(options.expect.status_low, 200);
	cr_assert_eq(options.expect.status_high, 299);
	cr_assert_eq(options.expect.length, EXPECTED_LEARN_LENGTH);
	cr_assert_eq(options.events_fd, -1);
	cr_assert_not(options.quiet);
}

Test(load_options, closing_follows_from_what_is_measured)
{
	parse("--requests-per-connection", "1", url, NULL);
	cr_assert_eq(options.closing, CLOSING_FIN);
	parse("--requests-per-connection", "1", "--close", "reset", url, NULL);
	cr_assert_eq(options.closing, CLOSING_RESET);
	parse("--close=fin", url, NULL);
	cr_assert_eq(options.closing, CLOSING_FIN);
}

Test(load_options, are_read_with_their_units)
{
	parse("--connections", "10k", "--threads=2", "--idle", "1.5k", "--rate", "5k/s",
	      "--duration", "30s", "--warmup=250ms", "--timeout", "2min", url, NULL);
	cr_assert_eq(options.connections, 10000);
	cr_assert_eq(options.threads, 2);
	cr_assert_eq(options.idle, 1500);
	cr_assert_float_eq(options.rate_per_s, 5000, 1e-9);
	cr_assert_eq(options.duration_ns, 30 * NS_PER_S);
	cr_assert_eq(options.warmup_ns, 250 * NS_PER_MS);
	cr_assert_eq(options.timeout_ns, 120 * NS_PER_S);
}

Test(load_options, what_is_good_can_be_said)
{
	parse("--expect-status", "3xx", "--expect-length", "any", url, NULL);
	cr_assert_eq(options.expect.status_low, 300);
	cr_assert_eq(options.expect.status_high, 399);
	cr_assert_eq(options.expect.length, EXPECTED_ANY_LENGTH);
	parse("--expect-status", "204", "--expect-length", "2KiB", url, NULL);
	cr_assert_eq(options.expect.status_low, 204);
	cr_assert_eq(options.expect.status_high, 204);
	cr_assert_eq(options.expect.length, 2048);
	parse("--expect-body", "hello", url, NULL);
	cr_assert_eq(options.expect.length, 5, "the body says how long it is");
	options_destroy(&options);
}

Test(load_options, a_body_makes_it_a_post_unless_said_otherwise)
{
	parse("--body", "x=1", url, NULL);
	cr_assert_str_eq(options.method, "POST");
	cr_assert_eq(options.body_bytes, 3);
	options_destroy(&options);
	parse("--body", "@@x", "--method", "PUT", url, NULL);
	cr_assert_str_eq(options.method, "PUT");
	cr_assert_eq(memcmp(options.body, "@x", 2), 0, "@@ stands for @");
	options_destroy(&options);
}

Test(load_options, a_body_is_read_from_a_file_byte_for_byte)
{
	char name[256], argument[sizeof(name) + 1];
	int descriptor;

	temporary_template(name, sizeof(name), "tenk-body");
	descriptor = mkstemp(name);
	cr_assert_geq(descriptor, 0);
	cr_assert_eq(write(descriptor, "a\0b\n", 4), 4);
	close(descriptor);
	snprintf(argument, sizeof(argument), "@%s", name);
	parse("--body", argument, url, NULL);
	unlink(name);
	cr_assert_eq(options.body_bytes, 4);
	cr_assert_eq(memcmp(options.body, "a\0b\n", 4), 0);
	options_destroy(&options);
}

Test(load_options, of_arrivals)
{
	parse("--rate", "0.5", url, NULL);
	cr_assert_eq(options.arrivals, ARRIVALS_CONSTANT);
	cr_assert_float_eq(options.rate_per_s, 0.5, 1e-12);
	parse("--rate", "5k", "--arrivals", "poisson", "--spin", "--seed", "9", url, NULL);
	cr_assert_eq(options.arrivals, ARRIVALS_POISSON);
	cr_assert_eq(options.spin_ns, 100 * NS_PER_US);
	cr_assert_eq(options.seed, 9);
	parse("--burst", "--spin=20us", url, NULL);
	cr_assert_eq(options.arrivals, ARRIVALS_BURST);
	cr_assert_eq(options.spin_ns, 20 * NS_PER_US);
	parse("--find-max", "10ms", "--arrivals", "poisson", "--duration", "1s", url, NULL);
	cr_assert_eq(options.arrivals, ARRIVALS_POISSON);
	parse("--spin=0s", "--duration", "1s", "--connections", "3", url, NULL);
	cr_assert_eq(options.arrivals, ARRIVALS_CLOSED);
	parse("--stages", "2s:10,1s:20-5", url, NULL);
	cr_assert_eq(options.arrivals, ARRIVALS_CONSTANT);
	cr_assert_eq(options.duration_ns, 3 * NS_PER_S);
	cr_assert_float_eq(options.rate_per_s, 10, 1e-12);
	parse("--stages", "2s:10c,1s:20c", url, NULL);
	cr_assert_eq(options.arrivals, ARRIVALS_CLOSED);
	cr_assert_eq(options.connections, 20);
}

Test(load_options, of_shapes_and_crowds)
{
	parse("--pipelining", "8", "--requests-per-connection", "1", "--connect-rate", "100/s",
	      "--think-time", "5ms", "--slow-readers", "3", "--slow-rate", "1KiB", url, NULL);
	cr_assert_eq(options.pipelining, 8);
	cr_assert_eq(options.requests_per_connection, 1);
	cr_assert_float_eq(options.connect_rate_per_s, 100, 1e-12);
	cr_assert_eq(options.think_time_ns, 5 * NS_PER_MS);
	cr_assert_eq(options_crowd(&options), 3);
	cr_assert_eq(options.slow_bytes_per_s, 1024);
}

Test(load_options, of_checks)
{
	parse("--expect-crc32", "3610a686", "--expect-header", "Server: x", url, NULL);
	cr_assert(options.expect.has_crc32);
	cr_assert_eq(options.expect.crc32, 0x3610a686);
	cr_assert_str_eq(options.expect.header, "Server: x");
}

Test(load_options, wrong_quantity_exits_with_2, .exit_code = 2)
{
	parse("--connections", "1q", url, NULL);
}

Test(load_options, no_url_exits_with_2, .exit_code = 2)
{
	parse("--quiet", NULL);
}

Test(load_options, nothing_to_do_exits_with_2, .exit_code = 2)
{
	parse("--connections", "0", url, NULL);
}

Test(load_options, wrong_status_exits_with_2, .exit_code = 2)
{
	parse("--expect-status", "20", url, NULL);
}

Test(load_options, missing_body_file_exits_with_2, .exit_code = 2)
{
	parse("--body", "@/nonexistent/body", url, NULL);
}

/* Each would have no effect, or another than what was said. */
#define CONTRADICTION(name, ...)                                         \
	Test(load_options, name##_contradict_each_other, .exit_code = 2) \
	{                                                                \
		parse(__VA_ARGS__, url, NULL);                           \
	}

CONTRADICTION(stages_and_a_duration, "--stages", "1s:5", "--duration", "1s")
CONTRADICTION(stages_and_connections, "--stages", "1s:5c", "--connections", "64")
CONTRADICTION(a_search_and_even_arrivals, "--find-max", "1ms", "--arrivals", "constant")
CONTRADICTION(a_burst_and_arrivals, "--burst", "--arrivals", "poisson")
CONTRADICTION(arrivals_and_a_burst, "--arrivals", "constant", "--burst")
CONTRADICTION(spinning_and_a_closed_loop, "--spin")
CONTRADICTION(a_limit_of_a_burst_and_none, "--outstanding", "64")
CONTRADICTION(a_slow_rate_and_nothing_slow, "--slow-rate", "10")
