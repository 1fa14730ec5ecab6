/* What was asked for on the command line of tenk-load. */
#ifndef TENK_LOAD_OPTIONS_H
#define TENK_LOAD_OPTIONS_H

#include "loadgen/condition.h"
#include "loadgen/expected.h"
#include "loadgen/stages.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <strings.h>

enum {
	OPTIONS_HEADERS_MAX = 64,
	OPTIONS_REQUESTS_MAX = 64,
	OPTIONS_PIPELINING_MAX = 1024,
	OPTIONS_CONDITIONS_MAX = 16,
	OPTIONS_PERCENTILES_MAX = 8
};

/* When requests are sent. */
enum arrivals {
	ARRIVALS_CLOSED,   /* each connection sends when it has its answer */
	ARRIVALS_CONSTANT, /* at even distances, whatever comes back */
	ARRIVALS_POISSON,  /* at random, independently of each other, at a rate */
	ARRIVALS_BURST,	   /* one on each connection, all at once */
	ARRIVALS_COUNT,
};

/* As on the command line and in results/SCHEMA.md. */
extern const char *const arrivals_names[ARRIVALS_COUNT];

/* How connections are closed. */
enum closing {
	CLOSING_RESET, /* at once, so that no port stays in TIME_WAIT */
	CLOSING_FIN,   /* in order, as clients do */
	CLOSING_COUNT,
};

extern const char *const closing_names[CLOSING_COUNT];

struct options {
	uint64_t given; /* on the command line: a bit for each row of options_rows.c */
	const char *url;
	uint64_t connections, threads;
	uint64_t connections_max; /* as many are opened when none is free; 0: none more */
	uint64_t duration_ns, warmup_ns, timeout_ns;
	uint64_t
		drain_ns; /* how long to wait for answers behind the window; not given: the timeout */
	enum arrivals arrivals;
	uint64_t requests_max; /* of the window; 0: as many as there is time for */
	bool burst;	       /* was asked for; then `arrivals` follows */
	double rate_per_s;     /* 0: none was asked for */
	struct stages stages;
	uint64_t find_max_ns; /* 0: no search; else the most that p99 may be */
	uint64_t spin_ns;     /* 0: sleep to the end of every wait */
	uint64_t seed;
	uint64_t
		outstanding; /* of a burst: requests under way at most; 0: as TCP's memory allows */

	uint64_t pipelining;		  /* requests under way on a connection at most */
	uint64_t requests_per_connection; /* 0: no limit */
	uint64_t think_time_ns;		  /* or its mean */
	bool think_at_random;		  /* exponentially distributed */
	enum closing closing;
	double connect_rate_per_s; /* 0: as fast as they come */

	uint64_t idle, slow_readers, slow_writers; /* the crowd */
	uint64_t slow_bytes_per_s;
	const char *source;	/* NULL: as the kernel chooses */
	const char *connect_to; /* "HOST:PORT" in place of the URL's; NULL: that of the URL */
	const char *unix_path;	/* a socket in its place; NULL: none */

	bool insecure;	    /* https: any certificate is good */
	const char *tls_ca; /* a file of those that are trusted; NULL: the system's */
	bool tls_sessions;  /* are kept, and resumed */

	const char *method;
	const char *headers[OPTIONS_HEADERS_MAX]; /* "Name: value" */
	size_t header_count;
	char *body; /* NULL: none; malloc'ed */
	size_t body_bytes;
	const char *requests[OPTIONS_REQUESTS_MAX]; /* "WEIGHT[:NAME] METHOD PATH [BODY]" */
	size_t request_count;
	const char *requests_file; /* NULL: none */

	struct expected expect; /* of all requests but those of --request that say otherwise */
	struct expected request_expect[OPTIONS_REQUESTS_MAX]; /* of each of these */

	struct condition conditions[OPTIONS_CONDITIONS_MAX]; /* --fail-if */
	size_t condition_count;

	double percentiles[OPTIONS_PERCENTILES_MAX]; /* to show; 0 to 100, both excluded */
	size_t percentile_count;

	/* NULL: not wanted */
	const char *json_file, *log_file, *hgrm_file, *intervals_file, *csv_file;
	uint64_t log_interval_ns; /* of log_file, of each line; 0: one for all */
	int events_fd;		  /* -1: none */
	bool in_slices;		  /* the load is offered when somebody says so: */
	int slices_fd;		  /* there */
	uint64_t patience_ns;	  /* how long nothing may be said there */
	bool conductor;		  /* of several ranks, the first loads nothing itself */
	bool first_byte, fairness, watch, quiet;
	/* Not on the command line: processes that are one generator, and those of them on this machine. 0: one */
	uint32_t ranks, ranks_here;
	uint64_t files_besides; /* open files that are no connections; limits_apply counts them */
};

/* Requests are due on a schedule, answered or not. */
static inline bool options_is_open_loop(const struct options *options)
{
	return options->arrivals != ARRIVALS_CLOSED;
}

/* The URL asks for TLS. */
static inline bool options_is_https(const struct options *options)
{
	return options->url && strncasecmp(options->url, "https://", 8) == 0;
}

/* Whether fewer requests of a burst may be under way than it has connections. */
static inline bool options_burst_is_throttled(const struct options *options)
{
	return options->arrivals == ARRIVALS_BURST && options->outstanding < options->connections;
}

/* How many connections may carry the load at once. */
static inline uint64_t options_most(const struct options *options)
{
	return options->connections_max > 0 ? options->connections_max : options->connections;
}

/* Connections that stay beside the load: idle, slow to read, slow to write. */
static inline uint64_t options_crowd(const struct options *options)
{
	return options->idle + options->slow_readers + options->slow_writers;
}

/* What every option is when nothing is said. */
extern const struct options options_default;

/*
 * Reads the command line with argp, which prints help, version and errors itself and exits (2 on
 * errors). The result points into argv; options_destroy frees what files were read into.
 */
void options_parse(struct options *options, int argc, char **argv);
void options_destroy(struct options *options);

#endif
