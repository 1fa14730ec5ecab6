#include "loadgen/kinds.h"

#include <errno.h>
#include <stdlib.h>

int kinds_init(struct kinds *kinds, size_t requests, bool recents)
{
	int result = 0;

	*kinds = (struct kinds){0};
	if (requests < 2)
		return 0;
	kinds->kind = calloc(requests, sizeof(*kinds->kind));
	if (!kinds->kind)
		return -ENOMEM;
	for (; kinds->count < requests && result == 0; kinds->count++)
		result = recent_init(&kinds->kind[kinds->count].recent, recents);
	return result;
}

void kinds_destroy(struct kinds *kinds)
{
	for (size_t i = 0; i < kinds->count; i++) {
		recent_destroy(&kinds->kind[i].recent);
		gaps_destroy(&kinds->kind[i].gaps);
	}
	free(kinds->kind);
	*kinds = (struct kinds){0};
}
