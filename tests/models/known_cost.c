/*
 * known-cost: a server whose memory per connection is known, to test those who measure it.
 *
 * Each connection has a mapping of its own, --test-value bytes long, a whole number of pages, of
 * which every page is written to once: private anonymous memory, resident and dirty. The record of
 * the connection lives in its first page, so that nothing else in the process grows with the
 * number of connections: input and output belong to the loop, and an idle connection has given
 * back its exchange. What it costs besides is the kernel's: the socket, epoll's entry, and 8 bytes
 * of page table a page, which count as resident nowhere.
 *
 * Try: server-known-cost --listen 127.0.0.1:8080 --test-value 64KiB
 */
#include "tests/models/plain_loop.h"

#include <sys/mman.h>

static size_t page_bytes;

static struct plain_connection *acquire(const struct plain_loop *loop)
{
	char *memory = mmap(NULL, loop->value, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);

	if (memory == MAP_FAILED)
		return NULL;
	for (size_t at = sizeof(struct plain_connection); at < loop->value; at += page_bytes)
		*(volatile char *)(memory + at) = 1;
	return (struct plain_connection *)memory;
}

static void release(const struct plain_loop *loop, struct plain_connection *c)
{
	munmap(c, loop->value);
}

static int run(const struct server_options *options, struct listener *listener)
{
	static struct plain_loop loop = {.acquire = acquire, .release = release};

	page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	loop.value = options->test_value ? options->test_value : 16 * page_bytes;
	if (loop.value % page_bytes)
		return -EINVAL; /* a part of a page costs all of it */
	return plain_loop_run(&loop, listener);
}

static void use_16k(struct server_options *options)
{
	options->test_value = 16 << 10;
}

static void use_256k(struct server_options *options)
{
	options->test_value = 256 << 10;
}

static const struct server_variant variants[] = {
	{.name = "16k", .summary = "the same with 16 KiB per connection", .apply = use_16k},
	{.name = "256k", .summary = "the same with 256 KiB per connection", .apply = use_256k},
	{0}};

const struct server_model server_model = {
	.name = "known-cost",
	.family = "loops",
	.summary = "one thread asks the kernel, and each connection costs a given number of bytes",
	.traits = MODEL_BLOCKING | MODEL_TEST_ONLY,
	.variants = variants,
	.run = run,
};
