/*
 * A queue of things to do, from which threads take the next one: that of a pool of threads. First in, first
 * out, without a bound: whoever puts things in holds something for each (a connection), which bounds
 * them.
 */
#ifndef TENK_QUEUE_H
#define TENK_QUEUE_H

#include <pthread.h>
#include <stdbool.h>

/* In the owner's record of what is to be done. */
struct queue_place {
	struct queue_place *behind;
};

/* There for the whole life of the process: threads that wait in it end with that. */
struct queue {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct queue_place *first, **last;
};

void queue_init(struct queue *queue);

/* From any thread; wakes one that waits. */
void queue_put(struct queue *queue, struct queue_place *place);

/* Waits until there is one. */
struct queue_place *queue_take(struct queue *queue);

/* Looks for it from the front. False: it has been taken already. */
bool queue_take_back(struct queue *queue, const struct queue_place *place);

#endif
