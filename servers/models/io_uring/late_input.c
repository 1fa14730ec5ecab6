#include "servers/models/io_uring/late_input.h"

#include <stdlib.h>
#include <string.h>

struct late_input {
	size_t start, end;
	char data[];
};

void late_input_free(struct late_input **late)
{
	free(*late);
	*late = NULL;
}

static bool keep(struct late_input **late, const char *data, size_t length)
{
	struct late_input *old = *late, *grown;
	size_t end = old ? old->end : 0;

	grown = realloc(old, sizeof *grown + end + length);
	if (!grown)
		return false;
	if (!old)
		grown->start = 0;
	memcpy(grown->data + end, data, length);
	grown->end = end + length;
	*late = grown;
	return true;
}

bool late_input_feed(struct late_input **late, struct http *http, const char *data, size_t length)
{
	struct late_input *old = *late;
	size_t used = 0;

	if (old && http_wants_input(http)) {
		old->start += http_feed(http, old->data + old->start, old->end - old->start);
		if (old->start == old->end)
			late_input_free(late);
	}
	if (!*late && length)
		used = http_feed(http, data, length);
	return used == length || keep(late, data + used, length - used);
}
