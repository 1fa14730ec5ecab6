#include "loadgen/limits.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

enum {
	DESCRIPTORS_BESIDES = 32,   /* files, pipes and whatever was inherited, at least */
	DESCRIPTORS_LATER = 16,	    /* of these, what is opened yet */
	DESCRIPTORS_PER_THREAD = 2, /* each table has the wake descriptors of all threads */
	PORTS_LOW = 32768,	    /* Linux's range where it cannot be read */
	PORTS_HIGH = 60999,
};

static int raise_descriptors(uint64_t *allowed, struct error *error)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return error_set(error, "cannot read the limit of open files: %s", strerror(errno));
	limit.rlim_cur = limit.rlim_max;
	*allowed = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		return error_set(error, "cannot raise the limit of open files: %s",
				 strerror(errno));
	return 0;
}

/* What is no connection: each thread's table begins with a copy of what was inherited, and what a library has open. */
static uint64_t count_besides(void)
{
	DIR *folder = opendir("/proc/self/fd");
	uint64_t count = 0;

	while (folder && readdir(folder))
		count++;
	if (folder)
		closedir(folder);
	count += DESCRIPTORS_LATER;
	return count > DESCRIPTORS_BESIDES ? count : DESCRIPTORS_BESIDES;
}

/* What one thread's table may hold of connections if there are so many threads. */
static uint64_t room_of(uint64_t allowed, uint64_t besides, uint64_t threads)
{
	besides += threads * DESCRIPTORS_PER_THREAD;
	return allowed > besides ? allowed - besides : 0;
}

/* Those of one process where several are one generator: each has as many, or one less. */
static uint64_t count_here(const struct options *options)
{
	uint64_t ranks = options->ranks ? options->ranks : 1;

	return (options_most(options) + options_crowd(options) + ranks - 1) / ranks;
}

bool limits_fit_one_table(const struct options *options)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	       count_here(options) <=
		       room_of(limit.rlim_cur, options->files_besides, options->threads);
}

static uint64_t ports_of_source(void)
{
	FILE *file = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
	unsigned low = PORTS_LOW, high = PORTS_HIGH;

	if (file) {
		if (fscanf(file, "%u %u", &low, &high) != 2 || high < low) {
			low = PORTS_LOW;
			high = PORTS_HIGH;
		}
		fclose(file);
	}
	return high - low + 1;
}

static int check_ports(uint64_t connections, const struct source *source, struct error *error)
{
	uint64_t ports = ports_of_source(), sources = source->count ? source->count : 1;

	if (connections <= ports * sources)
		return 0;
	return error_set(error,
			 "%" PRIu64 " connections need more ports than %" PRIu64
			 " source address%s have (%" PRIu64
			 " each, by\n  net.ipv4.ip_local_port_range). Give it more, on loopback "
			 "for instance --source 127.0.1.0/24.",
			 connections, sources, sources == 1 ? "" : "es", ports);
}

/* A page for each that waits to be read: at half of where TCP begins to save there is room left. */
static uint64_t outstanding_of_machine(void)
{
	FILE *file = fopen("/proc/sys/net/ipv4/tcp_mem", "re");
	uint64_t pressure = 0;

	if (file) {
		if (fscanf(file, "%*u %" SCNu64, &pressure) != 1)
			pressure = 0;
		fclose(file);
	}
	return pressure > 1 ? pressure / 2 : UINT64_MAX;
}

/* Of the whole load: each rank keeps to its part of it, and those on one machine share that machine's. */
static uint64_t outstanding_of_ranks(uint64_t ranks, uint64_t here)
{
	uint64_t machine = outstanding_of_machine();

	return machine < UINT64_MAX / ranks ? machine * ranks / here : machine;
}

int limits_apply(struct options *options, const struct source *source, struct error *error)
{
	uint64_t connections = count_here(options), ranks = options->ranks ? options->ranks : 1;
	uint64_t here = options->ranks_here ? options->ranks_here : 1;
	uint64_t all = options->connections ? options->connections
					    : options_most(options) + options_crowd(options);
	uint64_t most = all / ranks;
	uint64_t besides = options->files_besides = count_besides();
	bool chosen = options->threads > 0;
	uint64_t allowed = 0;

	if (raise_descriptors(&allowed, error) < 0 ||
	    (!options->unix_path && check_ports(connections * here, source, error) < 0))
		return -EINVAL;
	if (most == 0)
		return error_set(error,
				 "%" PRIu64 " connections are too few for %" PRIu64
				 " ranks: each has at least one",
				 all, ranks);
	if (options->outstanding == 0)
		options->outstanding = outstanding_of_ranks(ranks, here);
	if (!chosen)
		options->threads = 1;
	/* A thread without a connection would have no way to send its share. */
	if (options->threads > most)
		options->threads = most;
	while (!chosen && options->threads < most &&
	       connections > room_of(allowed, besides, options->threads) * options->threads)
		options->threads++;
	if (connections > room_of(allowed, besides, options->threads) * options->threads)
		return error_set(
			error,
			"%" PRIu64 " connections are more than %" PRIu64
			" thread%s may open, %" PRIu64
			" files each.\n  Leave --threads out, ask for fewer connections, or raise "
			"the limit (as root:\n  ulimit -Hn; for good: \"nofile\" in "
			"/etc/security/limits.conf).",
			connections, options->threads, options->threads == 1 ? "" : "s", allowed);
	return 0;
}
