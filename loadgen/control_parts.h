/* The conducting thread's parts, each in a file of its own. Internal to control. */
#ifndef TENK_CONTROL_PARTS_H
#define TENK_CONTROL_PARTS_H

#include "lib/clock.h"
#include "loadgen/control.h"
#include "loadgen/crew.h"

/* How often it looks at what the workers have counted. */
#define TICK_NS (100 * NS_PER_MS)

struct control {
	struct run *run;
	struct events *events;
	struct live *live;
	struct crew crew;
	int signal_fd;
	int orders_fd;	 /* in slices, at rest: where the next order comes from; else -1 */
	bool is_in_vain; /* nobody listens and nobody ever did; or no certificate is good */
	bool enough;	 /* SIGUSR1: the window ends now, as if its time were up */

	struct interval_totals last_totals; /* at the last tick */
	struct interval_totals *last_kinds; /* of each kind of request; malloc'ed */
	size_t kind_count;		    /* 0: there is one request */
	uint64_t last_cpu_ns;		    /* of all ranks, as all that is counted */
	uint64_t last_opened_count, probed_at_ns;
	uint64_t interval_base_ns; /* since when the times of intervals count */
	struct thread_cost cost_at_start;
};

/* There is no more to measure, or somebody wants an end. */
static inline bool control_must_stop(const struct control *control)
{
	return control->run->interrupted || control->run->server_vanished || control->is_in_vain;
}

/*
 * Sleeps until then, or until a worker has news, or a signal comes, or an order; where there are other ranks, not
 * for long, and hears what they have to say.
 */
void control_wait(struct control *control, uint64_t until_ns);

/* How long before something is due it has to be told: so long, or as long as a message to another rank may take. */
uint64_t control_notice_ns(uint64_t here_ns);

/* Whether all workers have come so far: a member of struct ranks_state. */
#define CONTROL_ALL(control, member) control_all((control), offsetof(struct ranks_state, member))
bool control_all(const struct control *control, size_t offset);

/* No connection is left, none was opened since the last look, and nobody listens (any more)? */
void control_look_for_server(struct control *control, uint64_t now_ns);

/* Tells the workers of the next window (or what is like one, see struct span); and that it ends earlier. */
void control_tell_window(struct control *control, uint64_t start_ns, uint64_t end_ns, bool counts);
void control_end_window_at(struct control *control, uint64_t end_ns);

/* control_window.c: from here on. The measured window, from its beginning to the last answer. */
void control_measure(struct control *control);

/* The first window begins, of which there is more than one in slices: times are told since then. */
void control_begin_times(struct control *control, uint64_t at_ns);

/* Waits until a window starts, and notes what this thread has cost until then. */
void control_await_start(struct control *control, uint64_t start_ns);

/*
 * Passes the window's time, and calls `look` every TICK_NS of it: a look that comes late covers what it
 * missed. True: somebody or something ended it before its time.
 */
bool control_tick(struct control *control, uint64_t start_ns, uint64_t end_ns,
		  void (*look)(struct control *control, uint64_t now_ns, uint64_t end_ns));

/* What happened since the last look, as an event; what was recorded, as a line of --log-interval. */
void control_end_interval(struct control *control, uint64_t at_ns);
void control_end_log_line(struct control *control, uint64_t now_ns);

/* control_slices.c: measures when it is told to, until it is told to end. */
void control_measure_slices(struct control *control);

#endif
