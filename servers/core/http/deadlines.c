#include "servers/core/http/deadlines.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum {
	WORD_BITS = 64,
	LOOKING = 0, /* instead of a tick to come: no other is before it, so nothing is armed */
};

static void become_empty(struct deadline_place *list)
{
	list->previous = list->next = list;
}

static void append(struct deadline_place *list, struct deadline_place *place)
{
	place->previous = list->previous;
	place->next = list;
	list->previous->next = place;
	list->previous = place;
}

static void unlink_place(struct deadline_place *place)
{
	place->previous->next = place->next;
	place->next->previous = place->previous;
}

int deadlines_open(struct deadlines *d, const struct deadline_methods *methods)
{
	memset(d, 0, sizeof *d);
	d->fd = -1;
	d->methods = methods;
	d->armed = TICK_NEVER;
	for (size_t i = 0; i <= DEADLINE_SLOTS; i++)
		become_empty(&d->slots[i]);
	if (methods) {
		d->fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
		if (d->fd < 0)
			return -errno;
	}
	return 0;
}

void deadlines_close(struct deadlines *d)
{
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
}

/* Setting the time anew also makes the descriptor unreadable until it has come. */
static void arm(struct deadlines *d, uint32_t tick)
{
	struct itimerspec when = {0};

	if (tick != TICK_NEVER)
		when.it_value = clock_to_timespec(tick * TICK_NS);
	d->armed = tick;
	timerfd_settime(d->fd, TFD_TIMER_ABSTIME, &when, NULL); /* fails for wrong arguments only */
}

/* Into a slot that is still to come, the farthest if it is farther than that. */
static void insert(struct deadlines *d, struct deadline_place *place, uint32_t due)
{
	uint32_t slot = DEADLINE_SLOTS;

	if (due != TICK_NEVER) {
		if (d->armed == TICK_NEVER) /* nobody was here: it did not turn */
			d->reached = tick_now() - 1;
		if (due <= d->reached)
			due = d->reached + 1;
		if (due - d->reached > DEADLINE_SLOTS)
			due = d->reached + DEADLINE_SLOTS;
		slot = due % DEADLINE_SLOTS;
		d->used[slot / WORD_BITS] |= UINT64_C(1) << slot % WORD_BITS;
	}
	append(&d->slots[slot], place);
	if (due < d->armed)
		arm(d, due);
}

void deadlines_add(struct deadlines *d, struct deadline_place *place, uint32_t due)
{
	insert(d, place, due);
	d->count++;
}

void deadlines_put(struct deadlines *d, struct deadline_place *place, uint32_t due)
{
	unlink_place(place);
	insert(d, place, due);
}

void deadlines_remove(struct deadlines *d, struct deadline_place *place)
{
	unlink_place(place);
	d->count--;
}

/* Takes everybody out of a slot. */
static void collect(struct deadlines *d, uint32_t slot, struct deadline_place *collected)
{
	struct deadline_place *list = &d->slots[slot];

	d->used[slot / WORD_BITS] &= ~(UINT64_C(1) << slot % WORD_BITS);
	if (list->next == list)
		return;
	list->next->previous = collected->previous;
	collected->previous->next = list->next;
	list->previous->next = collected;
	collected->previous = list->previous;
	become_empty(list);
}

/* The first tick to come that has somebody; those who were there may have gone. */
static uint32_t next_used(struct deadlines *d)
{
	uint32_t tick = d->reached + 1, end = tick + DEADLINE_SLOTS;

	while (tick < end) {
		uint32_t slot = tick % DEADLINE_SLOTS;
		uint64_t rest = d->used[slot / WORD_BITS] >> slot % WORD_BITS;

		if (!rest) {
			tick += WORD_BITS - slot % WORD_BITS;
			continue;
		}
		tick += (uint32_t)__builtin_ctzll(rest);
		slot = tick % DEADLINE_SLOTS;
		if (d->slots[slot].next != &d->slots[slot])
			return tick;
		d->used[slot / WORD_BITS] &= ~(UINT64_C(1) << slot % WORD_BITS);
		tick++;
	}
	return TICK_NEVER;
}

void deadlines_look_at(struct deadlines *d, uint32_t now)
{
	struct deadline_place collected;
	uint32_t passed = now > d->reached ? now - d->reached : 0;

	if (passed > DEADLINE_SLOTS)
		passed = DEADLINE_SLOTS;
	become_empty(&collected);
	for (uint32_t i = 0; i < passed; i++)
		collect(d, (now - i) % DEADLINE_SLOTS, &collected);
	if (now > d->reached)
		d->reached = now;
	d->armed = LOOKING;
	while (collected.next != &collected) {
		struct deadline_place *place = collected.next;
		uint32_t due = d->methods->due(d, place);

		deadlines_put(d, place, due > now ? due : TICK_NEVER);
		if (due <= now)
			d->methods->expire(d, place);
	}
	arm(d, next_used(d));
}

void deadlines_look(struct deadlines *d)
{
	deadlines_look_at(d, tick_at(clock_now_ns()));
}

void deadlines_each(struct deadlines *d, void (*visit)(struct deadline_place *place, void *context),
		    void *context)
{
	for (size_t i = 0; i <= DEADLINE_SLOTS; i++) {
		struct deadline_place *list = &d->slots[i], *place = list->next, *next;

		for (; place != list; place = next) {
			next = place->next;
			visit(place, context);
		}
	}
}
