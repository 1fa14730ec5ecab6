#include "servers/models/libuv/own_pool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct libuv_job {
	uv_work_t uv;
	struct offload_job *job;
	struct libuv_lent *lent;
	LIST_ENTRY(libuv_job) others;
};

static void run(uv_work_t *uv)
{
	struct offload_job *job = ((struct libuv_job *)uv->data)->job;

	job->run(job);
}

/* Back in the loop; those that were cancelled have nobody who waits for them. */
static void ended(uv_work_t *uv, int status)
{
	struct libuv_job *under_way = uv->data;
	struct offload_job *job = under_way->job;

	(void)status;
	LIST_REMOVE(under_way, others);
	under_way->lent->job_count--;
	free(under_way);
	job->ended(job);
}

int libuv_pool_offload(void *context, struct offload_job *job)
{
	struct libuv_lent *lent = context;
	struct libuv_job *under_way;

	if (lent->takes_none)
		return -ECANCELED;
	under_way = malloc(sizeof *under_way);
	if (!under_way)
		return -ENOMEM;
	under_way->uv.data = under_way;
	under_way->job = job;
	under_way->lent = lent;
	LIST_INSERT_HEAD(&lent->jobs, under_way, others);
	lent->job_count++;
	return uv_queue_work(lent->uv, &under_way->uv, run, ended); /* fails only without `run` */
}

static void leave_at_once(int status, void *context)
{
	(void)context;
	fflush(NULL);
	_exit(status);
}

bool libuv_pool_end(struct libuv_lent *lent)
{
	struct libuv_job *under_way;
	unsigned running = 0;

	lent->takes_none =
		true; /* those that are cancelled have files to be closed, and would wait for who is not */
	LIST_FOREACH(under_way, &lent->jobs, others)
	running += uv_cancel((uv_req_t *)&under_way->uv) < 0;
	while (lent->job_count > running)
		uv_run(lent->uv, UV_RUN_ONCE);
	if (lent->job_count == 0)
		return false;
	on_exit(leave_at_once, NULL);
	return true;
}
