#include "loadgen/follow.h"
#include "lib/clock.h"
#include "loadgen/crew.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Messages wake nobody: it looks for them so often. What has not changed is told again so often. */
#define LOOK_NS	     (2 * NS_PER_MS)
#define HEARTBEAT_NS (100 * NS_PER_MS)

/* Rank 0 says something twice a second. If it does not, there is nobody to work for; asked to end, it is waited for less. */
#define PATIENCE_NS (10 * NS_PER_S)
#define HASTE_NS    (2 * NS_PER_S)

struct follower {
	struct run *run;
	struct crew crew;
	int signal_fd;
	bool must_end; /* a signal asked for it: rank 0 had one too, and ends the run orderly */
	bool sends_intervals;
	uint64_t window_started_ns, window_ended_ns; /* in this machine's clock; 0: not told yet */
	uint64_t told_late_ns;
	uint64_t sent_ns, intervals_sent_ns;
	struct thread_cost cost;
};

static int follower_open(struct follower *follower, struct error *error)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	follower->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	follower->crew.notify_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (follower->signal_fd < 0 || follower->crew.notify_fd < 0) {
		int result = -errno;

		error_set(error, "cannot open a descriptor: %s", strerror(-result));
		return result;
	}
	return 0;
}

static void follower_close(struct follower *follower)
{
	if (follower->signal_fd >= 0)
		close(follower->signal_fd);
	if (follower->crew.notify_fd >= 0)
		close(follower->crew.notify_fd);
}

/* The conducting thread is part of what the generator costs, here as there. */
static void note_window(struct follower *follower, const struct ranks_orders *orders)
{
	uint64_t now_ns = clock_now_ns();

	if (orders->phase == LOAD_MEASURE && orders->counts && !follower->window_started_ns) {
		follower->window_started_ns = orders->start_ns;
		follower->told_late_ns = now_ns > orders->start_ns ? now_ns - orders->start_ns : 0;
		thread_cost_read_delay(&follower->cost);
		thread_cost_read_cpu(&follower->cost);
	}
	if (orders->phase == LOAD_MEASURE && orders->counts)
		follower->window_ended_ns = orders->end_ns;
	if (orders->phase >= LOAD_CLOSE && follower->window_started_ns)
		thread_cost_add(follower->run->total, &follower->cost);
	if (orders->phase >= LOAD_CLOSE && follower->window_started_ns)
		follower->run->window_ns = follower->window_ended_ns - follower->window_started_ns;
}

/* Number last, as control_tell_window has it. */
static void obey(struct follower *follower, const struct ranks_orders *orders)
{
	struct conduct *conduct = &follower->crew.conduct;
	bool known = follower->run->window_ns > 0;

	if (!known)
		note_window(follower, orders);
	follower->crew.windows = orders->windows;
	atomic_store(&conduct->base_ns, orders->base_ns);
	atomic_store(&conduct->start_ns, orders->start_ns);
	atomic_store(&conduct->end_ns, orders->end_ns);
	atomic_store(&conduct->counts, orders->counts);
	atomic_store(&conduct->origin_ns, orders->origin_ns);
	atomic_store_explicit(&conduct->number, orders->number, memory_order_release);
	if (orders->phase != LOAD_STOP) /* crew_join says that */
		crew_set_phase(&follower->crew, (enum load_phase)orders->phase);
}

static void tell_intervals(struct follower *follower, uint64_t now_ns)
{
	static struct interval_totals totals[OPTIONS_REQUESTS_MAX + 1];
	size_t kinds = follower->run->mix->count > 1 ? follower->run->mix->count : 0;

	if (!follower->sends_intervals || now_ns < follower->intervals_sent_ns + HEARTBEAT_NS)
		return;
	follower->intervals_sent_ns = now_ns;
	memset(totals, 0, sizeof(totals[0]) * (kinds + 1));
	for (size_t i = 0; i <= kinds; i++)
		crew_collect_here(&follower->crew, &totals[i], i);
	ranks_send_intervals(totals, kinds + 1);
}

static void tell(struct follower *follower, bool has_news)
{
	uint64_t now_ns = clock_now_ns();
	struct ranks_state state;

	if (!has_news && now_ns < follower->sent_ns + HEARTBEAT_NS)
		return;
	follower->sent_ns = now_ns;
	state = crew_look_here(&follower->crew);
	ranks_send_state(&state);
	tell_intervals(follower, now_ns);
}

/* Sleeps a little. Whether some worker got further. */
static bool await_news(struct follower *follower)
{
	struct pollfd descriptors[] = {{.fd = follower->signal_fd, .events = POLLIN},
				       {.fd = follower->crew.notify_fd, .events = POLLIN}};
	struct timespec wait = clock_to_timespec(LOOK_NS);
	struct signalfd_siginfo info;
	uint64_t news;

	if (ppoll(descriptors, 2, &wait, NULL) <= 0)
		return false;
	if (descriptors[0].revents && read(follower->signal_fd, &info, sizeof(info)) > 0)
		follower->must_end |= info.ssi_signo != SIGUSR1;
	return descriptors[1].revents &&
	       read(follower->crew.notify_fd, &news, sizeof(news)) == sizeof(news);
}

static bool is_forsaken(const struct follower *follower)
{
	uint64_t patience_ns = follower->must_end ? HASTE_NS : PATIENCE_NS;

	return clock_now_ns() > ranks_heard_ns() + patience_ns;
}

/* To the end of the run. */
static int follow_orders(struct follower *follower, struct error *error)
{
	struct ranks_orders orders = {0};

	while (orders.phase != LOAD_STOP) {
		bool has_news = await_news(follower);

		if (ranks_have_orders(&orders))
			obey(follower, &orders);
		tell(follower, has_news);
		if (is_forsaken(follower)) {
			error_set(error, "nothing was heard of rank 0 any more");
			return -ETIMEDOUT;
		}
	}
	return 0;
}

static void apply_plan(struct options *options, const struct ranks_plan *plan)
{
	options->arrivals = (enum arrivals)plan->arrivals;
	options->rate_per_s = plan->rate_per_s;
	options->duration_ns = plan->duration_ns;
	options->spin_ns = plan->spin_ns;
	options->seed = plan->seed;
}

static int follow(struct run *run, const struct ranks_plan *plan, struct error *error)
{
	struct follower follower = {
		.run = run, .signal_fd = -1, .sends_intervals = plan->sends_intervals};
	struct gaps gaps[OPTIONS_REQUESTS_MAX] = {0};
	size_t kinds = run->mix->count > 1 ? run->mix->count : 0;
	struct ranks_report report = {0};
	struct error problem = {0};
	int result;

	crew_init(&follower.crew, run);
	follower.crew.load.share = (struct share){.first = plan->first_thread,
						  .count = (uint32_t)run->options->threads,
						  .total = plan->all_threads};
	run->total = result_create(account_tallies(run->options, run->mix->count));
	if (!run->total) {
		error_set(error, "out of memory");
		return ranks_agree(-ENOMEM, error);
	}
	result = follower_open(&follower, error);
	if (result == 0)
		result = crew_start(&follower.crew, error);
	/* Where one could not begin rank 0 says at once that all are to stop. */
	ranks_agree(result, error);
	result = follow_orders(&follower, error);
	crew_join(&follower.crew, run->total, gaps, &problem);
	run_fill_report(run, &report);
	crew_read_lengths(&follower.crew, report.lengths);
	report.told_late_ns = follower.told_late_ns;
	report.connections = (uint32_t)share_of(follower.crew.load.share,
						options_most(run->options));
	snprintf(report.problem, sizeof(report.problem), "%.*s", (int)sizeof(report.problem) - 1,
		 problem.text);
	ranks_give(run->total, gaps, kinds, &report);
	for (size_t i = 0; i < kinds; i++)
		gaps_destroy(&gaps[i]);
	follower_close(&follower);
	free(run->total);
	run->total = NULL;
	return result;
}

int follow_runs(struct run *run, struct error *error)
{
	const struct options *asked = run->options;
	struct options options = *asked;
	struct ranks_plan plan;
	int result = 0;

	while (result == 0 && ranks_await_plan(&plan, (uint32_t)options.threads)) {
		apply_plan(&options, &plan);
		run->options = &options;
		run->window_ns = 0;
		result = follow(run, &plan, error);
	}
	run->options = asked;
	return result;
}
