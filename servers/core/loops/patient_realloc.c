#include "servers/core/loops/patient_realloc.h"

#include <stdlib.h>
#include <time.h>

void *patient_realloc(void *old, size_t size)
{
	static const struct timespec moment = {.tv_nsec = 1000000};
	void *memory = realloc(old, size);

	for (int i = 0; !memory && size && i < PATIENCE_MS; i++) {
		nanosleep(&moment, NULL);
		memory = realloc(old, size);
	}
	return memory;
}
