#include "servers/core/server/crowd.h"

#include "lib/libc.h"

#include <malloc.h>

void crowd_give_back(void)
{
	malloc_trim(0);
}
