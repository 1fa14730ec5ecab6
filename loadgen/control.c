#include "loadgen/control_parts.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Whether anybody listens is asked at most so often: asking is a connection too. */
#define PROBE_PERIOD_NS (300 * NS_PER_MS)

void control_wait(struct control *control, uint64_t until_ns)
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
	if (descriptors[0].revents && read(control->signal_fd, &info, sizeof(info)) > 0) {
		if (info.ssi_signo == SIGUSR1)
			control->enough = true;
		else
			control->run->interrupted = true;
	}
	if (descriptors[1].revents && read(control->crew.notify_fd, &news, sizeof(news)) < 0)
		return; /* somebody's news was read already */
}

void control_look_for_server(struct control *control, uint64_t now_ns)
{
	uint64_t opened = CREW_SUM(&control->crew, opened_count);
	bool gone = CREW_SUM(&control->crew, open_count) == 0 &&
		    opened == control->last_opened_count;

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
	uint64_t crowd, begun_ns = clock_now_ns(), tick_ns = begun_ns + TICK_NS;

	while (!CREW_ALL(&control->crew, settled) && !control_must_stop(control)) {
		uint64_t now_ns = clock_now_ns();

		if (now_ns >= tick_ns) {
			control_look_for_server(control, now_ns);
			tick_ns = now_ns + TICK_NS;
		}
		live_show_connecting(control->live, now_ns, CREW_SUM(&control->crew, open_count),
				     options->connections + options_crowd(options));
		control_wait(control, now_ns + TICK_NS);
	}
	if (CREW_SUM(&control->crew, open_count) == 0 && tls_was_refused(control->crew.load.tls))
		control->is_in_vain = true;
	if (control_must_stop(control))
		return;
	crowd = CREW_SUM(&control->crew, crowd_open_count);
	control->run->established_count = CREW_SUM(&control->crew, open_count);
	control->run->established_active = control->run->established_count - crowd;
	control->run->connected_ns = clock_now_ns() - begun_ns;
	events_send_connected(control->events, clock_now_ns(), control->run->established_active,
			      crowd);
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

	return !CREW_ALL(&control->crew, loading) || CREW_SUM(&control->crew, crowd_awaited) > 0 ||
	       (patient && CREW_SUM(&control->crew, awaited) > 0);
}

/* Loads without counting, for the time asked for or longer. */
static void control_warm_up(struct control *control)
{
	uint64_t base_ns = clock_now_ns();
	uint64_t until_ns = base_ns + control->run->options->warmup_ns;

	atomic_store(&control->crew.conduct.base_ns, base_ns);
	crew_set_phase(&control->crew, LOAD_WARM_UP);
	for (uint64_t tick_ns = base_ns; !control_must_stop(control);) {
		uint64_t now_ns = clock_now_ns();

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

/* What the answers to each request were as long as; with one request, the run's. */
static void control_read_lengths(struct control *control)
{
	struct run *run = control->run;

	for (size_t i = 0; i < run->mix->count; i++) {
		uint64_t length = atomic_load(&control->crew.load.expected_length[i]);

		run->expected_lengths[i] = length == EXPECTED_LEARN_LENGTH ? EXPECTED_ANY_LENGTH
									   : length;
	}
	run->expected_length = run->mix->count > 1 ? EXPECTED_ANY_LENGTH : run->expected_lengths[0];
}

/* Where a thread could not begin, or nobody answers at all, there is nothing to wait for. */
static bool control_may_load(const struct control *control)
{
	if (control_must_stop(control) || crew_is_broken(&control->crew))
		return false;
	return CREW_SUM(&control->crew, opened_count) > 0 ||
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

int control_run(struct run *run, struct events *events, struct live *live, struct error *error)
{
	struct control control = {.run = run, .events = events, .live = live, .orders_fd = -1};
	int result;

	control.crew.load.options = run->options;
	control.crew.load.target = run->target;
	control.crew.load.source = run->source;
	control.crew.load.mix = run->mix;
	control.crew.load.tls = run->tls;
	control.crew.load.share = (struct share){.count = (uint32_t)run->options->threads,
						 .total = (uint32_t)run->options->threads};
	for (size_t i = 0; i < run->mix->count; i++)
		atomic_store(&control.crew.load.expected_length[i],
			     run->mix->request[i].expect.length);
	/* Of a run before it, nothing holds for this one. */
	run->started_at_ns = clock_read_ns(CLOCK_REALTIME);
	run->window_started_ns = run->window_base_ns = run->window_ns = 0;
	run->established_count = run->established_active = run->connected_ns = 0;
	run_forget_slices(run);
	control.kind_count = run->mix->count > 1 ? run->mix->count : 0;
	control.last_kinds = calloc(control.kind_count + 1, sizeof(*control.last_kinds));
	result = control_open(&control, error);
	if (result == 0)
		result = crew_start(&control.crew, error);
	if (result == 0)
		control_conduct(&control);
	if (control.crew.workers && run->total) {
		int stopped = crew_stop(&control.crew, run->total, run_count_windows(run), error);

		result = result < 0 ? result : stopped;
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
