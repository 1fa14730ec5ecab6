#include "loadgen/crew.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void crew_set_phase(struct crew *crew, enum load_phase phase)
{
	atomic_store_explicit(&crew->conduct.phase, phase, memory_order_relaxed);
	atomic_fetch_add_explicit(&crew->conduct.news, 1, memory_order_release);
	for (unsigned i = 0; i < crew->started_count; i++)
		worker_wake(&crew->workers[i]);
}

uint64_t crew_sum(const struct crew *crew, size_t offset)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < crew->worker_count; i++) {
		const char *worker = (const char *)&crew->workers[i];

		sum += atomic_load_explicit((const _Atomic uint64_t *)(worker + offset),
					    memory_order_acquire);
	}
	return sum;
}

bool crew_all(const struct crew *crew, size_t offset)
{
	for (unsigned i = 0; i < crew->worker_count; i++) {
		const char *worker = (const char *)&crew->workers[i];

		if (!atomic_load_explicit((const _Atomic bool *)(worker + offset),
					  memory_order_acquire))
			return false;
	}
	return true;
}

bool crew_is_broken(const struct crew *crew)
{
	for (unsigned i = 0; i < crew->worker_count; i++)
		if (crew->workers[i].broken)
			return true;
	return false;
}

int crew_start(struct crew *crew, struct error *error)
{
	int result = 0;

	crew->workers = calloc(crew->load.options->threads, sizeof(*crew->workers));
	if (!crew->workers) {
		error_set(error, "out of memory");
		return -ENOMEM;
	}
	crew->worker_count = (unsigned)crew->load.options->threads;
	/* So that a worker that was never initialised can be destroyed. */
	for (unsigned i = 0; i < crew->worker_count; i++)
		crew->workers[i].wake_fd = -1;
	for (unsigned i = 0; i < crew->worker_count && result == 0; i++)
		result = worker_init(&crew->workers[i], &crew->load,
				     share_part(crew->load.share, i), &crew->conduct,
				     crew->notify_fd);
	for (unsigned i = 0; i < crew->worker_count && result == 0; i++) {
		struct worker *worker = &crew->workers[i];

		result = -pthread_create(&worker->thread, NULL, worker_run, worker);
		if (result == 0)
			crew->started_count++;
	}
	if (result < 0)
		error_set(error, "cannot start %u threads: %s", crew->worker_count,
			  strerror(-result));
	return result;
}

/* What the threads have seen of each kind's windows, put together. */
static void count_gaps(const struct crew *crew, struct result *total, uint64_t windows)
{
	for (size_t i = 0; i < crew->load.mix->count && crew->load.mix->count > 1; i++) {
		struct gaps gaps = {0};

		for (unsigned j = 0; j < crew->started_count; j++)
			gaps_merge(&gaps, &crew->workers[j].progress.kinds.kind[i].gaps);
		total->tally[i].windows = gaps.lost ? 0 : windows;
		total->tally[i].silent_windows = gaps.lost ? 0 : gaps_count(&gaps, windows);
		gaps_destroy(&gaps);
	}
}

int crew_stop(struct crew *crew, struct result *total, uint64_t windows, struct error *error)
{
	int result = 0;

	crew_set_phase(crew, LOAD_STOP);
	for (unsigned i = 0; i < crew->started_count; i++) {
		pthread_join(crew->workers[i].thread, NULL);
		if (crew->workers[i].broken) {
			result = crew->workers[i].broken;
			*error = crew->workers[i].problem;
		}
		result_merge(total, crew->workers[i].driver.account.result);
	}
	count_gaps(crew, total, windows);
	for (unsigned i = 0; i < crew->worker_count; i++)
		worker_destroy(&crew->workers[i]);
	free(crew->workers);
	return result;
}
