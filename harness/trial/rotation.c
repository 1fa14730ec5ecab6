/* The load goes round among the servers of a block, slice by slice; see harness/measure/slices.h. */
#include "harness/trial/neighbours.h"
#include "harness/trial/parts.h"

#include "harness/process/interrupt.h"
#include "lib/clock.h"
#include "lib/units.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define PATIENCE_NS	    (5 * NS_PER_S)
#define CONNECT_PATIENCE_NS (60 * NS_PER_S)
#define LOOK_NS		    (100 * NS_PER_MS)
/* What it may use of a core when nobody asks it, for its slices to be told from the time in between. */
#define BUSY_AT_REST 0.02
enum {
	TICK_MS = 100,
	LOOKS_MOST = 3, /* a runtime may still be compiling what was warmed up */
	LATE_LOOKS = 8,
	HOPELESS_SLICES = 3,
};

/* False: it does not come: the trial goes no further, or the person has interrupted. */
static bool await_event(struct trial *trial, enum load_event wanted, uint64_t timeout_ns)
{
	uint64_t deadline_ns = clock_now_ns() + timeout_ns;

	while (!interrupt_seen() && !trial_has_to_end(trial)) {
		enum load_event event = load_process_next(&trial->load, TICK_MS);

		trial_tell_load(trial, event);
		if (event == wanted || event == LOAD_EVENT_CLOSED)
			return event == wanted;
		if (clock_now_ns() > deadline_ns) {
			trial_verdict_add(&trial->verdict, OUTCOME_INVALID, "setup",
					  "the generator did not come to rest in time");
			return false;
		}
	}
	return false;
}

static bool offer(struct trial *trial, bool counts, uint64_t length_ns)
{
	return load_process_order(&trial->load, counts, length_ns) &&
	       await_event(trial, LOAD_EVENT_SLICE,
			   length_ns + 2 * trial->planned->load.timeout_ns + PATIENCE_NS);
}

/*
 * How long the last answers take to come when the load is over. That may be long because others have the cores,
 * so the shortest of several times is what counts; but nobody's core is taken for so long as makes it hopeless.
 * A server that does not answer is not late: it has failed.
 */
static bool look_at_lead(struct trial *trial, uint64_t *late)
{
	const struct load_slice *lead = &trial->load.slice;
	const struct load *load = &trial->planned->load;
	uint64_t shortest_ns = UINT64_MAX, late_ns;

	for (int look = 0; look < LATE_LOOKS && shortest_ns > load->slice_ns / 2; look++) {
		if (!offer(trial, false, SLICES_LEAD_NS))
			return false;
		late_ns = lead->drained_ns - lead->end_ns;
		if (late_ns < shortest_ns)
			shortest_ns = late_ns;
		if (lead->errors > 0 || lead->good == 0 || late_ns >= load->timeout_ns)
			shortest_ns = 0;
		if (shortest_ns > HOPELESS_SLICES * load->slice_ns)
			break;
	}
	*late = shortest_ns;
	return true;
}

void rotation_await_rest(struct trial *trial, char *why, size_t size)
{
	const struct load *load = &trial->planned->load;
	char late[32], slice[32];
	uint64_t late_ns = 0;

	trial->over = !await_event(trial, LOAD_EVENT_WARM,
				   load->warmup_ns + 2 * load->timeout_ns + CONNECT_PATIENCE_NS) ||
		      !look_at_lead(trial, &late_ns);
	network_counters_read(&trial->seen.after);
	if (trial->over || late_ns <= load->slice_ns / 2)
		return;
	/* Slices would consist of waiting for the last answers. */
	snprintf(why, size, "the last answers of %s take %s, too long for slices of %s",
		 trial->planned->server,
		 units_format(UNIT_DURATION, (double)late_ns, late, sizeof late),
		 units_format(UNIT_DURATION, (double)load->slice_ns, slice, sizeof slice));
}

static bool has_died(struct trial *trial)
{
	return !trial->server.running && server_process_has_ended(&trial->server);
}

/* What each server of a block had used of a core until then; NAN: nothing is told of it any more. */
static void read_cpu(const struct trial *trials, size_t count, double *cpu_ns)
{
	for (size_t i = 0; i < count; i++)
		cpu_ns[i] = trials[i].over ? NAN : sample_tree_cpu_ns(trials[i].server.pid);
}

/* The first server that works though nobody asks it, or cannot be looked at; NULL: there is none. */
static const struct trial *find_busy(struct trial *trials, size_t count, double *before_ns,
				     double *busy)
{
	uint64_t begin_ns = clock_now_ns();

	read_cpu(trials, count, before_ns);
	clock_pause(LOOK_NS);
	for (size_t i = 0; i < count; i++) {
		if (trials[i].over || has_died(&trials[i]))
			continue;
		*busy = (sample_tree_cpu_ns(trials[i].server.pid) - before_ns[i]) /
			(double)(clock_now_ns() - begin_ns);
		if (trials[i].server.unmeasured || !(*busy <= BUSY_AT_REST))
			return &trials[i];
	}
	return NULL;
}

bool rotation_is_possible(struct trial *trials, size_t count, char *why, size_t size)
{
	double *before_ns = calloc(count, sizeof *before_ns), busy = 0;
	const struct trial *found = NULL;
	int looks = 0;

	if (!before_ns)
		return true;
	do
		found = find_busy(trials, count, before_ns, &busy);
	while (found && !found->server.unmeasured && ++looks < LOOKS_MOST && !interrupt_seen());
	free(before_ns);
	if (!found)
		return true;
	if (found->server.unmeasured || isnan(busy))
		snprintf(why, size, "the CPU of %s is not available", found->planned->server);
	else
		snprintf(why, size, "%s uses %.0f %% of a core when nobody asks it",
			 found->planned->server, 100 * busy);
	return false;
}

static void take_slice(struct trial *trial, unsigned order)
{
	struct slice *slice = &trial->slices.made[trial->slices.count];
	const struct load_slice *made = &trial->load.slice;
	struct network_counters network_begin, network_end;
	struct sample begin, end;

	trial->over = has_died(trial) || !offer(trial, false, SLICES_LEAD_NS);
	if (trial->over)
		return;
	network_counters_read(&network_begin);
	trial_sample(trial, &begin, SAMPLE_BEFORE_LOAD);
	trial->over = !offer(trial, true, trial->planned->load.slice_ns);
	if (trial->over)
		return;
	trial_sample(trial, &end, SAMPLE_BEHIND_LOAD);
	network_counters_read(&network_end);
	*slice = (struct slice){.order = order,
				.begin_ns = made->begin_ns,
				.end_ns = made->end_ns,
				.drained_ns = made->drained_ns,
				.good = made->good,
				.errors = made->errors,
				.cpu_ns = end.cpu_ns - begin.cpu_ns,
				.ended_ns = end.ended_ns - begin.ended_ns};
	trial->slices.count++;
	sample_add_between(&trial->seen.end, &begin, &end);
	network_counters_add_between(&trial->seen.after, &network_begin, &network_end);
	/* One that answers nothing is not waited for again and again. */
	trial->over = has_died(trial) || slice->good == 0;
}

static int go_round(struct trial *trials, size_t count, size_t round, size_t *order,
		    struct neighbours *neighbours)
{
	int result = neighbours_look(neighbours, trials, count);

	slices_order(trials[0].planned->seed, round, order, count);
	for (size_t i = 0; result == 0 && i < count && !interrupt_seen(); i++) {
		struct trial *trial = &trials[order[i]];
		uint64_t begin_ns;

		if (trial->over)
			continue;
		trial->round = round;
		neighbours_begin(neighbours);
		begin_ns = clock_now_ns();
		take_slice(trial, (unsigned)i + 1);
		trial->seen.neighbours_ns += neighbours_end(neighbours, order[i]);
		trial->seen.turns_ns += (double)(clock_now_ns() - begin_ns);
	}
	return result;
}

static int make_room(struct trial *trials, size_t count, size_t rounds)
{
	uint64_t now_ns = clock_now_ns();

	for (size_t i = 0; i < count; i++) {
		trials[i].slices.made = calloc(rounds, sizeof *trials[i].slices.made);
		if (!trials[i].slices.made)
			return -ENOMEM;
		trials[i].slices.rate_per_s = trials[i].planned->load.rate_per_s;
		trials[i].slices.origin_ns = now_ns;
		trials[i].rounds = rounds;
	}
	return 0;
}

int rotation_run(struct trial *trials, size_t count)
{
	const struct load *load = &trials[0].planned->load;
	size_t rounds = slices_rounds(load->duration_ns, load->slice_ns);
	size_t *order = calloc(count, sizeof *order);
	struct neighbours neighbours;
	int result = neighbours_init(&neighbours, count);
	struct kernel_threads before, after;

	if (result == 0)
		result = order ? make_room(trials, count, rounds) : -ENOMEM;

	kernel_threads_read(&before);
	for (size_t round = 0; result == 0 && round < rounds && !interrupt_seen(); round++)
		result = go_round(trials, count, round, order, &neighbours);
	kernel_threads_read(&after);
	for (size_t i = 0; i < count; i++) {
		trials[i].seen.has_window = trials[i].slices.count > 0;
		trials[i].seen.kernel_threads_before = trials[i].seen.load_kernel_threads_before =
			before;
		trials[i].seen.kernel_threads_after = trials[i].seen.load_kernel_threads_after =
			after;
		trial_memory_rested(&trials[i].seen, &trials[i].server.subject);
	}
	free(order);
	neighbours_destroy(&neighbours);
	return result;
}
