#include "loadgen/answer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

bool answer_looks_closely(const struct options *options)
{
	return options->expect_body || options->expect_crc32 || options->expect_header;
}

static void compare_body(const struct options *options, struct connection *connection,
			 const struct response_part *part)
{
	uint64_t offset = connection->parser.body_bytes - part->size;

	/* What is longer than expected is an error of length. */
	if (connection->parser.body_bytes <= options->expect_body_bytes &&
	    memcmp(options->expect_body + offset, part->data, part->size) != 0)
		connection->body_differs = true;
}

void answer_look(const struct options *options, struct connection *connection, const char *head,
		 const char *end, const struct response_part *body)
{
	if (options->expect_header)
		header_match_read(&connection->header, options->expect_header, head,
				  (size_t)(end - head));
	if (body && options->expect_body)
		compare_body(options, connection, body);
	if (body && options->expect_crc32)
		connection->crc32 = (uint32_t)crc32_z(connection->crc32, (const Bytef *)body->data,
						      body->size);
}

static bool length_fits(const struct worker *worker, size_t request, uint64_t length)
{
	uint64_t expected = worker->expected_length[request];

	return expected == length || expected == OPTIONS_ANY_LENGTH ||
	       expected == OPTIONS_LEARN_LENGTH;
}

/* Where no length is given, that of the first answer is expected in which nothing else is wrong. */
static void learn_length(struct worker *worker, size_t request, uint64_t length)
{
	uint64_t expected = OPTIONS_LEARN_LENGTH;

	if (worker->expected_length[request] != OPTIONS_LEARN_LENGTH)
		return;
	/* Another thread may have learnt it meanwhile. */
	if (atomic_compare_exchange_strong(&worker->load->expected_length[request], &expected,
					   length))
		expected = length;
	worker->expected_length[request] = expected;
}

static enum error_class judge_length(const struct worker *worker, size_t request, uint64_t length,
				     char example[FAILURE_EXAMPLE_BYTES])
{
	if (length_fits(worker, request, length))
		return ERROR_NONE;
	snprintf(example, FAILURE_EXAMPLE_BYTES,
		 "%" PRIu64 " bytes came, expected were %" PRIu64 "%s", length,
		 worker->expected_length[request],
		 worker->load->options->expect_length == OPTIONS_LEARN_LENGTH ? ", as at first"
									      : "");
	return ERROR_LENGTH;
}

enum error_class answer_judge(struct worker *worker, const struct connection *connection,
			      const struct exchange *exchange, char example[FAILURE_EXAMPLE_BYTES])
{
	const struct options *options = worker->load->options;
	const struct response_parser *answer = &connection->parser;

	if (!answer_status_is_good(options, answer)) {
		snprintf(example, FAILURE_EXAMPLE_BYTES, "%u came, expected was %u to %u",
			 answer->status, options->status_low, options->status_high);
		return ERROR_STATUS;
	}
	if (options->expect_header && !connection->header.found) {
		snprintf(example, FAILURE_EXAMPLE_BYTES, "%.60s: %s", options->expect_header,
			 connection->header.named ? "another value came" : "not there");
		return ERROR_HEADER;
	}
	if (judge_length(worker, exchange->request, answer->body_bytes, example) != ERROR_NONE)
		return ERROR_LENGTH;
	if (options->expect_crc32 && connection->crc32 != options->crc32) {
		snprintf(example, FAILURE_EXAMPLE_BYTES, "CRC-32 %08" PRIx32 " came",
			 connection->crc32);
		return ERROR_BODY;
	}
	if (connection->body_differs) {
		snprintf(example, FAILURE_EXAMPLE_BYTES, "of the right length, with other bytes");
		return ERROR_BODY;
	}
	if (worker->expected_length[exchange->request] != OPTIONS_LEARN_LENGTH)
		return ERROR_NONE;
	learn_length(worker, exchange->request, answer->body_bytes);
	return judge_length(worker, exchange->request, answer->body_bytes, example);
}
