/*
 * What a crowd leaves behind when it goes.
 *
 * The C library's allocator gives memory back where nothing lies above it; what else is free it keeps
 * for the next who ask, be it all that ten thousand connections had. So once nearly all of a crowd have
 * gone, it is asked to give back what is free (malloc_trim). That takes some milliseconds for each
 * hundred megabytes, in which the thread that asks serves nobody; it happens once for a crowd, and once
 * more when nobody is left, and to those below a thousand never.
 */
#ifndef TENK_CROWD_H
#define TENK_CROWD_H

#include <stdbool.h>
#include <stdint.h>

enum { CROWD_LEAST = 1000, CROWD_REST = 16 };

/* Zeroed at first. Not thread-safe. */
struct crowd {
	uint64_t most; /* of connections, since memory was given back */
	bool lingers;  /* then there were some left, whose memory is free when nobody is */
};

/* Gives back what is free. */
void crowd_give_back(void);

/* One more has come: there are `now`. */
static inline void crowd_grow(struct crowd *crowd, uint64_t now)
{
	if (now > crowd->most)
		crowd->most = now;
}

/* One has gone: there are `now`. True: memory should be given back, when theirs is free. */
static inline bool crowd_shrink(struct crowd *crowd, uint64_t now)
{
	if ((crowd->most < CROWD_LEAST || now > crowd->most / CROWD_REST) &&
	    !(crowd->lingers && now == 0))
		return false;
	crowd->most = now;
	crowd->lingers = now > 0;
	return true;
}

#endif
