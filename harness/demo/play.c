#include "harness/demo/play.h"

#include "harness/demo/show.h"
#include "harness/demo/side.h"
#include "harness/machine/limits.h"
#include "harness/process/interrupt.h"
#include "harness/scenario/plan.h"
#include "harness/trial/trial.h"
#include "lib/clock.h"

#include <errno.h>
#include <string.h>

#define LOOK_NS		 (50 * NS_PER_MS)
#define WARM_PATIENCE_NS (30 * NS_PER_S) /* for a machine that is busy otherwise */
#define TIMEOUT_NS	 (10 * NS_PER_S) /* of a request */

struct play {
	struct paths paths;
	struct catalogue catalogue;
	struct cores cores;
	struct memory_groups groups;
	struct demo_place place;
	struct demo_side sides[DEMO_SIDES];
	struct demo_show show;
	const struct demonstration *kind;
	unsigned seconds;
	size_t columns;
	uint64_t connections; /* of the first load, in all */
	char fewer[400];      /* why there are fewer than there should be; "": there are not */
};

/* Whether this machine holds both servers with so many connections each. */
static bool fits(const struct play *play, uint64_t connections, struct limit_reached *reached)
{
	struct planned_trial planned[DEMO_SIDES] = {0};
	unsigned cores = (unsigned)CPU_COUNT(&play->cores.server);
	struct machine_limits limits;

	machine_limits_read(&limits, NULL);
	for (size_t i = 0; i < DEMO_SIDES; i++) {
		planned[i].server = play->kind->subjects[i].server;
		planned[i].load = play->kind->loads[0];
		planned[i].load.connections = connections;
		if (trial_fits(&planned[i], &play->catalogue, &limits, cores, reached) !=
		    TRIAL_FITS)
			return false;
	}
	return trial_block_fits(planned, DEMO_SIDES, &play->catalogue, &limits, cores, reached);
}

/* As many as the demonstration wants, or half of that, until they fit. 0 or -EMFILE with a message. */
static int choose_connections(struct play *play, struct error *error)
{
	uint64_t most = play->kind->loads[0].connections;
	uint64_t least = play->kind->connections_least;
	struct limit_reached reached;

	for (uint64_t connections = most; connections >= least; connections /= 2) {
		if (fits(play, connections, &reached)) {
			play->connections = connections;
			return 0;
		}
		memcpy(play->fewer, reached.text, sizeof play->fewer);
	}
	error_set(error, "%s; to lift that: %s", reached.text, reached.remedy);
	return -EMFILE;
}

static int prepare(struct play *play, struct error *error)
{
	const char *folders[] = {NULL, NULL};
	int result = paths_find(&play->paths, error);

	folders[0] = play->paths.servers;
	if (result == 0)
		result = catalogue_read(&play->catalogue, folders, error);
	if (result == 0)
		result = cores_choose(&play->cores, NULL, NULL, error);
	if (result == 0)
		result = choose_connections(play, error);
	if (result == 0 && play->kind->grows)
		memory_groups_open(&play->groups, "");
	return result;
}

static size_t count_columns(const struct play *play)
{
	return play->kind->grows && play->seconds > DEMO_STEPS ? DEMO_STEPS : play->seconds;
}

/* A load of the table with what all have in common. */
static struct load complete(const struct play *play, size_t index)
{
	struct load load = play->kind->loads[index];

	load.timeout_ns = TIMEOUT_NS;
	/* It is ended; by itself it would after the longest that a demonstration may take. */
	load.duration_ns = 2 * play->seconds * NS_PER_S + (play->columns + 1) * WARM_PATIENCE_NS;
	if (index == 0)
		load.connections = play->connections;
	return load;
}

/* What is to load both sides from now on; of one that grows, the next step's share of its connections. */
static int add_load(struct play *play, struct error *error)
{
	size_t step = play->sides[0].column_count;
	int result = 0;

	for (size_t i = 0; i < play->kind->load_count; i++) {
		struct load load = complete(play, i);

		if (play->kind->grows)
			load.connections = play->connections * (step + 1) / play->columns -
					   play->connections * step / play->columns;
		for (size_t side = 0; result == 0 && side < DEMO_SIDES; side++)
			result = demo_side_load(&play->sides[side], &play->place, &load, error);
	}
	return result;
}

static int follow(struct play *play, struct error *error)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < DEMO_SIDES; i++)
		result = demo_side_follow(&play->sides[i], error);
	return result;
}

static bool is_warm(const struct play *play)
{
	return demo_side_is_warm(&play->sides[0]) && demo_side_is_warm(&play->sides[1]);
}

/* Until then, and until all that was started loads the servers. 0, -EINTR, or another -errno with a message. */
static int pass_time(struct play *play, uint64_t until_ns, struct error *error)
{
	uint64_t patience_ns = clock_now_ns() + WARM_PATIENCE_NS;

	for (;;) {
		uint64_t now_ns = clock_now_ns();
		int result = follow(play, error);

		if (interrupt_seen())
			return -EINTR;
		if (play->show.failure)
			return -play->show.failure;
		if (result < 0)
			return result;
		demo_show_tick(&play->show);
		if (now_ns >= until_ns && is_warm(play))
			return 0;
		if (now_ns >= until_ns && now_ns >= patience_ns) {
			error_set(error, "the load did not begin within 30 s: is this machine busy "
					 "otherwise?");
			return -ETIMEDOUT;
		}
		interrupt_wait(NULL, now_ns + LOOK_NS);
	}
}

static int show_columns(struct play *play, struct error *error)
{
	uint64_t column_ns = play->seconds * NS_PER_S / play->columns, end_ns;
	int result = 0;

	for (size_t i = 0; result == 0 && i < play->columns; i++) {
		if (play->kind->grows)
			result = add_load(play, error);
		for (size_t side = 0; side < DEMO_SIDES; side++)
			demo_side_begin_column(&play->sides[side]);
		end_ns = clock_now_ns() + column_ns;
		if (result == 0)
			result = pass_time(play, end_ns, error);
		for (size_t side = 0; result == 0 && side < DEMO_SIDES; side++)
			demo_side_end_column(&play->sides[side]);
	}
	return result;
}

static int show(struct play *play, struct error *error)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < DEMO_SIDES; i++)
		result = demo_side_start(&play->sides[i], &play->place, error);
	if (result < 0)
		return result;
	demo_show_begin(&play->show);
	if (!play->kind->grows)
		result = add_load(play, error);
	if (result == 0)
		result = pass_time(play, 0, error);
	play->show.begun_ns = clock_now_ns();
	if (result == 0)
		result = show_columns(play, error);
	demo_show_end(&play->show);
	return result;
}

int demo_play(const struct demonstration *kind, unsigned seconds, FILE *out, struct error *error)
{
	struct play play = {.kind = kind, .seconds = seconds};
	int result;

	play.place = (struct demo_place){&play.paths, &play.catalogue, &play.cores, &play.groups};
	play.columns = count_columns(&play);
	for (size_t i = 0; i < DEMO_SIDES; i++)
		demo_side_init(&play.sides[i], kind, i);
	interrupt_watch();
	result = prepare(&play, error);
	demo_show_init(&play.show, out, play.sides);
	play.show.connections = play.connections;
	play.show.fewer = play.fewer;
	play.show.seconds = seconds;
	play.show.columns = play.columns;
	if (result == 0)
		result = show(&play, error);
	if (result < 0 && interrupt_seen()) { /* of which that may have been the reason */
		error_set(error, "interrupted");
		result = -EINTR;
	}
	for (size_t i = 0; i < DEMO_SIDES; i++)
		demo_side_stop(&play.sides[i]);
	memory_groups_close(&play.groups);
	catalogue_destroy(&play.catalogue);
	if (result == 0 || result == -EINTR)
		demo_show_conclude(&play.show);
	if (play.show.failure) {
		result = -play.show.failure;
		error_set(error, "cannot write to standard output: %s", strerror(-result));
		clearerr(out); /* it is told */
	}
	return result;
}
