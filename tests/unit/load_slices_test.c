/* Slices as a thread goes through them: a driver without a thread, sockets it is given, and a clock. */
#include "lib/clock.h"
#include "loadgen/mix.h"
#include "loadgen/options_rows.h"
#include "loadgen/round.h"
#include "loadgen/window.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS = 3, SLICE_MS = 100 };

static struct options options;
static struct target target;
static struct mix mix;
static struct load load = {.options = &options, .target = &target, .mix = &mix};
static const struct share whole = {.count = 1, .total = 1};
static struct progress progress = {.notify_fd = -1};
static struct driver driver;
static int peers[CONNECTIONS];

static const uint64_t base_ns = 5000000000000000;
static uint64_t now_ns;
static bool mixed; /* two kinds of request */

static uint64_t read_clock(void)
{
	return now_ns;
}

static void connect_again(size_t i)
{
	struct connection *connection = pool_connection(&driver.pool, i);
	int pair[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	connection->descriptor = pair[0];
	peers[i] = pair[1];
	connection->state = CONNECTION_OPEN;
	connection->begun = 0;
	connection_move(connection, &driver.pool.idle);
}

/* Time passes, and the thread looks what there is to do. */
static void pass(uint64_t ns)
{
	now_ns += ns;
	if (window_may_go_on(&driver))
		round_tick(&driver);
}

static void tell(uint64_t number, uint64_t start_ns, uint64_t length_ns, bool counts)
{
	window_set(&driver, &(struct span){.number = number,
					   .start_ns = start_ns,
					   .end_ns = start_ns + length_ns,
					   .counts = counts});
}

static bool rests(uint64_t number)
{
	return atomic_load(&progress.rests) == number;
}

/* Connected, warmed up for 10 ms without an answer to wait for, and at rest. */
static void begin(enum arrivals arrivals, double rate_per_s)
{
	struct error error;

	options = options_default;
	options.url = "http://127.0.0.1/";
	options.method = "GET";
	options.connections = CONNECTIONS;
	options.threads = 1;
	options.arrivals = arrivals;
	options.rate_per_s = rate_per_s;
	options.in_slices = true;
	if (mixed) {
		cr_assert_eq(read_request(&options, NULL, "4 GET /quick", &error), 0);
		cr_assert_eq(read_request(&options, NULL, "1 GET /slow", &error), 0);
	}
	cr_assert_eq(target_parse(&target, options.url, &error), 0);
	cr_assert_eq(mix_build(&mix, &options, &target, &error), 0);
	for (size_t i = 0; i < mix.count; i++)
		atomic_store(&load.expected_length[i], EXPECTED_LEARN_LENGTH);
	now_ns = base_ns;
	cr_assert_eq(driver_init(&driver, &load, whole, &progress, read_clock), 0);
	while (connection_first(&driver.pool.to_open))
		connection_move(connection_first(&driver.pool.to_open), NULL);
	round_begin_load(&driver, base_ns);
	if (arrivals != ARRIVALS_CLOSED)
		schedule_advance(&driver.schedule); /* what was due at once */
	for (size_t i = 0; i < CONNECTIONS; i++)
		connect_again(i);
	now_ns += 10 * NS_PER_MS;
	tell(1, now_ns, 0, false);
	pass(0);
	cr_assert(rests(1));
}

static void end(void)
{
	for (size_t i = 0; i < CONNECTIONS; i++) {
		if (pool_connection(&driver.pool, i)->descriptor >= 0)
			close(pool_connection(&driver.pool, i)->descriptor);
		close(peers[i]);
	}
	driver_destroy(&driver);
	mix_destroy(&mix);
}

TestSuite(load_slices, .fini = end, .timeout = 20);

/* How many requests have come to the other ends since the last look. */
static unsigned count_requests(void)
{
	unsigned count = 0;
	char request[4096];

	for (size_t i = 0; i < CONNECTIONS; i++) {
		ssize_t size = recv(peers[i], request, sizeof(request) - 1, 0);

		if (size <= 0)
			continue;
		request[size] = '\0';
		for (const char *at = request; (at = strstr(at, "\r\n\r\n")); at += 4)
			count++;
	}
	return count;
}

static void answer(size_t i)
{
	static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

	cr_assert_eq(send(peers[i], text, strlen(text), 0), (ssize_t)strlen(text));
	round_handle(&driver, pool_connection(&driver.pool, i), EPOLLIN);
	round_tick(&driver);
}

Test(load_slices, a_closed_loop_sends_from_its_beginning_to_its_end_and_not_a_moment_longer)
{
	begin(ARRIVALS_CLOSED, 0);
	pass(NS_PER_S);
	cr_assert_eq(count_requests(), 0, "nothing is sent at rest");
	tell(2, now_ns + NS_PER_MS, SLICE_MS * NS_PER_MS, true);
	cr_assert_eq(round_deadline_ns(&driver), now_ns + NS_PER_MS, "it is woken up in time");
	pass(NS_PER_MS - 1);
	cr_assert_eq(count_requests(), 0);
	pass(1);
	cr_assert_eq(count_requests(), CONNECTIONS);
	pass(SLICE_MS * NS_PER_MS - 1);
	answer(0);
	cr_assert_eq(count_requests(), 1, "a nanosecond before the end");
	pass(1);
	answer(1);
	answer(0);
	cr_assert_eq(count_requests(), 0);
	cr_assert(rests(1), "one has no answer");
	pass(7 * NS_PER_MS);
	answer(2);
	cr_assert(rests(2));
	cr_assert_eq(progress.slice.due, 4);
	cr_assert_eq(progress.slice.good, 4);
	cr_assert_eq(progress.slice.errors, 0);
	cr_assert_eq(progress.slice.rested_ns, now_ns);
	cr_assert_eq(driver.account.result->good, 4);
	cr_assert_eq(driver.account.result->latency.total, 4);
	cr_assert_eq(driver.account.result->latency.max_ns, (SLICE_MS + 7) * NS_PER_MS);
	cr_assert_eq(driver.account.result->bytes_received, 4 * 43, "with those behind its end");
	cr_assert_eq(driver.pool.idle.count, CONNECTIONS);
}

Test(load_slices, a_lead_counts_for_nothing_but_itself)
{
	begin(ARRIVALS_CLOSED, 0);
	tell(2, now_ns, 20 * NS_PER_MS, false);
	pass(0);
	answer(0);
	pass(20 * NS_PER_MS);
	for (size_t i = 0; i < CONNECTIONS; i++)
		answer(i);
	cr_assert(rests(2));
	cr_assert_eq(progress.slice.due, 4);
	cr_assert_eq(progress.slice.good, 4);
	cr_assert_eq(driver.account.result->good, 0);
	cr_assert_eq(driver.account.result->latency.total, 0);
	cr_assert_eq(driver.account.result->bytes_received, 0);
	cr_assert_eq(driver.account.result->cpu_ns, 0);
	cr_assert_eq(driver.account.result->good_outside, 4);
	tell(3, now_ns, 20 * NS_PER_MS, true);
	pass(0);
	pass(20 * NS_PER_MS);
	for (size_t i = 0; i < CONNECTIONS; i++)
		answer(i);
	cr_assert_eq(progress.slice.due, CONNECTIONS, "of this one alone");
	cr_assert_eq(driver.account.result->good, CONNECTIONS);
	cr_assert_gt(driver.account.result->cpu_ns, 0);
}

Test(load_slices, what_is_due_in_a_slice_is_sent_however_late_and_its_time_counts)
{
	begin(ARRIVALS_CONSTANT, 100);
	tell(2, now_ns + NS_PER_MS, SLICE_MS * NS_PER_MS, true);
	/* The thread is away until long behind the end. */
	pass(NS_PER_MS + 2 * SLICE_MS * NS_PER_MS);
	for (int i = 0; i < 10 && !rests(2); i++)
		for (size_t j = 0; j < CONNECTIONS; j++)
			if (pool_connection(&driver.pool, j)->count > 0)
				answer(j);
	cr_assert(rests(2));
	cr_assert_eq(progress.slice.due, 10);
	cr_assert_eq(progress.slice.good, 10);
	cr_assert_eq(driver.account.result->due, 10);
	/* Each from when it was due; all that delayed them was ours. */
	cr_assert_eq(driver.account.result->latency.max_ns,
		     driver.account.result->send_lateness.max_ns);
	cr_assert_geq(driver.account.result->latency.min_ns, SLICE_MS * NS_PER_MS);
	cr_assert_eq(driver.account.behind_ns, 0, "the next slice begins without it");
	cr_assert_eq(round_next_due_ns(&driver), UINT64_MAX);
}

Test(load_slices, who_went_away_at_rest_and_comes_back_behind_the_end_sends_nothing)
{
	begin(ARRIVALS_CLOSED, 0);
	tell(2, now_ns + NS_PER_MS, SLICE_MS * NS_PER_MS, true);
	pass(2 * SLICE_MS * NS_PER_MS);
	cr_assert_eq(count_requests(), 0);
	cr_assert(rests(2));
	cr_assert_eq(progress.slice.due, 0);
}

Test(load_slices, what_nobody_waits_for_any_more_is_left_and_all_rest)
{
	begin(ARRIVALS_CONSTANT, 100);
	tell(2, now_ns, SLICE_MS * NS_PER_MS, true);
	pass(SLICE_MS * NS_PER_MS);
	cr_assert(!rests(2));
	cr_assert_eq(count_requests(), CONNECTIONS);
	pass(50 * NS_PER_MS);
	round_come_to_rest(&driver);
	cr_assert(rests(2));
	cr_assert_eq(driver.account.result->unanswered_age.total, 10);
	cr_assert_eq(driver.account.result->latency.total, 10);
	cr_assert_eq(driver.account.under_way, 0);
	cr_assert_eq(driver.wire.busy.count, 0);
	cr_assert_eq(driver.pool.to_open.count, CONNECTIONS, "an answer would be one to another");
	cr_assert_eq(progress.slice.due, 10);
	cr_assert_eq(progress.slice.good + progress.slice.errors, 0);
}

Test(load_slices, one_that_is_cut_before_it_began_is_no_slice)
{
	begin(ARRIVALS_CLOSED, 0);
	tell(2, now_ns + NS_PER_MS, SLICE_MS * NS_PER_MS, true);
	tell(2, now_ns + NS_PER_MS, 0, true);
	round_come_to_rest(&driver);
	cr_assert(rests(2));
	pass(SLICE_MS * NS_PER_MS);
	cr_assert_eq(count_requests(), 0, "nor does it begin later");
	cr_assert_eq(driver.account.result->cpu_ns, 0);
}

Test(load_slices, a_connection_that_the_server_closes_at_rest_is_opened_again_and_no_error)
{
	begin(ARRIVALS_CLOSED, 0);
	tell(2, now_ns, SLICE_MS * NS_PER_MS, true);
	pass(0);
	pass(SLICE_MS * NS_PER_MS);
	for (size_t i = 0; i < CONNECTIONS; i++)
		answer(i);
	cr_assert(rests(2));
	cr_assert_eq(count_requests(), CONNECTIONS);
	pass(NS_PER_S);
	close(peers[1]);
	round_handle(&driver, pool_connection(&driver.pool, 1), EPOLLIN | EPOLLRDHUP);
	cr_assert_eq(driver.pool.to_open.count, 1);
	cr_assert_eq(result_count_errors(driver.account.result->errors) +
			     result_count_errors(driver.account.result->errors_outside),
		     0);
	connect_again(1);
	tell(3, now_ns, SLICE_MS * NS_PER_MS, true);
	pass(0);
	cr_assert_eq(count_requests(), CONNECTIONS, "all of them, as in the first slice");
}

static void answer_whatever_was_sent(void)
{
	for (int i = 0; i < 20; i++)
		for (size_t j = 0; j < CONNECTIONS; j++)
			if (pool_connection(&driver.pool, j)->count > 0)
				answer(j);
}

/* Leads of 7 requests and slices of 5 have parts of decks, in turn; what counts has whole ones. */
Test(load_slices, shares_of_a_mix_are_exact_in_what_counts)
{
	const struct tally *tally;

	mixed = true;
	begin(ARRIVALS_CONSTANT, 100);
	for (uint64_t number = 2; number <= 21; number += 2) {
		tell(number, now_ns, 70 * NS_PER_MS, false);
		pass(70 * NS_PER_MS);
		answer_whatever_was_sent();
		cr_assert(rests(number));
		tell(number + 1, now_ns, 50 * NS_PER_MS, true);
		pass(50 * NS_PER_MS);
		answer_whatever_was_sent();
		cr_assert(rests(number + 1));
		tally = driver.account.result->tally;
		cr_assert_eq(tally[0].due, 4 * (number / 2));
		cr_assert_eq(tally[1].due, 1 * (number / 2));
	}
	cr_assert_eq(tally[0].good + tally[1].good, driver.account.result->good);
	cr_assert_eq(tally[0].latency.total + tally[1].latency.total,
		     driver.account.result->latency.total);
}

/* Nobody is answered: what was sent, and what no connection was free for, is missing of its own kind. */
Test(load_slices, what_is_missing_is_missing_of_its_kind)
{
	const struct tally *tally;

	mixed = true;
	begin(ARRIVALS_CONSTANT, 100);
	tell(2, now_ns, 3 * NS_PER_S, true);
	pass(3 * NS_PER_S);
	pass(100 * NS_PER_MS);
	round_come_to_rest(&driver);
	tally = driver.account.result->tally;
	cr_assert_eq(driver.account.result->unanswered_age.total, 300);
	cr_assert_lt(driver.account.result->sent, 10);
	cr_assert_eq(tally[0].due, 240);
	cr_assert_eq(tally[0].unanswered, 240);
	cr_assert_eq(tally[1].unanswered, 60);
	cr_assert_eq(tally[1].latency.total, 60);
	cr_assert_leq(tally[1].latency_bound_ns, tally[1].latency.min_ns, "all are lower bounds");
	for (size_t i = 0; i < 2; i++)
		cr_assert_eq(gaps_count(&progress.kinds.kind[i].gaps, 30), 30);
}
