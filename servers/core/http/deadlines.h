/*
 * Who is to be looked at when: a timer wheel for all connections of a loop.
 *
 * Each connection stands in the slot of a tick, or in the one of those without a deadline, and in
 * no other list. A connection's deadline is mostly put off, with every request, before it comes. So
 * it is not moved then: its owner notes the new time, and when its old slot's turn has come, it is
 * asked and put where it belongs. It has to be moved (deadlines_put) only when its deadline comes
 * nearer. Nothing is ever searched or scanned, whatever the number of connections; each is looked at
 * once in the length of its deadline, or in half a minute if that is shorter.
 *
 * The wheel has a descriptor that becomes readable when a slot's turn has come (timerfd). A timeout
 * for each wait would start and stop a timer in the kernel with every turn of a loop, for a deadline
 * that hardly ever comes. See Varghese and Lauck, "Hashed and hierarchical timing wheels", 1987.
 *
 * Not thread-safe.
 */
#ifndef TENK_DEADLINES_H
#define TENK_DEADLINES_H

#include "servers/core/http/ticks.h"

#include <stdint.h>

/* In the owner's record of a connection. */
struct deadline_place {
	struct deadline_place *previous, *next;
};

struct deadlines;

struct deadline_methods {
	/* By now: when its time is up. TICK_NEVER: it has no deadline any more. */
	uint32_t (*due)(struct deadlines *deadlines, struct deadline_place *place);
	/*
	 * Its time is up. It stands without a deadline: the owner may put it anywhere, or remove
	 * it, and with it its record; but no other.
	 */
	void (*expire)(struct deadlines *deadlines, struct deadline_place *place);
};

enum { DEADLINE_SLOTS = 512 }; /* 34 s: beyond that, a connection is looked at more than once */

struct deadlines {
	int fd; /* readable: time for deadlines_look. Watched level-triggered; not read */
	unsigned count;
	const struct deadline_methods *methods;
	uint32_t reached; /* up to this tick, inclusively, all have been looked at */
	uint32_t armed;	  /* when fd becomes readable */
	uint64_t used[DEADLINE_SLOTS / 64]; /* a bit for each slot that may have somebody */
	struct deadline_place slots[DEADLINE_SLOTS + 1]; /* the last: those without a deadline */
};

/* 0 or -errno: no descriptor. Without `methods` it is but a list, and has none. */
int deadlines_open(struct deadlines *deadlines, const struct deadline_methods *methods);
void deadlines_close(struct deadlines *deadlines);

/* A new one, to be looked at when `due`, a tick, has come. */
void deadlines_add(struct deadlines *deadlines, struct deadline_place *place, uint32_t due);

/* One that is here already: its deadline is nearer now than it was. */
void deadlines_put(struct deadlines *deadlines, struct deadline_place *place, uint32_t due);

void deadlines_remove(struct deadlines *deadlines, struct deadline_place *place);

/* When fd is readable: asks those whose turn has come, and lets them expire. */
void deadlines_look(struct deadlines *deadlines);

/* The same, at a time that the caller tells. */
void deadlines_look_at(struct deadlines *deadlines, uint32_t now);

/* Visits all. The one that is visited may be removed, no other. */
void deadlines_each(struct deadlines *deadlines,
		    void (*visit)(struct deadline_place *place, void *context), void *context);

#endif
