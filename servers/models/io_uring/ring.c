/* Empty where liburing is not installed: the model that needs it is then skipped. */
#if __has_include(<liburing.h>)
#include "servers/models/io_uring/ring.h"

#include "lib/clock.h"
#include "lib/poison.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>

enum { POLLS_IDLE_MS = 10 }; /* then it sleeps, until it is woken with a system call */

#define BUFFER_RING_BYTES (RING_BUFFERS * sizeof(struct io_uring_buf))
#define MAPPING_BYTES	  (BUFFER_RING_BYTES + (size_t)RING_BUFFERS * RING_BUFFER_BYTES)

/*
 * The kernel need not interrupt us to complete what it does for us: it may do that when we wait
 * (DEFER_TASKRUN, Linux 6.1), or at our next system call of any kind. With a thread that looks for
 * submissions, that does.
 */
static int open_rings(struct io_uring *uring, bool polled)
{
	static const unsigned own[] = {IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
				       IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_COOP_TASKRUN, 0};
	static const unsigned thread[] = {IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_SQPOLL, 0};
	struct io_uring_probe *probe;
	int result = -EINVAL;

	for (const unsigned *way = polled ? thread : own; *way && result == -EINVAL; way++) {
		struct io_uring_params parameters = {.flags = *way | IORING_SETUP_CQSIZE |
							      IORING_SETUP_SUBMIT_ALL,
						     .cq_entries = RING_COMPLETIONS,
						     .sq_thread_idle = POLLS_IDLE_MS};

		result = io_uring_queue_init_params(RING_SUBMISSIONS, uring, &parameters);
	}
	if (result < 0)
		return result;
	/* Multishot receive cannot be asked about; it came with SEND_ZC, in 6.0. */
	probe = io_uring_get_probe_ring(uring);
	if (!probe || !io_uring_opcode_supported(probe, IORING_OP_SEND_ZC))
		result = -EINVAL;
	if (probe)
		io_uring_free_probe(probe);
	if (result < 0)
		io_uring_queue_exit(uring);
	else
		io_uring_register_ring_fd(uring); /* saves a look-up each turn; not needed */
	return result;
}

/* By hand, since liburing has io_uring_setup_buf_ring only as of 2.4. */
static int open_buffers(struct ring *ring)
{
	struct io_uring_buf_reg registration = {.ring_entries = RING_BUFFERS};
	void *mapping = mmap(NULL, MAPPING_BYTES, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int result;

	if (mapping == MAP_FAILED)
		return -errno;
	registration.ring_addr = (uintptr_t)mapping;
	result = io_uring_register_buf_ring(&ring->uring, &registration, 0);
	if (result < 0) {
		munmap(mapping, MAPPING_BYTES);
		return result;
	}
	ring->buffer_ring = mapping;
	ring->buffers = (char *)mapping + BUFFER_RING_BYTES;
	io_uring_buf_ring_init(ring->buffer_ring);
	for (unsigned id = 0; id < RING_BUFFERS; id++) {
		/*
		 * The kernel takes the buffers in turn: all are soon in use, mostly their beginnings,
		 * and so those are from the start.
		 */
		ring->buffers[(size_t)id * RING_BUFFER_BYTES] = 0;
		ring_give_back(ring, id);
	}
	return 0;
}

/* io_uring_disabled of Linux 6.6: 0, 1 (only for a group), 2. */
static int read_disabled(void)
{
	FILE *file = fopen("/proc/sys/kernel/io_uring_disabled", "re");
	int disabled = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%d", &disabled) != 1)
		disabled = 0;
	fclose(file);
	return disabled;
}

static int explain(int failure, struct error *error)
{
	int disabled = read_disabled();
	struct utsname system;

	if (failure == -EPERM && disabled)
		error_set(error,
			  "this system forbids io_uring (kernel.io_uring_disabled is %d). "
			  "As root: sysctl kernel.io_uring_disabled=0",
			  disabled);
	else if (failure == -EPERM || failure == -EACCES)
		error_set(error, "io_uring is forbidden here, though kernel.io_uring_disabled is "
				 "0: most likely by a container's seccomp profile. Allow "
				 "io_uring_setup, io_uring_enter and io_uring_register there "
				 "(docker run --security-opt seccomp=unconfined), or run outside");
	else if (failure == -EINVAL || failure == -ENOSYS)
		error_set(error, "needs io_uring as of Linux 6.0; this is Linux %s%s",
			  uname(&system) == 0 ? system.release : "",
			  failure == -ENOSYS ? " without io_uring" : "");
	else
		error_set(error, "cannot open an io_uring: %s%s", strerror(-failure),
			  failure == -ENOMEM   ? " (ulimit -l may be too low)"
			  : failure == -EAGAIN ? " (no thread for it: ulimit -u may be too low)"
					       : "");
	return failure;
}

int ring_open(struct ring *ring, bool polled, struct error *error)
{
	int result;

	memset(ring, 0, sizeof *ring);
	ring->polled = polled;
	result = open_rings(&ring->uring, polled);
	if (result < 0)
		return explain(result, error);
	result = open_buffers(ring);
	if (result < 0) {
		io_uring_queue_exit(&ring->uring);
		return explain(result, error);
	}
	return 0;
}

void ring_close(struct ring *ring)
{
	io_uring_queue_exit(&ring->uring);
	UNPOISON(ring->buffer_ring, MAPPING_BYTES);
	munmap(ring->buffer_ring, MAPPING_BYTES);
}

int ring_try(bool polled, struct error *error)
{
	struct ring ring;
	int result = ring_open(&ring, polled, error);

	if (result == 0)
		ring_close(&ring);
	return result;
}

/* 0 where it went well or may do so next time, or -errno. */
static int judge(int result)
{
	static const struct timespec moment = {.tv_nsec = NS_PER_MS};

	if (result == -EAGAIN || result == -EBUSY) /* the kernel is short of memory */
		nanosleep(&moment, NULL);
	else if (result < 0 && result != -ETIME && result != -EINTR)
		return result;
	return 0;
}

struct io_uring_sqe *ring_next_submission(struct ring *ring)
{
	struct io_uring_sqe *sqe;

	while (!(sqe = io_uring_get_sqe(&ring->uring)) && !ring->failure) {
		ring->failure = judge(io_uring_submit(&ring->uring));
		if (ring->polled && !ring->failure)
			ring->failure = judge(io_uring_sqring_wait(&ring->uring));
	}
	return sqe ? sqe : &ring->nowhere;
}

size_t ring_place(const struct ring *ring, const struct io_uring_sqe *sqe)
{
	return sqe == &ring->nowhere ? RING_SUBMISSIONS : (size_t)(sqe - ring->uring.sq.sqes);
}

/* Nobody waits for what this brings about. */
static void mark_untold(struct io_uring_sqe *sqe)
{
	io_uring_sqe_set_data64(sqe, 0);
	sqe->flags |= IOSQE_CQE_SKIP_SUCCESS;
}

void ring_cancel(struct ring *ring, uint64_t user_data)
{
	struct io_uring_sqe *sqe = ring_next_submission(ring);

	io_uring_prep_cancel64(sqe, user_data, 0);
	mark_untold(sqe);
}

void ring_close_descriptor(struct ring *ring, int fd)
{
	struct io_uring_sqe *sqe = ring_next_submission(ring);

	io_uring_prep_close(sqe, fd);
	mark_untold(sqe);
}

void ring_start_timeout(struct ring *ring, const struct __kernel_timespec *after,
			uint64_t user_data)
{
	struct io_uring_sqe *sqe = ring_next_submission(ring);

	io_uring_prep_timeout(sqe, (struct __kernel_timespec *)(uintptr_t)after, 0, 0);
	io_uring_sqe_set_data64(sqe, user_data);
}

int ring_submit_and_wait(struct ring *ring, uint64_t until_ns)
{
	struct __kernel_timespec timeout = {0};
	struct io_uring_cqe *first;
	uint64_t now_ns;
	int result;

	if (until_ns == 0) {
		result = io_uring_submit_and_get_events(&ring->uring);
	} else if (until_ns == UINT64_MAX) {
		result = io_uring_submit_and_wait_timeout(&ring->uring, &first, 1, NULL, NULL);
	} else {
		now_ns = clock_now_ns();
		if (until_ns > now_ns) {
			timeout.tv_sec = (long long)((until_ns - now_ns) / NS_PER_S);
			timeout.tv_nsec = (long long)((until_ns - now_ns) % NS_PER_S);
		}
		result = io_uring_submit_and_wait_timeout(&ring->uring, &first, 1, &timeout, NULL);
	}
	return judge(result);
}

const char *ring_buffer(const struct ring *ring, unsigned id)
{
	UNPOISON(ring->buffers + (size_t)id * RING_BUFFER_BYTES, RING_BUFFER_BYTES);
	return ring->buffers + (size_t)id * RING_BUFFER_BYTES;
}

void ring_give_back(struct ring *ring, unsigned id)
{
	POISON(ring->buffers + (size_t)id * RING_BUFFER_BYTES, RING_BUFFER_BYTES);
	io_uring_buf_ring_add(ring->buffer_ring, ring->buffers + (size_t)id * RING_BUFFER_BYTES,
			      HTTP_INPUT_BYTES, (unsigned short)id,
			      io_uring_buf_ring_mask(RING_BUFFERS), 0);
	io_uring_buf_ring_advance(ring->buffer_ring, 1);
}

#endif
