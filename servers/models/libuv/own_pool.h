/*
 * libuv's own pool of threads in the place of core's workers (offload.h).
 *
 * One pool for the whole process, which the first job starts, with as many threads as UV_THREADPOOL_SIZE
 * says then. They wake a loop by its descriptor, so they and the loop must have one table of these:
 * there is but one loop.
 */
#ifndef TENK_LIBUV_OWN_POOL_H
#define TENK_LIBUV_OWN_POOL_H

#include "servers/core/tasks/offload.h"
#include "servers/models/libuv/services.h"

enum { LIBUV_POOL_MOST = 1024 }; /* more the library does not start */

/* The service of that name. 0 or -ENOMEM. */
int libuv_pool_offload(void *lent, struct offload_job *job);

/*
 * At the loop's end, when nobody waits for results any more: those that no thread has begun come back. True:
 * threads are still at work, so the loop cannot be closed; and the process, which would wait for
 * them in the library's destructor, leaves without that.
 */
bool libuv_pool_end(struct libuv_lent *lent);

#endif
