#include "loadgen/response_memory.h"

#include <string.h>

/* Remembering means reading twice, so where all heads differ it is not done for each. */
enum { REMEMBER_EVERY = 16 };

static bool recall(const struct response_memory *memory, struct response_parser *parser,
		   const char **cursor, const char *end)
{
	if (memory->size == 0 || memory->size > (size_t)(end - *cursor) ||
	    memcmp(memory->head, *cursor, memory->size) != 0)
		return false;
	*parser = memory->behind;
	*cursor += memory->size;
	return true;
}

static void remember(struct response_memory *memory, const struct response_parser *parser,
		     const char *head)
{
	size_t size = parser->head_bytes;
	struct response_part part;
	const char *at = head;

	/* Of chunks it is not known any more where the head ended. */
	if (parser->chunked || size > sizeof(memory->head) ||
	    memory->unknown++ % REMEMBER_EVERY != 0)
		return;
	response_parser_init(&memory->behind, parser->head_request);
	response_parse(&memory->behind, &at, head + size, &part);
	memcpy(memory->head, head, size);
	memory->size = size;
}

enum response_step response_read(struct response_memory *memory, struct response_parser *parser,
				 const char **cursor, const char *end, struct response_part *part)
{
	const char *head = *cursor;
	bool unknown = response_parser_is_fresh(parser) && !recall(memory, parser, cursor, end);
	enum response_step step = response_parse(parser, cursor, end, part);

	if (unknown && (step == RESPONSE_BODY || step == RESPONSE_DONE))
		remember(memory, parser, head);
	return step;
}
