/*
 * When a request counts as sent, and how late: one driver, driven by hand, whose connections end in
 * the test. Only what the machine cannot disturb is asserted.
 */
#include "lib/clock.h"
#include "loadgen/mix.h"
#include "loadgen/round.h"
#include "loadgen/sending.h"
#include "loadgen/window.h"
#include "tests/unit/histogram_above.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	CONNECTIONS = 16,
	RATE_PER_S = 100,
	AWAY_MS = 2000,
	/* Not all that is due in that time, so that the schedule is never kept up with. */
	ANSWERED = RATE_PER_S * AWAY_MS / 1000 - 2 * CONNECTIONS,
};

static const uint64_t away_ns = AWAY_MS * NS_PER_MS;

static struct options options;
static struct target target;
static struct mix mix;
static struct load load = {.options = &options, .target = &target, .mix = &mix};
static const struct share whole = {.count = 1, .total = 1};
static struct progress progress = {.notify_fd = -1};
static struct driver driver;
static int peers[CONNECTIONS];

static uint64_t now_ns; /* 0: as late as it is */

static uint64_t read_clock(void)
{
	return now_ns ? now_ns : clock_now_ns();
}

/* A driver in its window, which began when the first request was due, and established connections. */
static void begin(enum arrivals arrivals, uint64_t base_ns)
{
	struct error error;

	options = options_default;
	options.url = "http://127.0.0.1/";
	options.method = "GET";
	options.connections = CONNECTIONS;
	options.threads = 1;
	options.arrivals = arrivals;
	options.rate_per_s = RATE_PER_S;
	cr_assert_eq(target_parse(&target, options.url, &error), 0);
	cr_assert_eq(mix_build(&mix, &options, &target, &error), 0);
	atomic_store(&load.expected_length[0], EXPECTED_LEARN_LENGTH);
	now_ns = base_ns;
	cr_assert_eq(driver_init(&driver, &load, whole, &progress, read_clock), 0);
	round_begin_load(&driver, base_ns);
	window_set(&driver, &(struct span){.number = 1,
					   .start_ns = base_ns,
					   .end_ns = base_ns + 1000 * NS_PER_S,
					   .counts = true});
	cr_assert(window_may_go_on(&driver));
	now_ns = 0;
	for (size_t i = 0; i < CONNECTIONS; i++) {
		struct connection *connection = pool_connection(&driver.pool, i);
		int pair[2];

		cr_assert_eq(
			socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair),
			0);
		connection->descriptor = pair[0];
		peers[i] = pair[1];
		connection->state = CONNECTION_OPEN;
		connection_move(connection, NULL);
	}
}

static void end(void)
{
	for (size_t i = 0; i < CONNECTIONS; i++) {
		close(pool_connection(&driver.pool, i)->descriptor);
		close(peers[i]);
	}
	driver_destroy(&driver);
	mix_destroy(&mix);
}

TestSuite(load_sending, .fini = end, .timeout = 60);

/* All connections have been free since then, and nobody has looked. */
static void be_free_since(uint64_t since_ns)
{
	driver.account.free_since_ns = since_ns;
	for (size_t i = 0; i < CONNECTIONS; i++)
		connection_move(pool_connection(&driver.pool, i), &driver.pool.idle);
}

/* Answers at once whatever has been sent, until most of what was due in that time has its answer. */
static void answer_all(void)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
	bool any = true;
	char buffer[4096];

	while (any && driver.account.result->good < ANSWERED) {
		any = false;
		for (size_t i = 0; i < CONNECTIONS; i++) {
			if (recv(peers[i], buffer, sizeof(buffer), 0) <= 0)
				continue;
			any = true;
			cr_assert_gt(send(peers[i], answer, sizeof(answer) - 1, MSG_NOSIGNAL), 0);
			round_handle(&driver, pool_connection(&driver.pool, i), EPOLLIN);
		}
	}
	cr_assert_geq(driver.account.result->good, ANSWERED);
	cr_assert_geq(histogram_count_above(&driver.account.result->latency, away_ns / 2),
		      ANSWERED / 3);
}

Test(load_sending, what_a_pause_of_our_own_left_behind_is_late_to_the_last)
{
	uint64_t base_ns = clock_now_ns() - away_ns;

	begin(ARRIVALS_CONSTANT, base_ns);
	be_free_since(base_ns - 1);
	cr_assert(window_may_go_on(&driver));
	sending_due(&driver);
	answer_all();
	/* Not only as many as there are connections. */
	cr_assert_eq(histogram_count_above(&driver.account.result->send_lateness, NS_PER_MS),
		     driver.account.result->sent);
}

Test(load_sending, what_a_stall_of_the_server_left_behind_is_not_late)
{
	begin(ARRIVALS_CONSTANT, clock_now_ns() - away_ns);
	/* Each was busy all the time, has its answer now, and sends with the same look at the clock. */
	for (size_t i = 0; i < CONNECTIONS; i++) {
		cr_assert(window_may_go_on(&driver));
		sending_use(&driver, pool_connection(&driver.pool, i));
	}
	answer_all();
	cr_assert_eq(histogram_count_above(&driver.account.result->send_lateness, NS_PER_US), 0);
}

Test(load_sending, of_a_stall_and_a_pause_only_the_pause_is_ours)
{
	uint64_t base_ns = clock_now_ns() - away_ns;

	begin(ARRIVALS_CONSTANT, base_ns);
	/* The server was back after three quarters of the time. */
	be_free_since(base_ns + away_ns * 3 / 4);
	cr_assert(window_may_go_on(&driver));
	sending_due(&driver);
	answer_all();
	cr_assert_eq(histogram_count_above(&driver.account.result->send_lateness, NS_PER_MS),
		     driver.account.result->sent);
	cr_assert_leq(driver.account.result->send_lateness.max_ns + away_ns / 2,
		      driver.account.result->latency.max_ns);
}

Test(load_sending, a_server_that_does_not_keep_up_is_not_our_lateness)
{
	uint64_t base_ns = clock_now_ns() - away_ns / 8;

	begin(ARRIVALS_CONSTANT, base_ns);
	be_free_since(base_ns - 1);
	cr_assert(window_may_go_on(&driver));
	sending_due(&driver);
	cr_assert_eq(driver.account.result->sent, CONNECTIONS);
	/* We were late with these. As if the server took for them far longer than that: */
	driver.schedule.base_ns -= 10 * away_ns;
	driver.account.start_ns -= 10 * away_ns;
	driver.schedule.due_ns -= 10 * away_ns;
	answer_all();
	cr_assert_leq(histogram_count_above(&driver.account.result->send_lateness, NS_PER_US),
		      CONNECTIONS);
}

Test(load_sending, lateness_ends_when_the_schedule_is_kept_up_with)
{
	uint64_t base_ns = clock_now_ns() - away_ns;

	begin(ARRIVALS_CONSTANT, base_ns);
	be_free_since(base_ns - 1);
	cr_assert(window_may_go_on(&driver));
	sending_due(&driver);
	cr_assert_geq(driver.account.behind_ns, away_ns);
	answer_all();
	/* The next one is far off, so that this moment is one at which nothing is due. */
	driver.schedule.due_ns = driver.account.now_ns + NS_PER_S;
	sending_due(&driver);
	cr_assert_eq(driver.account.behind_ns, 0);
}

/* The first so many connections pause from now on. */
static void let_pause(size_t count, uint64_t think_time_ns)
{
	options.think_time_ns = think_time_ns;
	cr_assert_eq(pauses_init(&driver.pool.pauses, CONNECTIONS, &options, 1), 0);
	for (size_t i = 0; i < count; i++) {
		struct connection *connection = pool_connection(&driver.pool, i);

		pauses_begin(&driver.pool.pauses, connection, driver.account.now_ns, false);
		connection_move(connection, &driver.pool.thinking);
	}
}

Test(load_sending, each_pause_that_ends_is_followed_by_a_look_at_the_clock)
{
	uint64_t begun_ns, before_ns = 0;
	struct list_node *node;

	begin(ARRIVALS_CLOSED, clock_now_ns() - away_ns);
	let_pause(CONNECTIONS, 10 * NS_PER_MS);
	/* As it was when this round of the loop began. */
	driver.account.now_ns += 20 * NS_PER_MS;
	begun_ns = clock_now_ns();
	round_tick(&driver);
	cr_assert_eq(driver.wire.busy.count, CONNECTIONS);
	for (node = driver.wire.busy.first; node; node = node->next) {
		const struct exchange *exchange =
			&LIST_ENTRY(node, const struct slot, node)->exchange;

		cr_assert_geq(exchange->sent_ns, begun_ns);
		cr_assert_gt(exchange->sent_ns, before_ns);
		before_ns = exchange->sent_ns;
	}
}

Test(load_sending, a_pause_that_ends_behind_the_window_sends_nothing)
{
	begin(ARRIVALS_CLOSED, clock_now_ns() - away_ns);
	let_pause(1, NS_PER_MS);
	window_close(&driver);
	driver.account.now_ns += 20 * NS_PER_MS;
	round_tick(&driver);
	cr_assert_eq(driver.account.window, WINDOW_AFTER);
	cr_assert_eq(driver.wire.busy.count, 0);
}
