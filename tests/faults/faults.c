/*
 * A library to be loaded before all others (LD_PRELOAD) that makes calls fail as the kernel and the
 * C library might: rarely in life, as often as the driver says here.
 *
 * Only what can happen is made to happen. A socket that waits is never told EAGAIN. Who is told of
 * edges (EPOLLET) gets a new one whenever a call leaves something behind that the kernel would not
 * have left: else it would wait for ever for what the kernel does not owe it.
 */
#include "tests/faults/faults.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* The function that this one stands in front of. */
#define REAL(function)                     \
	static __typeof__(function) *real; \
	if (!real)                         \
	real = (__typeof__(real))dlsym(RTLD_NEXT, #function)

enum { DESCRIPTORS_MOST = 4096, SHORT_MOST = 16 };

static struct faults *faults; /* NULL until main is near: nothing fails */

/* Who was told of edges, and of what. */
static struct watch {
	int epoll_fd; /* 0: nobody */
	struct epoll_event event;
} watches[DESCRIPTORS_MOST];

__attribute__((constructor)) static void map_faults(void)
{
	const char *path = getenv("TENK_FAULTS");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *mapped;

	if (fd < 0)
		return;
	mapped = mmap(NULL, sizeof *faults, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (mapped != MAP_FAILED)
		faults = mapped;
	close(fd);
}

/* 0 to 255, as if by chance: turns of a loop must not fall into step with it. */
static uint32_t dice(uint32_t number)
{
	number = (number ^ number >> 16) * UINT32_C(0x85EBCA6B);
	number = (number ^ number >> 13) * UINT32_C(0xC2B2AE35);
	return number >> 24;
}

/* Whether this call is to fail. The choice depends on its number alone. */
static bool strikes(enum fault_kind kind)
{
	struct fault *fault = faults ? &faults->kinds[kind] : NULL;
	uint32_t call;

	if (!fault)
		return false;
	call = atomic_fetch_add(&fault->calls, 1) + 1;
	if (call < fault->first || call > fault->last || dice(call) >= fault->chance)
		return false;
	atomic_fetch_add(&fault->injected, 1);
	return true;
}

/* As strikes; sets errno. */
static bool fails(enum fault_kind kind, int error)
{
	if (!strikes(kind))
		return false;
	errno = error;
	return true;
}

/* --- memory ------------------------------------------------------------------------------------ */

void *malloc(size_t size)
{
	REAL(malloc);
	return fails(FAULT_ALLOCATION, ENOMEM) ? NULL : real(size);
}

void *calloc(size_t count, size_t size)
{
	REAL(calloc);
	return fails(FAULT_ALLOCATION, ENOMEM) ? NULL : real(count, size);
}

void *realloc(void *old, size_t size)
{
	REAL(realloc);
	return fails(FAULT_ALLOCATION, ENOMEM) ? NULL : real(old, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	REAL(aligned_alloc);
	return fails(FAULT_ALLOCATION, ENOMEM) ? NULL : real(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
	REAL(posix_memalign);
	return strikes(FAULT_ALLOCATION) ? ENOMEM : real(memory, alignment, size);
}

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
	REAL(mmap);
	return fails(FAULT_ALLOCATION, ENOMEM)
		       ? MAP_FAILED
		       : real(address, length, protection, flags, fd, offset);
}

int mprotect(void *address, size_t length, int protection)
{
	REAL(mprotect);
	return fails(FAULT_ALLOCATION, ENOMEM) ? -1 : real(address, length, protection);
}

/* --- locks ------------------------------------------------------------------------------------- */

static _Thread_local int held __attribute__((tls_model("initial-exec")));

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
	int result;

	REAL(pthread_mutex_lock);
	result = real(mutex);
	held += result == 0;
	return result;
}

int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
	REAL(pthread_mutex_unlock);
	held--;
	return real(mutex);
}

/* Who calls the kernel lets others wait meanwhile. */
static void look_at_locks(void)
{
	if (held > 0 && faults)
		atomic_fetch_add(&faults->under_lock, 1);
}

int close(int fd)
{
	REAL(close);
	look_at_locks();
	return real(fd);
}

/* --- waiting ----------------------------------------------------------------------------------- */

int epoll_ctl(int epoll_fd, int operation, int fd, struct epoll_event *event)
{
	int result;

	REAL(epoll_ctl);
	look_at_locks();
	if (operation == EPOLL_CTL_ADD && faults && faults->kinds[FAULT_WATCH].last) {
		struct epoll_event none = {.data = event->data};

		/* Only who is not there yet needs room: so it is put there, for nothing. */
		if (real(epoll_fd, EPOLL_CTL_ADD, fd, &none) < 0)
			return -1;
		if (strikes(FAULT_WATCH)) {
			real(epoll_fd, EPOLL_CTL_DEL, fd, NULL);
			errno = ENOSPC;
			return -1;
		}
		real(epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	}
	result = real(epoll_fd, operation, fd, event);
	if (result == 0 && fd >= 0 && fd < DESCRIPTORS_MOST)
		watches[fd] = operation != EPOLL_CTL_DEL && (event->events & EPOLLET)
				      ? (struct watch){epoll_fd, *event}
				      : (struct watch){0};
	return result;
}

static void owe_edge(int fd)
{
	int kept = errno;

	if (fd >= 0 && fd < DESCRIPTORS_MOST && watches[fd].epoll_fd)
		epoll_ctl(watches[fd].epoll_fd, EPOLL_CTL_MOD, fd, &watches[fd].event);
	errno = kept;
}

static bool interrupted(void)
{
	look_at_locks();
	return fails(FAULT_INTERRUPT, EINTR);
}

int epoll_wait(int epoll_fd, struct epoll_event *events, int most, int timeout)
{
	REAL(epoll_wait);
	return interrupted() ? -1 : real(epoll_fd, events, most, timeout);
}

int epoll_pwait(int epoll_fd, struct epoll_event *events, int most, int timeout,
		const sigset_t *mask)
{
	REAL(epoll_pwait);
	return interrupted() ? -1 : real(epoll_fd, events, most, timeout, mask);
}

int epoll_pwait2(int epoll_fd, struct epoll_event *events, int most, const struct timespec *timeout,
		 const sigset_t *mask)
{
	REAL(epoll_pwait2);
	return interrupted() ? -1 : real(epoll_fd, events, most, timeout, mask);
}

int poll(struct pollfd *fds, nfds_t count, int timeout)
{
	REAL(poll);
	return interrupted() ? -1 : real(fds, count, timeout);
}

int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask)
{
	REAL(ppoll);
	return interrupted() ? -1 : real(fds, count, timeout, mask);
}

int select(int highest, fd_set *input, fd_set *output, fd_set *errors, struct timeval *timeout)
{
	REAL(select);
	return interrupted() ? -1 : real(highest, input, output, errors, timeout);
}

int pselect(int highest, fd_set *input, fd_set *output, fd_set *errors,
	    const struct timespec *timeout, const sigset_t *mask)
{
	REAL(pselect);
	return interrupted() ? -1 : real(highest, input, output, errors, timeout, mask);
}

int sem_wait(sem_t *semaphore)
{
	REAL(sem_wait);
	return interrupted() ? -1 : real(semaphore);
}

int nanosleep(const struct timespec *time, struct timespec *left)
{
	REAL(nanosleep);
	if (!interrupted())
		return real(time, left);
	if (left)
		*left = *time;
	return -1;
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *left)
{
	REAL(clock_nanosleep);
	if (!strikes(FAULT_INTERRUPT))
		return real(clock, flags, time, left);
	if (left && !(flags & TIMER_ABSTIME))
		*left = *time;
	return EINTR;
}

/* --- sockets ----------------------------------------------------------------------------------- */

static bool is_network(int fd)
{
	int domain = 0, kept = errno;
	socklen_t length = sizeof domain;
	bool is = getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 &&
		  (domain == AF_INET || domain == AF_INET6);

	errno = kept;
	return is;
}

static bool never_waits(int fd, int flags)
{
	return (flags & MSG_DONTWAIT) || (fcntl(fd, F_GETFL) & O_NONBLOCK);
}

/* What can be wrong with a call on a connection before it does anything. */
static bool stumbles(int fd, int flags)
{
	if (interrupted()) {
		owe_edge(fd);
		return true;
	}
	if (never_waits(fd, flags) && fails(FAULT_AGAIN, EAGAIN)) {
		owe_edge(fd);
		return true;
	}
	return false;
}

/* How many of so many bytes the call may move; at least one. */
static size_t allowed(enum fault_kind kind, size_t size)
{
	if (size < 2 || !strikes(kind))
		return size;
	return 1 + faults->kinds[kind].calls % (size - 1 < SHORT_MOST ? size - 1 : SHORT_MOST);
}

/* A receive that took less than there was leaves something behind. */
static ssize_t came_back(int fd, ssize_t result, bool cut)
{
	if (cut && result >= 0)
		owe_edge(fd);
	return result;
}

ssize_t recv(int fd, void *buffer, size_t size, int flags)
{
	size_t most;

	REAL(recv);
	if (stumbles(fd, flags))
		return -1;
	most = allowed(FAULT_RECEIVE, size);
	return came_back(fd, real(fd, buffer, most, flags), most < size);
}

ssize_t read(int fd, void *buffer, size_t size)
{
	size_t most = size;

	REAL(read);
	if (is_network(fd)) {
		if (stumbles(fd, 0))
			return -1;
		most = allowed(FAULT_RECEIVE, size);
	}
	return came_back(fd, real(fd, buffer, most), most < size);
}

/* The beginning of several pieces, cut; 0: all of them. */
static size_t cut_pieces(enum fault_kind kind, const struct iovec *pieces, size_t count,
			 struct iovec *first)
{
	size_t most;

	if (count == 0 || pieces->iov_len == 0)
		return 0;
	most = allowed(kind, pieces->iov_len);
	if (most == pieces->iov_len)
		return 0;
	*first = (struct iovec){.iov_base = pieces->iov_base, .iov_len = most};
	return 1;
}

ssize_t readv(int fd, const struct iovec *pieces, int count)
{
	struct iovec first;

	REAL(readv);
	if (!is_network(fd))
		return real(fd, pieces, count);
	if (stumbles(fd, 0))
		return -1;
	if (!cut_pieces(FAULT_RECEIVE, pieces, (size_t)count, &first))
		return real(fd, pieces, count);
	return came_back(fd, real(fd, &first, 1), true);
}

ssize_t send(int fd, const void *buffer, size_t size, int flags)
{
	size_t most;

	REAL(send);
	if (stumbles(fd, flags))
		return -1;
	most = allowed(FAULT_SEND, size);
	return came_back(fd, real(fd, buffer, most, flags), most < size);
}

ssize_t write(int fd, const void *buffer, size_t size)
{
	size_t most = size;

	REAL(write);
	if (is_network(fd)) {
		if (stumbles(fd, 0))
			return -1;
		most = allowed(FAULT_SEND, size);
	}
	return came_back(fd, real(fd, buffer, most), most < size);
}

ssize_t writev(int fd, const struct iovec *pieces, int count)
{
	struct iovec first;

	REAL(writev);
	if (!is_network(fd))
		return real(fd, pieces, count);
	if (stumbles(fd, 0))
		return -1;
	if (!cut_pieces(FAULT_SEND, pieces, (size_t)count, &first))
		return real(fd, pieces, count);
	return came_back(fd, real(fd, &first, 1), true);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	struct msghdr cut = *message;
	struct iovec first;

	REAL(sendmsg);
	if (stumbles(fd, flags))
		return -1;
	if (!cut_pieces(FAULT_SEND, message->msg_iov, message->msg_iovlen, &first))
		return real(fd, message, flags);
	cut.msg_iov = &first;
	cut.msg_iovlen = 1;
	return came_back(fd, real(fd, &cut, flags), true);
}

ssize_t sendfile(int to, int from, off_t *offset, size_t size)
{
	size_t most;

	REAL(sendfile);
	if (stumbles(to, 0))
		return -1;
	most = allowed(FAULT_SEND, size);
	return came_back(to, real(to, from, offset, most), most < size);
}

ssize_t sendfile64(int to, int from, off64_t *offset, size_t size)
{
	return sendfile(to, from, offset, size);
}

static bool refuses_accept(int fd)
{
	return interrupted() || (never_waits(fd, 0) && fails(FAULT_AGAIN, EAGAIN)) ||
	       (faults && fails(FAULT_ACCEPT, (int)faults->kinds[FAULT_ACCEPT].error));
}

int accept(int fd, struct sockaddr *address, socklen_t *length)
{
	REAL(accept);
	if (!refuses_accept(fd))
		return real(fd, address, length);
	owe_edge(fd);
	return -1;
}

int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags)
{
	REAL(accept4);
	if (!refuses_accept(fd))
		return real(fd, address, length, flags);
	owe_edge(fd);
	return -1;
}

/* --- threads and processes --------------------------------------------------------------------- */

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
		   void *argument)
{
	REAL(pthread_create);
	return strikes(FAULT_THREAD) ? EAGAIN : real(thread, attributes, start, argument);
}

pid_t fork(void)
{
	REAL(fork);
	return fails(FAULT_PROCESS, EAGAIN) ? -1 : real();
}
