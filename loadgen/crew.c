#include "loadgen/crew.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void crew_init(struct crew *crew, const struct run *run)
{
	crew->load.options = run->options;
	crew->load.target = run->target;
	crew->load.source = run->source;
	crew->load.mix = run->mix;
	crew->load.tls = run->tls;
	for (size_t i = 0; i < run->mix->count; i++)
		atomic_store(&crew->load.expected_length[i], run->mix->request[i].expect.length);
}

void crew_set_phase(struct crew *crew, enum load_phase phase)
{
	struct conduct *conduct = &crew->conduct;
	struct ranks_orders orders;

	atomic_store_explicit(&conduct->phase, phase, memory_order_relaxed);
	atomic_fetch_add_explicit(&conduct->news, 1, memory_order_release);
	for (unsigned i = 0; i < crew->started_count; i++)
		worker_wake(&crew->workers[i]);
	orders = (struct ranks_orders){
		.news = atomic_load(&conduct->news),
		.phase = phase,
		.counts = atomic_load(&conduct->counts),
		.base_ns = atomic_load(&conduct->base_ns),
		.number = atomic_load(&conduct->number),
		.start_ns = atomic_load(&conduct->start_ns),
		.end_ns = atomic_load(&conduct->end_ns),
		.origin_ns = atomic_load(&conduct->origin_ns),
		.windows = crew->windows,
	};
	ranks_tell(&orders);
}

static uint64_t read_count(const _Atomic uint64_t *count)
{
	return atomic_load_explicit(count, memory_order_acquire);
}

/* What has been reached first: the counts that go with it are no older then. */
static void add_worker(struct ranks_state *state, const struct worker *worker)
{
	const struct progress *progress = &worker->progress;

	state->workers++;
	state->broken += worker->broken != 0;
	state->settled += atomic_load_explicit(&progress->settled, memory_order_acquire);
	state->loading += atomic_load_explicit(&progress->loading, memory_order_acquire);
	state->ended += atomic_load_explicit(&progress->ended, memory_order_acquire);
	state->drained += atomic_load_explicit(&progress->drained, memory_order_acquire);
	state->finished += atomic_load_explicit(&progress->finished, memory_order_acquire);
	state->rests += read_count(&progress->rests);
	state->open += read_count(&progress->open_count);
	state->opened += read_count(&progress->opened_count);
	state->crowd_open += read_count(&progress->crowd_open_count);
	state->awaited += read_count(&progress->awaited);
	state->crowd_awaited += read_count(&progress->crowd_awaited);
}

struct ranks_state crew_look_here(const struct crew *crew)
{
	struct ranks_state state = {.cpu_ns = clock_read_ns(CLOCK_PROCESS_CPUTIME_ID)};
	uint64_t told = atomic_load(&crew->conduct.number);

	for (unsigned i = 0; i < crew->worker_count; i++)
		add_worker(&state, &crew->workers[i]);
	/* What came of a slice may be read once all are at rest, and until they are told of the next. */
	for (unsigned i = 0; i < crew->worker_count && state.rests == told * state.workers; i++)
		slice_counts_add(&state.slice, &crew->workers[i].progress.slice);
	return state;
}

struct ranks_state crew_look(const struct crew *crew)
{
	struct ranks_state all = crew_look_here(crew), others = ranks_state();

	ranks_state_add(&all, &others);
	return all;
}

void crew_collect_here(const struct crew *crew, struct interval_totals *totals, size_t kind)
{
	for (unsigned i = 0; i < crew->worker_count; i++) {
		const struct progress *progress = &crew->workers[i].progress;

		interval_collect(totals, kind == 0 ? &progress->intervals
						   : &progress->kinds.kind[kind - 1].intervals);
	}
}

void crew_collect(const struct crew *crew, struct interval_totals *totals, size_t kind)
{
	crew_collect_here(crew, totals, kind);
	ranks_collect(totals, kind);
}

void crew_read_lengths(const struct crew *crew, uint64_t lengths[OPTIONS_REQUESTS_MAX])
{
	for (size_t i = 0; i < crew->load.mix->count; i++) {
		uint64_t length = atomic_load(&crew->load.expected_length[i]);

		lengths[i] = length == EXPECTED_LEARN_LENGTH ? EXPECTED_ANY_LENGTH : length;
	}
}

bool crew_is_broken(const struct crew *crew)
{
	return crew_look(crew).broken > 0;
}

int crew_start(struct crew *crew, struct error *error)
{
	int result = 0;

	/* A conductor has none. */
	crew->workers = calloc(crew->load.options->threads + 1, sizeof(*crew->workers));
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

int crew_join(struct crew *crew, struct result *total, struct gaps *gaps, struct error *error)
{
	size_t kinds = crew->load.mix->count > 1 ? crew->load.mix->count : 0;
	int result = 0;

	crew_set_phase(crew, LOAD_STOP);
	for (unsigned i = 0; i < crew->started_count; i++) {
		struct worker *worker = &crew->workers[i];

		pthread_join(worker->thread, NULL);
		if (worker->broken) {
			result = worker->broken;
			*error = worker->problem;
		}
		result_merge(total, worker->driver.account.result);
		for (size_t j = 0; j < kinds; j++)
			gaps_merge(&gaps[j], &worker->progress.kinds.kind[j].gaps);
	}
	for (unsigned i = 0; i < crew->worker_count; i++)
		worker_destroy(&crew->workers[i]);
	free(crew->workers);
	crew->workers = NULL;
	crew->worker_count = crew->started_count = 0;
	return result;
}
