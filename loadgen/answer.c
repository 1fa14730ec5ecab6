#include "loadgen/answer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

void expectation_init(struct expectation *expectation, const struct mix *mix,
		      _Atomic uint64_t learnt[OPTIONS_REQUESTS_MAX])
{
	expectation->learnt = learnt;
	for (size_t i = 0; i < mix->count; i++) {
		expectation->expected[i] = &mix->request[i].expect;
		expectation->looks_closely |= expected_looks_closely(&mix->request[i].expect);
		expectation->length[i] = atomic_load(&learnt[i]);
	}
}

static void compare_body(struct answer *answer, const struct expected *expected,
			 uint64_t body_bytes, const struct response_part *part)
{
	/* What is longer than expected is an error of length. */
	if (body_bytes <= expected->body_bytes &&
	    memcmp(expected->body + body_bytes - part->size, part->data, part->size) != 0)
		answer->body_differs = true;
}

void answer_look(struct answer *answer, const struct expected *expected,
		 const struct response_parser *parser, const char *head, const char *end,
		 const struct response_part *body)
{
	if (expected->header)
		header_match_read(&answer->header, expected->header, head, (size_t)(end - head));
	if (body && expected->body)
		compare_body(answer, expected, parser->body_bytes, body);
	if (body && expected->has_crc32)
		answer->crc32 = (uint32_t)crc32_z(answer->crc32, (const Bytef *)body->data,
						  body->size);
}

static bool length_fits(const struct expectation *expectation, size_t request, uint64_t length)
{
	uint64_t expected = expectation->length[request];

	return expected == length || expected == EXPECTED_ANY_LENGTH ||
	       expected == EXPECTED_LEARN_LENGTH;
}

/* Where no length is given, that of the first answer is expected in which nothing else is wrong. */
static void learn_length(struct expectation *expectation, size_t request, uint64_t length)
{
	uint64_t expected = EXPECTED_LEARN_LENGTH;

	if (expectation->length[request] != EXPECTED_LEARN_LENGTH)
		return;
	/* Another thread may have learnt it meanwhile. */
	if (atomic_compare_exchange_strong(&expectation->learnt[request], &expected, length))
		expected = length;
	expectation->length[request] = expected;
}

static enum error_class judge_length(const struct expectation *expectation, size_t request,
				     uint64_t length, char example[FAILURE_EXAMPLE_BYTES])
{
	if (length_fits(expectation, request, length))
		return ERROR_NONE;
	snprintf(example, FAILURE_EXAMPLE_BYTES,
		 "%" PRIu64 " bytes came, expected were %" PRIu64 "%s", length,
		 expectation->length[request],
		 expectation->expected[request]->length == EXPECTED_LEARN_LENGTH ? ", as at first"
										 : "");
	return ERROR_LENGTH;
}

enum error_class answer_judge(const struct answer *answer, struct expectation *expectation,
			      const struct response_parser *parser, size_t request,
			      char example[FAILURE_EXAMPLE_BYTES])
{
	const struct expected *expected = expectation->expected[request];

	if (parser->status < expected->status_low || parser->status > expected->status_high) {
		snprintf(example, FAILURE_EXAMPLE_BYTES, "%u came, expected was %u to %u",
			 parser->status, expected->status_low, expected->status_high);
		return ERROR_STATUS;
	}
	if (expected->header && !answer->header.found) {
		snprintf(example, FAILURE_EXAMPLE_BYTES, "%.60s: %s", expected->header,
			 answer->header.named ? "another value came" : "not there");
		return ERROR_HEADER;
	}
	if (judge_length(expectation, request, parser->body_bytes, example) != ERROR_NONE)
		return ERROR_LENGTH;
	if (expected->has_crc32 && answer->crc32 != expected->crc32) {
		snprintf(example, FAILURE_EXAMPLE_BYTES, "CRC-32 %08" PRIx32 " came",
			 answer->crc32);
		return ERROR_BODY;
	}
	if (answer->body_differs) {
		snprintf(example, FAILURE_EXAMPLE_BYTES, "of the right length, with other bytes");
		return ERROR_BODY;
	}
	if (expectation->length[request] != EXPECTED_LEARN_LENGTH)
		return ERROR_NONE;
	learn_length(expectation, request, parser->body_bytes);
	return judge_length(expectation, request, parser->body_bytes, example);
}
