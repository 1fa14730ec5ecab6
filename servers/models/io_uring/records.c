#include "servers/models/io_uring/records.h"

#include "lib/poison.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 16 * 1024, BLOCK_HEAD = 16 };

static void put_first(void **list, void *element)
{
	memcpy(element, list, sizeof *list);
	*list = element;
}

static void *take_first(void **list)
{
	void *element = *list;

	memcpy(list, element, sizeof *list);
	return element;
}

static void add_block(struct records *records)
{
	char *block = malloc(BLOCK_BYTES);

	if (!block)
		return;
	put_first(&records->blocks, block);
	for (size_t at = BLOCK_HEAD; at + records->bytes <= BLOCK_BYTES; at += records->bytes)
		records_give(records, block + at);
}

void *records_take(struct records *records)
{
	if (!records->free)
		add_block(records);
	if (!records->free)
		return NULL;
	UNPOISON(records->free, records->bytes);
	return memset(take_first(&records->free), 0, records->bytes);
}

void records_give(struct records *records, void *record)
{
	put_first(&records->free, record);
	POISON(record, records->bytes);
}

void records_destroy(struct records *records)
{
	while (records->blocks) {
		UNPOISON(records->blocks, BLOCK_BYTES);
		free(take_first(&records->blocks));
	}
	records->free = NULL;
}
