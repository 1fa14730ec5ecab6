/* Which connection a request takes that is due: a driver without a thread, and sockets it is given. */
#include "lib/clock.h"
#include "loadgen/mix.h"
#include "loadgen/round.h"
#include "loadgen/sending.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS = 3 };

static struct options options = {
	.url = "http://127.0.0.1/",
	.connections = CONNECTIONS,
	.threads = 1,
	.timeout_ns = NS_PER_S,
	.arrivals = ARRIVALS_CONSTANT,
	.rate_per_s = 1e-3, /* what is due next is so only when the test says so */
	.pipelining = 1,
	.slow_bytes_per_s = 10,
	.method = "GET",
	.expect.status_low = 200,
	.expect.status_high = 299,
	.expect.length = EXPECTED_LEARN_LENGTH,
};
static struct target target;
static struct mix mix;
static struct load load = {.options = &options, .target = &target, .mix = &mix};
static const struct share whole = {.count = 1, .total = 1};
static struct progress progress = {.notify_fd = -1};
static struct driver driver;
static int servers[CONNECTIONS]; /* the other ends */

static void setup(void)
{
	struct error error;

	cr_assert_eq(target_parse(&target, options.url, &error), 0);
	cr_assert_eq(mix_build(&mix, &options, &target, &error), 0);
	atomic_store(&load.expected_length[0], options.expect.length);
	cr_assert_eq(driver_init(&driver, &load, whole, &progress, clock_now_ns), 0);
	round_begin_load(&driver, clock_now_ns());
	for (size_t i = 0; i < CONNECTIONS; i++) {
		struct connection *connection = pool_connection(&driver.pool, i);
		int ends[2];

		cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
		connection->descriptor = ends[0];
		connection->state = CONNECTION_OPEN;
		connection_move(connection, &driver.pool.idle);
		servers[i] = ends[1];
	}
}

static void teardown(void)
{
	for (size_t i = 0; i < CONNECTIONS; i++) {
		close(pool_connection(&driver.pool, i)->descriptor);
		close(servers[i]);
	}
	driver_destroy(&driver);
	mix_destroy(&mix);
}

TestSuite(load_order, .init = setup, .fini = teardown, .timeout = 20);

/* A request is due: the connection that it came on, CONNECTIONS if on none. */
static size_t send_next(void)
{
	char request[1024];
	size_t at = CONNECTIONS;

	driver.account.now_ns = driver.schedule.due_ns = clock_now_ns();
	sending_due(&driver);
	for (size_t i = 0; i < CONNECTIONS; i++) {
		if (recv(servers[i], request, sizeof(request), 0) <= 0)
			continue;
		cr_assert_eq(at, CONNECTIONS, "one request on one connection");
		at = i;
	}
	return at;
}

static void answer(size_t i)
{
	static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

	cr_assert_eq(send(servers[i], text, strlen(text), 0), (ssize_t)strlen(text));
	round_handle(&driver, pool_connection(&driver.pool, i), EPOLLIN);
}

Test(load_order, what_is_due_takes_the_connection_that_is_free_longest)
{
	cr_assert_eq(send_next(), 0);
	cr_assert_eq(send_next(), 1);
	cr_assert_eq(send_next(), 2);
	answer(1);
	answer(2);
	answer(0);
	cr_assert_eq(send_next(), 1, "neither the next in turn nor the last used");
	answer(1);
	cr_assert_eq(send_next(), 2);
	cr_assert_eq(send_next(), 0);
	cr_assert_eq(send_next(), 1);
}

Test(load_order, what_finds_no_connection_waits_for_the_first_that_is_free)
{
	for (size_t i = 0; i < CONNECTIONS; i++)
		send_next();
	cr_assert_eq(send_next(), CONNECTIONS, "all are busy, and none is opened");
	answer(2);
	cr_assert_eq(driver.wire.busy.count, CONNECTIONS, "sent as soon as there was an answer");
	cr_assert_eq(driver.account.result->good_outside, 1);
}
