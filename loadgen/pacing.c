#include "loadgen/pacing.h"
#include "lib/clock.h"
#include "loadgen/opening.h"

#include <errno.h>

enum { SLEEP_MOST_MS = 1000 };

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t after_first(const struct list *list, uint64_t wait_ns)
{
	return list->first ? connection_first(list)->since_ns + wait_ns : UINT64_MAX;
}

/* Of requests that are due: only if one may be sent. */
static uint64_t next_due(const struct worker *worker)
{
	return worker_may_send(worker) ? worker->schedule.due_ns : UINT64_MAX;
}

static uint64_t next_opening(const struct worker *worker)
{
	bool room = worker->to_open.first && worker->opening.count < worker->opening_max;
	uint64_t deadline_ns = room ? worker->next_connect_ns : UINT64_MAX;

	if (worker->phase != LOAD_CONNECT)
		return least(deadline_ns, after_first(&worker->to_open_later, OPENING_REST_NS));
	return worker->opening.first ? least(deadline_ns, worker->connect_deadline_ns)
				     : deadline_ns;
}

/* When there is something to do even if no connection stirs, other than to send what is due. */
static uint64_t next_deadline(const struct worker *worker)
{
	const struct options *options = worker->load->options;
	uint64_t deadline_ns = worker->more_to_open ? worker->now_ns : worker->edge_ns;

	if (worker->busy.first)
		deadline_ns = least(deadline_ns,
				    LIST_ENTRY(worker->busy.first, struct exchange, node)->sent_ns +
					    options->timeout_ns);
	deadline_ns = least(deadline_ns, after_first(&worker->opening, options->timeout_ns));
	deadline_ns = least(deadline_ns, after_first(&worker->thinking, options->think_time_ns));
	deadline_ns = least(deadline_ns, after_first(&worker->slow, worker->slow_period_ns));
	deadline_ns = least(deadline_ns, next_opening(worker));
	return least(deadline_ns, worker->next_adjust_ns);
}

static int sleep_until(struct worker *worker, struct epoll_event *events, int most,
		       uint64_t deadline_ns)
{
	uint64_t now_ns = worker->open_loop ? clock_now_ns() : worker->now_ns;
	uint64_t wait_ns = deadline_ns > now_ns ? deadline_ns - now_ns : 0, wait_ms;
	struct timespec wait = clock_to_timespec(wait_ns);
	int count = epoll_pwait2(worker->epoll_fd, events, most,
				 deadline_ns == UINT64_MAX ? NULL : &wait, NULL);

	if (count >= 0 || errno != ENOSYS)
		return count;
	/* Linux before 5.11: milliseconds have to do. */
	wait_ms = (wait_ns + NS_PER_MS - 1) / NS_PER_MS;
	return epoll_wait(worker->epoll_fd, events, most,
			  deadline_ns == UINT64_MAX ? -1 : (int)least(wait_ms, SLEEP_MOST_MS));
}

/* Polls until then, or until something happens. */
static int spin_until(struct worker *worker, struct epoll_event *events, int most,
		      uint64_t deadline_ns)
{
	/* Its CPU time, as what it is taken from: while others had the core nothing was spun. */
	uint64_t begun_ns = clock_read_ns(CLOCK_THREAD_CPUTIME_ID);
	int count = 0;

	while (count == 0 && clock_now_ns() < deadline_ns)
		count = epoll_wait(worker->epoll_fd, events, most, 0);
	if (worker_is_counting(worker))
		worker->result->spin_ns += clock_read_ns(CLOCK_THREAD_CPUTIME_ID) - begun_ns;
	return count;
}

int pacing_wait(struct worker *worker, struct epoll_event *events, int most)
{
	uint64_t spin_ns = worker->load->options->spin_ns;
	uint64_t due_ns = next_due(worker), deadline_ns = next_deadline(worker);
	uint64_t sleep_ns = due_ns > spin_ns ? due_ns - spin_ns : 0;
	int count;

	if (due_ns == UINT64_MAX || spin_ns == 0 || deadline_ns < sleep_ns)
		return sleep_until(worker, events, most, least(deadline_ns, due_ns));
	if (clock_now_ns() < sleep_ns) {
		count = sleep_until(worker, events, most, sleep_ns);
		if (count != 0)
			return count;
	}
	return spin_until(worker, events, most, least(deadline_ns, due_ns));
}
