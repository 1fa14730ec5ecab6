/* Which demonstrations there are. */
#include "harness/demo/demonstration.h"

#include <string.h>

const struct demonstration *const demonstrations[] = {&demo_blocking, &demo_memory, &demo_idle,
						      NULL};

const struct demonstration *demonstration_find(const char *name)
{
	for (size_t i = 0; demonstrations[i]; i++)
		if (strcmp(demonstrations[i]->name, name) == 0)
			return demonstrations[i];
	return NULL;
}
