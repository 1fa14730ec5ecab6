/*
 * libuv's timers and poll handles as core borrows them.
 */
#ifndef TENK_LIBUV_SERVICES_H
#define TENK_LIBUV_SERVICES_H

#include "servers/core/tasks/loop_services.h"

#include <stdbool.h>
#include <sys/queue.h>
#include <uv.h>

struct timer_handle;
struct libuv_job;

LIST_HEAD(libuv_jobs, libuv_job);

/* A loop's; zeroed but for `uv`. libuv_services take it as their loop. */
struct libuv_lent {
	uv_loop_t *uv;
	struct timer_handle *spare; /* stopped, and used again */
	unsigned spare_count;
	struct libuv_jobs jobs; /* of own_pool.c: handed over, and not back yet */
	unsigned job_count;
	bool takes_none; /* the loop has ended */
};

extern const struct loop_services libuv_services;

/* Closes those that are spare. When the loop ends, before its last run; no timer is running then. */
void libuv_services_close(struct libuv_lent *lent);

#endif
