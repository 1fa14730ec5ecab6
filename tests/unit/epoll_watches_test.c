#include "servers/core/loops/epoll_watches.h"

#include <criterion/criterion.h>
#include <sys/eventfd.h>
#include <unistd.h>

static unsigned called;

static void ready(struct loop_watch *watch, unsigned events)
{
	(void)watch;
	cr_expect_eq(events, LOOP_IN);
	called++;
}

/* What is done for a connection may stop a watch that the same turn was told of. */
Test(epoll_watches, one_that_was_stopped_is_neither_called_nor_taken_for_a_connection)
{
	struct epoll_watches watches = {.epoll_fd = epoll_create1(EPOLL_CLOEXEC)};
	struct loop_watch stopped = {
		.fd = eventfd(1, EFD_CLOEXEC), .interest = LOOP_IN, .ready = ready};
	struct loop_watch stays = {
		.fd = eventfd(1, EFD_CLOEXEC), .interest = LOOP_IN, .ready = ready};
	struct epoll_event events[4];
	int count;

	cr_assert_eq(epoll_watches_start(&watches, &stopped), 0);
	cr_assert_eq(epoll_watches_start(&watches, &stays), 0);
	count = epoll_wait(watches.epoll_fd, events, 4, 1000);
	cr_assert_eq(count, 2);
	epoll_watches_told(&watches, events, count);
	epoll_watches_stop(&watches, &stopped);
	for (int i = 0; i < count; i++)
		cr_expect(epoll_is_watch(&events[i]), "event %d", i);
	epoll_watches_deliver(&watches);
	cr_expect_eq(called, 1);
	close(stopped.fd);
	close(stays.fd);
	close(watches.epoll_fd);
}
