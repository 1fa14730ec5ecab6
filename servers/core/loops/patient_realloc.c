#include "servers/core/loops/patient_realloc.h"

#include <stdlib.h>
#include <time.h>

void *patient_realloc(void *old, size_t size)
{
	static const struct timespec moment = {.tv_nsec = 1000000};

	for (int waited_ms = 0;; waited_ms++) {
		void *memory = realloc(old, size);

		if (memory || size == 0 || waited_ms == PATIENCE_MS)
			return memory;
		nanosleep(&moment, NULL);
	}
}
