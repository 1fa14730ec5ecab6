/* Whether an answer is what was expected: status, length, body, a header field. */
#ifndef TENK_ANSWER_H
#define TENK_ANSWER_H

#include "loadgen/worker.h"

/* Whether answer_look is needed: something about bodies or fields was asked for. */
bool answer_looks_closely(const struct options *options);

/* Before every answer. */
static inline void answer_begin(struct connection *connection)
{
	connection->body_differs = false;
	connection->crc32 = 0;
	connection->header = (struct header_match){0};
}

/* Looks at what has come: bytes from `head` to before `end` that are no body, and a piece of one. */
void answer_look(const struct options *options, struct connection *connection, const char *head,
		 const char *end, const struct response_part *body);

static inline bool answer_status_is_good(const struct options *options,
					 const struct response_parser *answer)
{
	return answer->status >= options->status_low && answer->status <= options->status_high;
}

/* What is wrong with the answer that is complete, with an example of it; ERROR_NONE: nothing. */
enum error_class answer_judge(struct worker *worker, const struct connection *connection,
			      const struct exchange *exchange, char example[FAILURE_EXAMPLE_BYTES]);

#endif
