/* Whether an answer is what was expected: status, length, body, a header field. */
#ifndef TENK_ANSWER_H
#define TENK_ANSWER_H

#include "loadgen/failure.h"
#include "loadgen/header_match.h"
#include "loadgen/request.h"
#include "loadgen/response_parser.h"

#include <stdatomic.h>

/*
 * What is expected, as a thread knows it. Where no length was given, that of the first good answer to
 * a request is learnt, by all threads together.
 */
struct expectation {
	const struct expected *expected[OPTIONS_REQUESTS_MAX]; /* of each request */
	bool looks_closely; /* at bodies or header fields of some: answer_look is needed */
	uint64_t length[OPTIONS_REQUESTS_MAX]; /* to each request; or one of the OPTIONS_ values */
	_Atomic uint64_t *learnt;	       /* the same, shared by all threads */
};

void expectation_init(struct expectation *expectation, const struct mix *mix,
		      _Atomic uint64_t learnt[OPTIONS_REQUESTS_MAX]);

/* What is kept of an answer while it comes. Zeroed before each. */
struct answer {
	bool body_differs;
	struct header_match header; /* with --expect-header */
	uint32_t crc32;
};

/*
 * Looks at what has come of the answer to a request of which that is expected: bytes from `head` to before
 * `end` that are no body, and a piece of one, of which the parser has counted the bytes.
 */
void answer_look(struct answer *answer, const struct expected *expected,
		 const struct response_parser *parser, const char *head, const char *end,
		 const struct response_part *body);

/*
 * What is wrong with the answer to a request of the mix that is complete, with an example of it;
 * ERROR_NONE: nothing.
 */
enum error_class answer_judge(const struct answer *answer, struct expectation *expectation,
			      const struct response_parser *parser, size_t request,
			      char example[FAILURE_EXAMPLE_BYTES]);

#endif
