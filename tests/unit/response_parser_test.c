#include "loadgen/response_memory.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A response as it should be read; `consumed` 0 means all of it. */
struct sample {
	const char *name, *text, *body;
	unsigned status;
	bool keep_alive, head_request, until_close;
	size_t surplus; /* bytes behind the response */
};

static const struct sample good_samples[] = {
	{.name = "plain",
	 .text = "HTTP/1.1 200 OK\r\nContent-Length: 13\r\nDate: now\r\n\r\nHello, World!",
	 .body = "Hello, World!",
	 .status = 200,
	 .keep_alive = true},
	{.name = "no body",
	 .text = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
	 .body = "",
	 .status = 200,
	 .keep_alive = true},
	{.name = "case of names and values does not matter",
	 .text = "HTTP/1.1 404 Not Found\r\ncONTENT-lENGTH:\t5 \r\nCONNECTION: Close\r\n\r\n12345",
	 .body = "12345",
	 .status = 404},
	{.name = "no reason",
	 .text = "HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx",
	 .body = "x",
	 .status = 200,
	 .keep_alive = true},
	{.name = "an empty reason, line feeds alone",
	 .text = "HTTP/1.1 200 \nContent-Length: 2\n\nxy",
	 .body = "xy",
	 .status = 200,
	 .keep_alive = true},
	{.name = "names that begin like those that are read",
	 .text = "HTTP/1.1 200 OK\r\nContent-Lengthy: 9\r\nContent: 8\r\nConnections: close\r\n"
		 "Transfer: chunked\r\nC: d\r\nContent-Length: 3\r\nEmpty:\r\n\r\nabc",
	 .body = "abc",
	 .status = 200,
	 .keep_alive = true},
	{.name = "a repeated length that agrees",
	 .text = "HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\nContent-Length: 3\r\n\r\nabc",
	 .body = "abc",
	 .status = 200,
	 .keep_alive = true},
	{.name = "chunked",
	 .text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		 "5\r\nHello\r\n0A;name=\"v\"\r\n, chunked \r\n6 \r\nworld!\r\n0\r\n\r\n",
	 .body = "Hello, chunked world!",
	 .status = 200,
	 .keep_alive = true},
	{.name = "chunked with trailers and line feeds alone",
	 .text = "HTTP/1.1 200 OK\nTransfer-Encoding: CHUNKED\n\n3\nabc\n0\nChecksum: 1\nB: 2\n\n",
	 .body = "abc",
	 .status = 200,
	 .keep_alive = true},
	{.name = "chunked behind another coding, on two lines",
	 .text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: , chunked\r\n\r\n"
		 "1\r\nz\r\n0\r\n\r\n",
	 .body = "z",
	 .status = 200,
	 .keep_alive = true},
	{.name = "a coding that does not frame lasts until the close",
	 .text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\nabc",
	 .body = "abc",
	 .status = 200,
	 .until_close = true},
	{.name = "chunked with a parameter is another coding",
	 .text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked;q=1\r\n\r\nabc",
	 .body = "abc",
	 .status = 200,
	 .until_close = true},
	{.name = "both framings: chunked counts, the connection is not trusted",
	 .text = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n"
		 "2\r\nok\r\n0\r\n\r\n",
	 .body = "ok",
	 .status = 200},
	{.name = "until the close",
	 .text = "HTTP/1.1 200 OK\r\nServer: old\r\n\r\nall of this",
	 .body = "all of this",
	 .status = 200,
	 .until_close = true},
	{.name = "HTTP/1.0 closes",
	 .text = "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nno",
	 .body = "no",
	 .status = 200},
	{.name = "HTTP/1.0 keeps alive when it says so",
	 .text = "HTTP/1.0 200 OK\r\nConnection: x, keep-alive ,y\r\nContent-Length: 3\r\n\r\nyes",
	 .body = "yes",
	 .status = 200,
	 .keep_alive = true},
	{.name = "close among other options",
	 .text = "HTTP/1.1 200 OK\r\nConnection: foo,, close\r\nContent-Length: 0\r\n\r\n",
	 .body = "",
	 .status = 200},
	{.name = "words with a blank inside are no options",
	 .text = "HTTP/1.1 200 OK\r\nConnection: clo se, close now\r\nContent-Length: 0\r\n\r\n",
	 .body = "",
	 .status = 200,
	 .keep_alive = true},
	{.name = "a folded value is one value",
	 .text = "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nConnection:\r\n\tclose,\r\n y\r\n"
		 "Content-Length:\r\n 4\r\n\r\nfold",
	 .body = "fold",
	 .status = 200},
	{.name = "interim responses are passed over",
	 .text = "HTTP/1.1 100 Continue\r\nContent-Length: 7\r\nConnection: close\r\n\r\n"
		 "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n!",
	 .body = "!",
	 .status = 200,
	 .keep_alive = true},
	{.name = "204 has no body",
	 .text = "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
	 .body = "",
	 .status = 204,
	 .keep_alive = true},
	{.name = "304 has no body",
	 .text = "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n",
	 .body = "",
	 .status = 304,
	 .keep_alive = true},
	{.name = "HEAD has no body",
	 .text = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n",
	 .body = "",
	 .status = 200,
	 .keep_alive = true,
	 .head_request = true},
	{.name = "HEAD without a length",
	 .text = "HTTP/1.1 200 OK\r\nServer: x\r\n\r\n",
	 .body = "",
	 .status = 200,
	 .keep_alive = true,
	 .head_request = true},
	{.name = "an upgrade that nobody asked for ends the connection",
	 .text = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
	 .body = "",
	 .status = 101},
	{.name = "what comes behind stays",
	 .text = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n",
	 .body = "ok",
	 .status = 200,
	 .keep_alive = true,
	 .surplus = 17},
};

static const char *const bad_samples[] = {
	"HTTP/2.0 200 OK\r\n\r\n",
	"HTTP/1.1  200 OK\r\n\r\n",
	"HTTP/1.1 20 OK\r\n\r\n",
	"HTTP/1.1 2000 OK\r\n\r\n",
	"HTTP/1.1 099 OK\r\n\r\n",
	"HTTP/1.x 200 OK\r\n\r\n",
	"http/1.1 200 OK\r\n\r\n",
	"\r\nHTTP/1.1 200 OK\r\n\r\n",
	"GET / HTTP/1.1\r\n\r\n",
	"HTTP/1.1 200 OK\r\n folded: first\r\n\r\n",
	"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
	"HTTP/1.1 200 OK\r\nblank before : x\r\n\r\n",
	"HTTP/1.1 200 OK\r\n: no name\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\rx",
	"HTTP/1.1 200 OK\r\nContent-Length: 1\rX: y\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 0x10\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 1 2\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 1,\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775808\r\n\r\n",
	"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n;x\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ng\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\rx",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\rb",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\rx",
};

enum { GOOD = sizeof(good_samples) / sizeof(good_samples[0]) };

enum { BAD = sizeof(bad_samples) / sizeof(bad_samples[0]) };

/* The input ends right before a page that cannot be read: one byte too far is a crash. */
static char *guarded_end;

static void setup_guard(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			   0);

	cr_assert_neq(pages, MAP_FAILED);
	cr_assert_eq(mprotect(pages + page, page, PROT_NONE), 0);
	guarded_end = pages + page;
}

struct reading {
	struct response_memory *memory; /* NULL: none */
	struct response_parser parser;
	char body[256];
	size_t body_bytes, consumed;
};

static enum response_step read_on(struct reading *reading, const char **at,
				  struct response_part *part)
{
	if (reading->memory)
		return response_read(reading->memory, &reading->parser, at, guarded_end, part);
	return response_parse(&reading->parser, at, guarded_end, part);
}

/* Feeds one piece from guarded memory; the step at which it stopped. */
static enum response_step feed(struct reading *reading, const char *text, size_t size)
{
	char *start = guarded_end - size;
	const char *at = start;
	struct response_part part;
	enum response_step step;

	memcpy(start, text, size);
	while ((step = read_on(reading, &at, &part)) == RESPONSE_BODY) {
		cr_assert_gt(part.size, 0);
		cr_assert_leq(reading->body_bytes + part.size, sizeof(reading->body));
		memcpy(reading->body + reading->body_bytes, part.data, part.size);
		reading->body_bytes += part.size;
	}
	reading->consumed += (size_t)(at - start);
	return step;
}

/* Checks a sample that was fed in pieces of the given sizes (the last one repeats). */
static void check_good_with(struct response_memory *memory, const struct sample *sample,
			    size_t first, size_t rest)
{
	struct reading reading = {.memory = memory};
	size_t total = strlen(sample->text), offset = 0;
	enum response_step step = RESPONSE_MORE;

	response_parser_init(&reading.parser, sample->head_request);
	for (size_t size = first; offset < total && step == RESPONSE_MORE; size = rest) {
		if (size > total - offset)
			size = total - offset;
		step = feed(&reading, sample->text + offset, size);
		offset += size;
	}
	if (sample->until_close) {
		cr_assert_eq(step, RESPONSE_MORE, "%s", sample->name);
		cr_assert(response_parse_end(&reading.parser), "%s", sample->name);
		step = feed(&reading, "", 0);
	} else {
		cr_assert_not(response_parse_end(&reading.parser), "%s", sample->name);
	}
	cr_assert_eq(step, RESPONSE_DONE, "%s, split at %zu", sample->name, first);
	cr_assert_eq(reading.consumed, total - sample->surplus, "%s, split at %zu: %zu",
		     sample->name, first, reading.consumed);
	cr_assert_eq(reading.parser.status, sample->status, "%s", sample->name);
	cr_assert_eq(reading.parser.keep_alive, sample->keep_alive, "%s", sample->name);
	cr_assert_eq(reading.body_bytes, strlen(sample->body), "%s", sample->name);
	cr_assert_eq(reading.parser.body_bytes, strlen(sample->body), "%s", sample->name);
	cr_assert_eq(memcmp(reading.body, sample->body, reading.body_bytes), 0, "%s", sample->name);
}

static void check_good(const struct sample *sample, size_t first, size_t rest)
{
	check_good_with(NULL, sample, first, rest);
}

Test(response_parser, reads_whole_responses, .init = setup_guard)
{
	for (size_t i = 0; i < GOOD; i++)
		check_good(&good_samples[i], 1 << 20, 1);
}

Test(response_parser, reads_responses_split_in_two_at_every_byte, .init = setup_guard)
{
	for (size_t i = 0; i < GOOD; i++)
		for (size_t split = 1; split < strlen(good_samples[i].text); split++)
			check_good(&good_samples[i], split, 1 << 20);
}

Test(response_parser, reads_responses_in_small_pieces, .init = setup_guard)
{
	for (size_t i = 0; i < GOOD; i++)
		for (size_t size = 1; size < 8; size++)
			check_good(&good_samples[i], size, size);
}

/* Split or not, and at whatever byte, wrong stays wrong. */
Test(response_parser, refuses_what_is_not_http, .init = setup_guard)
{
	for (size_t i = 0; i < BAD; i++) {
		size_t total = strlen(bad_samples[i]);

		for (size_t split = 0; split < total; split++) {
			struct reading reading = {.body_bytes = 0};
			enum response_step step;

			response_parser_init(&reading.parser, false);
			step = feed(&reading, bad_samples[i], split);
			if (step == RESPONSE_MORE)
				step = feed(&reading, bad_samples[i] + split, total - split);
			cr_assert_eq(step, RESPONSE_INVALID, "\"%s\" split at %zu", bad_samples[i],
				     split);
			cr_assert_eq(feed(&reading, "HTTP/1.1 200 OK\r\n\r\n", 19),
				     RESPONSE_INVALID, "it must stay there");
		}
	}
}

Test(response_parser, a_response_that_is_cut_is_not_complete, .init = setup_guard)
{
	for (size_t i = 0; i < GOOD; i++) {
		const struct sample *sample = &good_samples[i];
		size_t total = strlen(sample->text) - sample->surplus;

		for (size_t cut = 0; cut < total && !sample->until_close; cut++) {
			struct reading reading = {.body_bytes = 0};

			response_parser_init(&reading.parser, sample->head_request);
			cr_assert_eq(feed(&reading, sample->text, cut), RESPONSE_MORE, "%s",
				     sample->name);
			cr_assert_not(response_parse_end(&reading.parser), "%s cut at %zu",
				      sample->name, cut);
		}
	}
}

static void check_endless(const char *begin, const char *repeated)
{
	struct reading reading = {.body_bytes = 0};
	size_t size = strlen(repeated), fed = 0;

	response_parser_init(&reading.parser, false);
	cr_assert_eq(feed(&reading, begin, strlen(begin)), RESPONSE_MORE);
	while (feed(&reading, repeated, size) == RESPONSE_MORE) {
		fed += size;
		cr_assert_leq(fed, (size_t)RESPONSE_HEAD_MAX_BYTES, "\"%s\" has no end", repeated);
	}
	cr_assert_eq(feed(&reading, "", 0), RESPONSE_INVALID);
}

Test(response_parser, nothing_goes_on_for_ever, .init = setup_guard)
{
	check_endless("HTTP/1.1 200 ", "reason");
	check_endless("HTTP/1.1 200 OK\r\n", "name");
	check_endless("HTTP/1.1 200 OK\r\n", "Name: value\r\n");
	check_endless("HTTP/1.1 200 OK\r\nConnection:", " word ,");
	check_endless("HTTP/1.1 200 OK\r\nContent-Length:", " ");
	check_endless("", "HTTP/1.1 100 Continue\r\n\r\n");
	check_endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "0");
	check_endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", "extension");
	check_endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "A: b\r\n");
}

Test(response_parser, many_small_chunks_are_no_long_head, .init = setup_guard)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
	struct reading reading = {.body_bytes = 0};

	response_parser_init(&reading.parser, false);
	cr_assert_eq(feed(&reading, head, strlen(head)), RESPONSE_MORE);
	for (int i = 0; i < RESPONSE_HEAD_MAX_BYTES; i++) {
		reading.body_bytes = 0;
		cr_assert_eq(feed(&reading, "1\r\nx\r\n", 6), RESPONSE_MORE);
	}
	cr_assert_eq(feed(&reading, "0\r\n\r\n", 5), RESPONSE_DONE);
	cr_assert_eq(reading.parser.body_bytes, RESPONSE_HEAD_MAX_BYTES);
}

/* Whatever the bytes are, and wherever they are split, the outcome is the same. */
Test(response_parser, splitting_never_changes_the_outcome, .init = setup_guard)
{
	uint64_t random = 1234567;

	for (int round = 0; round < 60000; round++) {
		const struct sample *sample = &good_samples[(size_t)round % GOOD];
		size_t total = strlen(sample->text), split;
		struct reading whole = {.body_bytes = 0}, parts = {.body_bytes = 0};
		enum response_step whole_step, parts_step;
		char text[512];

		memcpy(text, sample->text, total);
		for (int changes = 0; changes < 3; changes++) {
			static const char bytes[] = "\r\n :,;0129aAfHTPclose-\t\x80";

			random = random * 6364136223846793005u + 1442695040888963407u;
			text[random >> 33 & 511 ? (random >> 33) % total : 0] =
				bytes[(random >> 20) % (sizeof(bytes) - 1)];
		}
		split = (random >> 40) % total;
		response_parser_init(&whole.parser, sample->head_request);
		response_parser_init(&parts.parser, sample->head_request);
		whole_step = feed(&whole, text, total);
		parts_step = feed(&parts, text, split);
		if (parts_step == RESPONSE_MORE)
			parts_step = feed(&parts, text + split, total - split);
		cr_assert_eq(whole_step, parts_step);
		cr_assert_eq(whole.consumed, parts.consumed);
		cr_assert_eq(whole.body_bytes, parts.body_bytes);
		cr_assert_eq(memcmp(whole.body, parts.body, whole.body_bytes), 0);
	}
}

/* The same bytes, told by the memory and read anew, mean the same. */
static void compare_memory(struct response_memory *memory, const char *text, size_t total,
			   size_t split, bool head_request)
{
	struct reading plain = {.memory = NULL}, told = {.memory = memory};
	enum response_step plain_step, told_step;

	response_parser_init(&plain.parser, head_request);
	response_parser_init(&told.parser, head_request);
	plain_step = feed(&plain, text, total);
	told_step = feed(&told, text, split);
	if (told_step == RESPONSE_MORE)
		told_step = feed(&told, text + split, total - split);
	cr_assert_eq(plain_step, told_step);
	cr_assert_eq(plain.consumed, told.consumed);
	cr_assert_eq(plain.body_bytes, told.body_bytes);
	cr_assert_eq(memcmp(plain.body, told.body, plain.body_bytes), 0);
	cr_assert_eq(plain.parser.status, told.parser.status);
	cr_assert_eq(plain.parser.keep_alive, told.parser.keep_alive);
}

Test(response_parser, a_head_that_is_known_is_read_alike, .init = setup_guard)
{
	for (size_t i = 0; i < GOOD; i++) {
		const struct sample *sample = &good_samples[i];
		size_t total = strlen(sample->text);
		struct response_memory memory = {.size = 0};

		check_good_with(&memory, sample, total, 1);
		if (!strcasestr(sample->text, "transfer-encoding"))
			cr_assert(memory.size > 0 || sample->until_close, "%s", sample->name);
		cr_assert_leq(memory.size, total);
		for (size_t split = 1; split <= total; split++)
			check_good_with(&memory, sample, split, 1 << 20);
		for (size_t at = 0; at < total; at++) {
			char text[512];

			memcpy(text, sample->text, total);
			text[at] ^= 1;
			compare_memory(&memory, text, total, total, sample->head_request);
			compare_memory(&memory, text, total, at, sample->head_request);
			compare_memory(&memory, sample->text, total, at, sample->head_request);
		}
	}
}

Test(response_parser, the_memory_follows_a_head_that_changes, .init = setup_guard)
{
	struct response_memory memory = {.size = 0};
	char text[64];

	for (int i = 0; i < 1000; i++) {
		/* A clock that moves on; then nothing but different heads. */
		size_t total = (size_t)snprintf(
			text, sizeof(text),
			"HTTP/1.1 200 OK\r\nDate: %d\r\nContent-Length: %d\r\n\r\n",
			i < 500 ? i / 100 : i, i < 500 ? i / 100 % 2 : 0);

		if (i < 500 && i / 100 % 2)
			text[total++] = 'x';
		compare_memory(&memory, text, total, total, false);
		if (i % 100 == 99 && i < 500)
			cr_assert_eq(memcmp(memory.head, text, memory.size), 0);
	}
}

Test(response_parser, a_connection_in_the_middle_of_a_header_costs_little)
{
	cr_assert_leq(sizeof(struct response_parser), 64);
}
