/*
 * An io_uring for servers: two rings that are shared with the kernel, and a ring of buffers that
 * the kernel fills by itself. What to ask for is the model's.
 *
 * Not thread-safe: opened, used and closed by one thread. Needs liburing and Linux 6.0; uses what
 * 6.1 added. See io_uring(7).
 */
#ifndef TENK_RING_H
#define TENK_RING_H

#include "lib/error.h"
#include "servers/core/http/bounds.h"

#include <liburing.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	RING_SUBMISSIONS = 1024,
	RING_COMPLETIONS = 8192,
	RING_BUFFERS = 512, /* a power of two */
	/* A cache line more than what is used: the first bytes of all do not fall into the same sets. */
	RING_BUFFER_BYTES = HTTP_INPUT_BYTES + 64,
};

struct ring {
	struct io_uring uring;
	struct io_uring_buf_ring *buffer_ring;
	char *buffers;
	bool polled; /* a thread of the kernel's looks for submissions, and executes them in its time */
	int failure; /* the kernel takes nothing any more: -errno, else 0 */
	struct io_uring_sqe nowhere;
};

/* 0, or -errno and a message that says what to do: the kernel may be too old, or forbid it. */
int ring_open(struct ring *ring, bool polled, struct error *error);

/* Opens and closes one. As ring_open. */
int ring_try(bool polled, struct error *error);

/* What is still under way is cancelled. */
void ring_close(struct ring *ring);

/*
 * A place for a submission; when there is none, what was prepared so far is submitted. Never NULL:
 * after a failure what is written goes nowhere.
 */
struct io_uring_sqe *ring_next_submission(struct ring *ring);

/* Which place that is, 0 to RING_SUBMISSIONS (nowhere): for what stands beside a submission. */
size_t ring_place(const struct ring *ring, const struct io_uring_sqe *sqe);

/* Cancels what has this user_data; closes. Only their failure is told, with a user_data of 0. */
void ring_cancel(struct ring *ring, uint64_t user_data);
void ring_close_descriptor(struct ring *ring, int fd);

/* Completes once that time has passed; `after` stays in place until then. */
void ring_start_timeout(struct ring *ring, const struct __kernel_timespec *after,
			uint64_t user_data);

/*
 * Submits what was prepared and waits for a completion until `until_ns` of CLOCK_MONOTONIC (0: does
 * not wait, UINT64_MAX: no limit), in one system call. 0, also when time is up, or -errno.
 */
int ring_submit_and_wait(struct ring *ring, uint64_t until_ns);

/* The buffers are group 0. A completion names one; it is given back when it has been read. */
const char *ring_buffer(const struct ring *ring, unsigned id);
void ring_give_back(struct ring *ring, unsigned id);

#endif
