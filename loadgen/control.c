#include "loadgen/control_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Whether anybody listens is asked at most so often: asking is a connection too. */
#define PROBE_PERIOD_NS (300 * NS_PER_MS)

/* Messages of other ranks wake nobody: they are looked for so often. Who is told so long before knows in time. */
#define RANKS_LOOK_NS	(2 * NS_PER_MS)
#define RANKS_NOTICE_NS (200 * NS_PER_MS)

/* In the end other ranks are waited for so long: what they counted has to come; if all must end, less. */
#define RANKS_PATIENCE_NS (60 * NS_PER_S)
#define RANKS_HASTE_NS	  (300 * NS_PER_MS)

/* A rank says something ten times a second; one that says nothing for so long is lost. */
#define RANKS_SILENCE_NS (5 * NS_PER_S)

/* Who opens many connections for long says so often how far that is. */
#define TELL_NS (500 * NS_PER_MS)

/* Who slept for longer than it was to was stopped. */
#define STOPPED_LEAST_NS (100 * NS_PER_MS)

static bool has_company(void)
{
	return ranks_place().count > 1;
}

uint64_t control_notice_ns(uint64_t here_ns)
{
	return has_company() ? RANKS_NOTICE_NS : here_ns;
}

bool control_all(const struct control *control, size_t offset)
{
	struct ranks_state state = crew_look(&control->crew);
	uint64_t count;

	memcpy(&count, (const char *)&state + offset, sizeof(count));
	return count == state.workers;
}

/* Where one is lost, the others have nothing more to measure. */
static void control_hear(struct control *control)
{
	struct run *run = control->run;
	struct error error;

	if (ranks_hear(run->interrupted ? RANKS_HASTE_NS : RANKS_SILENCE_NS, !run->interrupted,
		       &error) == 0)
		return;
	if (run->halted.text[0] == '\0')
		run->halted = error;
	run->interrupted = true;
}

/*
 * Open MPI ends a job by SIGCONT and, a second later, by SIGTERM and SIGKILL in one: the first is all the time there is.
 * It says so to processes that run; one that had been stopped is to go on.
 */
static bool is_end_of_job(const struct signalfd_siginfo *info, uint64_t since_ns)
{
	return has_company() && (pid_t)info->ssi_pid == getppid() &&
	       clock_now_ns() < since_ns + STOPPED_LEAST_NS;
}

/* Most often a rank has died. It shows by its silence; a word to it would end Open MPI, and us with it. */
static void control_find_lost(struct control *control)
{
	uint64_t until_ns = clock_now_ns() + RANKS_HASTE_NS + 10 * RANKS_LOOK_NS;

	while (clock_now_ns() < until_ns) {
		clock_pause(RANKS_LOOK_NS);
		control_hear(control);
	}
}

static void control_heed_signal(struct control *control, const struct signalfd_siginfo *info,
				uint64_t since_ns)
{
	bool ends = is_end_of_job(info, since_ns);

	if (info->ssi_signo == SIGUSR1)
		control->enough = true;
	else if (info->ssi_signo != SIGCONT || ends)
		control->run->interrupted = true;
	if (info->ssi_signo == SIGCONT && ends)
		control_find_lost(control);
}

static void control_sleep(struct control *control, uint64_t until_ns)
{
	struct pollfd descriptors[] = {{.fd = control->signal_fd, .events = POLLIN},
				       {.fd = control->crew.notify_fd, .events = POLLIN},
				       {.fd = control->orders_fd, .events = POLLIN}};
	uint64_t now_ns = clock_now_ns();
	struct timespec wait = clock_to_timespec(until_ns > now_ns ? until_ns - now_ns : 0);
	struct signalfd_siginfo info;
	uint64_t news;

	if (ppoll(descriptors, 3, &wait, NULL) <= 0)
		return;
	if (descriptors[0].revents && read(control->signal_fd, &info, sizeof(info)) > 0)
		control_heed_signal(control, &info, now_ns);
	if (descriptors[1].revents && read(control->crew.notify_fd, &news, sizeof(news)) < 0)
		return; /* somebody's news was read already */
}

void control_wait(struct control *control, uint64_t until_ns)
{
	uint64_t look_ns = clock_now_ns() + RANKS_LOOK_NS;

	control_sleep(control, has_company() && look_ns < until_ns ? look_ns : until_ns);
	control_hear(control);
}

void control_look_for_server(struct control *control, uint64_t now_ns)
{
	struct ranks_state state = crew_look(&control->crew);
	uint64_t opened = state.opened;
	bool gone = state.open == 0 && opened == control->last_opened_count;

	control->last_opened_count = opened;
	if (!gone || now_ns < control->probed_at_ns + PROBE_PERIOD_NS)
		return;
	control->probed_at_ns = now_ns;
	if (target_probe(control->crew.load.target, TARGET_PROBE_MS) != -ECONNREFUSED)
		return;
	if (opened > 0)
		control->run->server_vanished = true;
	else
		control->is_in_vain = true;
}

void control_tell_window(struct control *control, uint64_t start_ns, uint64_t end_ns, bool counts)
{
	struct conduct *conduct = &control->crew.conduct;

	atomic_store_explicit(&conduct->start_ns, start_ns, memory_order_relaxed);
	atomic_store_explicit(&conduct->end_ns, end_ns, memory_order_relaxed);
	atomic_store_explicit(&conduct->counts, counts, memory_order_relaxed);
	/* Last: see worker.c. */
	atomic_fetch_add_explicit(&conduct->number, 1, memory_order_release);
	crew_set_phase(&control->crew, LOAD_MEASURE);
}

void control_end_window_at(struct control *control, uint64_t end_ns)
{
	atomic_store_explicit(&control->crew.conduct.end_ns, end_ns, memory_order_relaxed);
	crew_set_phase(&control->crew, LOAD_MEASURE);
}

static void control_connect(struct control *control)
{
	const struct options *options = control->run->options;
	uint64_t all = options->connections + options_crowd(options);
	uint64_t begun_ns = clock_now_ns(), tick_ns = begun_ns + TICK_NS, told_ns = begun_ns;
	struct ranks_state state;

	while (!CONTROL_ALL(control, settled) && !control_must_stop(control)) {
		uint64_t now_ns = clock_now_ns(), open = crew_look(&control->crew).open;

		if (now_ns >= tick_ns) {
			control_look_for_server(control, now_ns);
			tick_ns = now_ns + TICK_NS;
		}
		live_show_connecting(control->live, now_ns, open, all);
		if (now_ns >= told_ns + TELL_NS) {
			events_send_part(control->events, now_ns, "connecting", "open", open, all);
			told_ns = now_ns;
		}
		control_wait(control, now_ns + TICK_NS);
	}
	state = crew_look(&control->crew);
	if (state.open == 0 && tls_was_refused(control->crew.load.tls))
		control->is_in_vain = true;
	if (control_must_stop(control))
		return;
	control->run->established_count = state.open;
	control->run->established_active = state.open - state.crowd_open;
	control->run->connected_ns = clock_now_ns() - begun_ns;
	events_send_connected(control->events, clock_now_ns(), control->run->established_active,
			      state.crowd_open);
}

/*
 * Whether there is something to wait for before the window may begin: workers on their way through
 * ten thousand first requests would learn of it too late; and as long as some connection has had no
 * answer, there may be fewer that the server serves. Of a server that never answers that is awaited
 * as long as the window lasts, at most; of the crowd, which is asked for nothing else, until its
 * requests time out.
 */
static bool control_is_warming(const struct control *control, uint64_t now_ns, uint64_t until_ns)
{
	bool patient = now_ns < until_ns + control->run->options->duration_ns;
	struct ranks_state state = crew_look(&control->crew);

	return state.loading < state.workers || state.crowd_awaited > 0 ||
	       (patient && state.awaited > 0);
}

/* Of all connections, how many have had their first answer. */
static void control_tell_answered(const struct control *control, uint64_t now_ns)
{
	struct ranks_state state = crew_look(&control->crew);
	uint64_t all = control->run->established_count,
		 awaited = state.awaited + state.crowd_awaited;

	events_send_part(control->events, now_ns, "warming", "answered",
			 awaited < all ? all - awaited : 0, all);
}

/* Loads without counting, for the time asked for or longer. */
static void control_warm_up(struct control *control)
{
	uint64_t base_ns = clock_now_ns() + control_notice_ns(0);
	uint64_t until_ns = base_ns + control->run->options->warmup_ns;

	atomic_store(&control->crew.conduct.base_ns, base_ns);
	crew_set_phase(&control->crew, LOAD_WARM_UP);
	for (uint64_t tick_ns = base_ns, told_ns = until_ns; !control_must_stop(control);) {
		uint64_t now_ns = clock_now_ns();

		if (now_ns >= told_ns + TELL_NS) {
			control_tell_answered(control, now_ns);
			told_ns = now_ns;
		}
		if (now_ns >= until_ns && !control_is_warming(control, now_ns, until_ns))
			return;
		if (now_ns >= tick_ns) {
			control_look_for_server(control, now_ns);
			live_show_warm_up(control->live, now_ns,
					  until_ns > now_ns ? until_ns - now_ns : 0);
			tick_ns = now_ns + TICK_NS;
		}
		control_wait(control, now_ns < until_ns && until_ns < tick_ns ? until_ns : tick_ns);
	}
}

static int control_open(struct control *control, struct error *error)
{
	const struct options *options = control->run->options;
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGUSR1);
	sigaddset(&signals, SIGCONT);
	/* Blocked before any thread starts, so that only the descriptor tells of them. */
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	control->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	control->crew.notify_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	control->run->total = result_create(account_tallies(options, control->run->mix->count));
	if (control->signal_fd < 0 || control->crew.notify_fd < 0) {
		int result = -errno;

		error_set(error, "cannot open a descriptor: %s", strerror(-result));
		return result;
	}
	if (!control->run->total || !control->last_kinds) {
		error_set(error, "out of memory");
		return -ENOMEM;
	}
	return 0;
}

/* Stages may begin with no connection at all. */
static bool control_was_asked_to_connect(const struct options *options)
{
	return options_crowd(options) > 0 || !options->stages.of_connections ||
	       stages_level(&options->stages, 0) >= 1;
}

/* Each rank learns by itself how long answers are. Two that learnt differently did not have the same ones. */
static bool control_has_other_lengths(struct run *run, struct ranks_report *report)
{
	for (size_t i = 0; i < run->mix->count; i++) {
		uint64_t here = run->expected_lengths[i], there = report->lengths[i];

		if (report->missing || here == there || here == EXPECTED_ANY_LENGTH ||
		    there == EXPECTED_ANY_LENGTH)
			continue;
		snprintf(report->problem, sizeof(report->problem),
			 "its answers were of %" PRIu64 " bytes, those of rank 0 of %" PRIu64,
			 there, here);
		return true;
	}
	return false;
}

/* What the answers to each request were as long as; with one request, the run's. */
static void control_read_lengths(struct control *control)
{
	struct run *run = control->run;

	crew_read_lengths(&control->crew, run->expected_lengths);
	run->expected_length = run->mix->count > 1 ? EXPECTED_ANY_LENGTH : run->expected_lengths[0];
	for (size_t i = 1; run->ranks && i < run->rank_count; i++)
		run->lengths_differ |= control_has_other_lengths(run, &run->ranks[i]);
}

/* Where a thread could not begin, or nobody answers at all, there is nothing to wait for. */
static bool control_may_load(const struct control *control)
{
	if (control_must_stop(control) || crew_is_broken(&control->crew))
		return false;
	return crew_look(&control->crew).opened > 0 ||
	       !control_was_asked_to_connect(control->run->options);
}

static void control_conduct(struct control *control)
{
	control_connect(control);
	if (!control_may_load(control))
		return;
	control_warm_up(control);
	if (control_must_stop(control))
		return;
	if (control->run->options->in_slices)
		control_measure_slices(control);
	else
		control_measure(control);
}

/* This process's share of the load, which all others are told of at the same time. */
static struct share control_divide(const struct control *control)
{
	const struct options *options = control->run->options;
	struct ranks_plan plan = {.another = true,
				  .arrivals = (int)options->arrivals,
				  .rate_per_s = options->rate_per_s,
				  .duration_ns = options->duration_ns,
				  .spin_ns = options->spin_ns,
				  .seed = options->seed,
				  .sends_intervals = control->live->kind != LIVE_NOTHING ||
						     events_are_wanted(control->events)};

	return ranks_open(&plan, (uint32_t)options->threads);
}

/* Everything that was counted becomes one; of each kind its windows without an answer. */
static int control_gather(struct control *control, struct error *error)
{
	struct run *run = control->run;
	struct gaps gaps[OPTIONS_REQUESTS_MAX] = {0};
	struct ranks_report *reports = ranks_reports();
	uint64_t windows = run_count_windows(run);
	int result;

	control->crew.windows = windows;
	result = crew_join(&control->crew, run->total, gaps, error);
	if (reports) {
		run_fill_report(run, &reports[0]);
		reports[0].connections = (uint32_t)share_of(control->crew.load.share,
							    options_most(run->options));
	}
	run->gathered_ns = clock_now_ns();
	run->ranks_missing = ranks_gather(
		run->total, gaps, control->kind_count,
		clock_now_ns() + (run->interrupted ? RANKS_HASTE_NS : RANKS_PATIENCE_NS),
		&run->halted);
	run->gathered_ns = clock_now_ns() - run->gathered_ns;
	run->interrupted |= run->ranks_missing > 0;
	if (!run_keep_reports(run, reports, ranks_place().count) && result == 0) {
		error_set(error, "out of memory");
		result = -ENOMEM;
	}
	for (size_t i = 0; i < control->kind_count; i++) {
		run->total->tally[i].windows = gaps[i].lost ? 0 : windows;
		run->total->tally[i].silent_windows = gaps[i].lost ? 0
								   : gaps_count(&gaps[i], windows);
		gaps_destroy(&gaps[i]);
	}
	return result;
}

int control_run(struct run *run, struct events *events, struct live *live, struct error *error)
{
	struct control control = {.run = run, .events = events, .live = live, .orders_fd = -1};
	int result;

	crew_init(&control.crew, run);
	control.crew.load.share = control_divide(&control);
	/* Of a run before it, nothing holds for this one. */
	run->started_at_ns = clock_read_ns(CLOCK_REALTIME);
	run->window_started_ns = run->window_base_ns = run->window_ns = 0;
	run->established_count = run->established_active = run->connected_ns = 0;
	run->lengths_differ = false;
	run->ranks_missing = 0;
	run_forget_slices(run);
	control.kind_count = run->mix->count > 1 ? run->mix->count : 0;
	control.last_kinds = calloc(control.kind_count + 1, sizeof(*control.last_kinds));
	result = control_open(&control, error);
	if (result == 0)
		result = crew_start(&control.crew, error);
	result = ranks_agree(result, error);
	if (result == 0)
		control_conduct(&control);
	if (run->total) {
		int joined = control_gather(&control, error);

		result = result < 0 ? result : joined;
	}
	live_clear(live);
	free(control.last_kinds);
	control_read_lengths(&control);
	if (control.signal_fd >= 0)
		close(control.signal_fd);
	if (control.crew.notify_fd >= 0)
		close(control.crew.notify_fd);
	return result;
}
