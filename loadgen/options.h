/* What was asked for on the command line of tenk-load. */
#ifndef TENK_LOAD_OPTIONS_H
#define TENK_LOAD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPTIONS_ANY_LENGTH   UINT64_MAX
#define OPTIONS_LEARN_LENGTH (UINT64_MAX - 1)

enum { OPTIONS_HEADERS_MAX = 64 };

struct options {
	const char *url;
	uint64_t connections, idle, threads;
	uint64_t duration_ns, warmup_ns, timeout_ns;
	double rate_per_s; /* 0: closed loop */
	const char *method;
	const char *headers[OPTIONS_HEADERS_MAX]; /* "Name: value" */
	size_t header_count;
	char *body; /* NULL: none; malloc'ed, as expect_body */
	size_t body_bytes;
	char *expect_body; /* NULL: not compared */
	size_t expect_body_bytes;
	unsigned status_low, status_high; /* what is good, both included */
	uint64_t expect_length;		  /* or OPTIONS_ANY_LENGTH, OPTIONS_LEARN_LENGTH */
	const char *json_file, *log_file, *intervals_file; /* NULL: not wanted */
	int events_fd;					   /* -1: none */
	bool quiet;
};

/*
 * Reads the command line with argp, which prints help, version and errors itself and exits (2 on
 * errors). The result points into argv; options_destroy frees what files were read into.
 */
void options_parse(struct options *options, int argc, char **argv);
void options_destroy(struct options *options);

#endif
