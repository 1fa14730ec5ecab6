/* Connections that cannot be opened: what is counted for them. */
#include "tests/unit/load_fixture.h"

#include <sys/syscall.h>

TestSuite(load_connect, .fini = forget_run);

static _Atomic uint64_t attempts;

/* In place of the system's: counts, and does the same. */
int connect(int descriptor, const struct sockaddr *address, socklen_t size)
{
	atomic_fetch_add(&attempts, 1);
	return (int)syscall(SYS_connect, descriptor, address, size);
}

/* A listener whose backlog is full at once, and that nobody accepts from. */
static void listen_only(void)
{
	socklen_t size = sizeof(server.address);

	server.address = (struct sockaddr_in){.sin_family = AF_INET,
					      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	server.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert_eq(bind(server.listener, (struct sockaddr *)&server.address, size), 0);
	cr_assert_eq(listen(server.listener, 4), 0);
	cr_assert_eq(getsockname(server.listener, (struct sockaddr *)&server.address, &size), 0);
}

static uint64_t count_connect_errors(void)
{
	return run.total->errors[ERROR_CONNECT] + run.total->errors_outside[ERROR_CONNECT];
}

Test(load_connect, no_error_is_invented_for_what_was_not_tried, .timeout = 30)
{
	listen_only();
	options.connections = 600;
	options.timeout_ns = options.drain_ns = 300 * NS_PER_MS;
	go();
	cr_assert_gt(count_connect_errors(), 0);
	cr_assert_leq(count_connect_errors(), atomic_load(&attempts));
	cr_assert_eq(run.total->good, 0);
	cr_assert_lt(took_ns, 10 * NS_PER_S);
}

Test(load_connect, a_crowd_that_cannot_be_opened_is_not_waited_for, .timeout = 30)
{
	listen_only();
	options.connections = 0;
	options.idle = 600;
	options.timeout_ns = options.drain_ns = 300 * NS_PER_MS;
	cr_assert_eq(go(), RUN_NO_ANSWERS);
	cr_assert_leq(count_connect_errors(), atomic_load(&attempts));
	cr_assert_lt(took_ns, 10 * NS_PER_S);
}

/* 127.0.0.2 refuses, since the server listens on 127.0.0.1 only. */
Test(load_connect, of_several_addresses_the_next_is_tried, .timeout = 20)
{
	struct sockaddr_in *nobody;

	start_server(answer_well);
	other_address = server.address;
	nobody = (struct sockaddr_in *)&server.address;
	nobody->sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
	cr_assert_eq(go_for(10), RUN_OK);
	cr_assert_eq(count_connect_errors(), 0, "somebody listens");
	cr_assert_eq(run.total->connect.total, 8);
}
