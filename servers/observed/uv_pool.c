/*
 * uv-pool: what do more threads in libuv's pool bring?
 *
 * The same question as node-pool.js asks, without JavaScript between: 64 operations of a kind are kept going for half
 * a second, with as many threads as --workers= says. Work that waits 10 ms, work that computes for a millisecond,
 * names as getaddrinfo finds them, reads of a file that is in memory, and reads of one that is not (O_DIRECT,
 * so that each read asks the disk). The CPU that the process used, over the time, tells a saturated core from a
 * saturated pool.
 *
 * Try: build/release/observe-uv-pool --workers=4; build/release/observe-uv-pool --workers=64
 * Compare with: node-pool.js
 */
#include "lib/temporary.h"
#include "servers/observed/shared/observed.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>
#include <uv.h>

enum { AT_ONCE = 64, BLOCK = 4096, BLOCKS = 4096 };
#define DURATION_NS (500 * NS_PER_MS)
#define WAIT_NS	    (10 * NS_PER_MS)
#define WORK_NS	    NS_PER_MS

struct operation {
	uv_work_t work;
	uv_fs_t read;
	uv_getaddrinfo_t lookup;
	_Alignas(BLOCK) char block[BLOCK];
};

static struct operation operations[AT_ONCE];
static void (*begin)(struct operation *operation);
static uint64_t end_ns;
static size_t count;
static uv_work_cb task; /* what the pool is to do, and */
static int fd;		/* what it is to read, of the kind that is measured */

/* One has ended: the next begins, until the time is up. */
static void next(struct operation *operation)
{
	if (clock_now_ns() >= end_ns)
		return;
	count++;
	begin(operation);
}

static void on_worked(uv_work_t *work, int status)
{
	(void)status;
	next(work->data);
}

static void wait_a_while(uv_work_t *work)
{
	(void)work;
	clock_pause(WAIT_NS);
}

/* So much of a processor's time, however many others share the processor. */
static void compute(uv_work_t *work)
{
	uint64_t end = clock_read_ns(CLOCK_THREAD_CPUTIME_ID) + WORK_NS;

	(void)work;
	while (clock_read_ns(CLOCK_THREAD_CPUTIME_ID) < end)
		;
}

static void begin_work(struct operation *operation)
{
	uv_queue_work(uv_default_loop(), &operation->work, task, on_worked);
}

static void on_found(uv_getaddrinfo_t *lookup, int status, struct addrinfo *found)
{
	if (status < 0)
		observation_fail("getaddrinfo", -status);
	uv_freeaddrinfo(found);
	next(lookup->data);
}

static void begin_lookup(struct operation *operation)
{
	uv_getaddrinfo(uv_default_loop(), &operation->lookup, on_found, "localhost", NULL, NULL);
}

static void on_read(uv_fs_t *read)
{
	ssize_t result = read->result;

	uv_fs_req_cleanup(read);
	if (result < 0)
		observation_fail("read", (int)-result);
	next(read->data);
}

static void begin_read(struct operation *operation)
{
	uv_buf_t buffer = uv_buf_init(operation->block, BLOCK);

	uv_fs_read(uv_default_loop(), &operation->read, fd, &buffer, 1,
		   (int64_t)(count % BLOCKS) * BLOCK, on_read);
}

/* How many ended in a second. And how many cores that kept busy. */
static json_t *measure(void (*how)(struct operation *operation), double *cores)
{
	uint64_t used_ns = clock_read_ns(CLOCK_PROCESS_CPUTIME_ID), start_ns = clock_now_ns();

	begin = how;
	count = 0;
	end_ns = start_ns + DURATION_NS;
	for (size_t i = 0; i < AT_ONCE; i++) {
		struct operation *operation = &operations[i];

		operation->work.data = operation->read.data = operation->lookup.data = operation;
		begin(operation);
	}
	uv_run(uv_default_loop(), UV_RUN_DEFAULT);
	*cores = (double)(clock_read_ns(CLOCK_PROCESS_CPUTIME_ID) - used_ns) /
		 (double)(clock_now_ns() - start_ns);
	return json_real((double)count * NS_PER_S / DURATION_NS);
}

/* Whether its file system is memory, which takes O_DIRECT since Linux 6.6 and has no disk to ask all the same. */
static bool is_in_memory(int file)
{
	struct statfs about;

	return fstatfs(file, &about) < 0 || about.f_type == TMPFS_MAGIC ||
	       about.f_type == RAMFS_MAGIC;
}

/*
 * A file of 16 MiB without a name, and once more past the page cache: -1 where its file system has no such way.
 * On a disk: reads of memory would answer another question.
 */
static void open_files(int *cached, int *cold)
{
	char path[PATH_MAX];

	temporary_template_on_disk(path, sizeof path, "observe-uv-pool");
	*cached = mkostemp(path, O_CLOEXEC);
	if (*cached < 0)
		observation_fail(path, errno);
	*cold = is_in_memory(*cached) ? -1 : open(path, O_RDONLY | O_DIRECT | O_CLOEXEC);
	unlink(path);
	for (size_t i = 0; i < BLOCKS; i++)
		if (write(*cached, operations->block, BLOCK) != BLOCK)
			observation_fail("write", errno);
	fdatasync(*cached);
}

int main(int argc, char **argv)
{
	static const char option[] = "--workers=";
	bool is_told = argc > 1 && strncmp(argv[1], option, sizeof option - 1) == 0;
	json_t *metrics = json_object();
	double cores, ignored;
	int cached, cold;

	setenv("UV_THREADPOOL_SIZE", is_told ? argv[1] + sizeof option - 1 : "4", 1);
	open_files(&cached, &cold);
	task = wait_a_while;
	json_object_set_new(metrics, "pool_waiting_per_s", measure(begin_work, &ignored));
	task = compute;
	json_object_set_new(metrics, "pool_crypto_per_s", measure(begin_work, &cores));
	json_object_set_new(metrics, "pool_crypto_cores", json_real(cores));
	json_object_set_new(metrics, "pool_lookup_per_s", measure(begin_lookup, &ignored));
	fd = cached;
	json_object_set_new(metrics, "pool_cached_read_per_s", measure(begin_read, &ignored));
	fd = cold;
	json_object_set_new(metrics, "pool_cold_read_per_s",
			    cold < 0 ? json_null() : measure(begin_read, &ignored));
	return observation_tell(metrics, NULL, json_pack("{s:s}", "libuv", uv_version_string()));
}
