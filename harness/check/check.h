/*
 * Are the servers equivalent? One suite of requests over real sockets, run against each of them:
 * every row judges the answer by itself (status, body, framing, fields, whether the connection
 * stays), and what the servers sent is compared byte for byte, the value of Date aside.
 */
#ifndef TENK_CHECK_H
#define TENK_CHECK_H

#include "harness/check/result.h"

#include <stdio.h>

struct check_row;

/*
 * Runs the wanted rows (NULL or 0: all) against one running server, in the table's order, and
 * reports each; the callback takes over the result's memory (check_result_destroy). A server that
 * lets three rows in turn time out, and then does not answer the simplest request either, is given
 * up: its other rows fail untried.
 * Ctrl-C (interrupt.h) ends the suite: rows that follow are not reported.
 * Returns the number of rows that failed (see check_is_failure), or -EINVAL for an unknown row.
 */
typedef void check_report_function(void *context, const struct check_row *row,
				   struct check_result *result);
long check_server(const struct check_target *target, const char *const *wanted, size_t wanted_count,
		  check_report_function *report, void *context);

/*
 * Asks a running server for each of our routes, once. Returns those that it answers as ours do, of
 * enum check_route; 0 also if it does not answer at all.
 */
unsigned check_find_routes(const char *host, uint16_t port);

/*
 * Sends a running server a POST that is right. Whether it answers 405 or 501: then it would say so
 * of a wrong one too, and what it thinks of that cannot be known.
 */
bool check_refuses_post(const char *host, uint16_t port);

/* Why a server is known to differ in a row, be it sometimes; borrowed. NULL: it is not. */
const char *check_known_reason(const struct check_target *target, const struct check_row *row);

/* The first row on the server's list that the suite does not have; NULL: it has them all. */
const char *check_unknown_row(const struct check_target *target);

/* All rows over all servers, compared. */
struct check_suite {
	const struct check_target *targets; /* borrowed */
	size_t target_count;
	const struct check_row **rows;
	size_t row_count;
	struct check_result *results; /* [row * target_count + target] */
	size_t failed;		      /* of row_count * target_count, by check_is_failure */
	size_t known;		      /* CHECK_KNOWN: neither passed nor failed, */
	size_t not_asked;	      /* and so is CHECK_NOT_ASKED */
};

/* How many rows have ended, of all servers', and the server whose row was the last. */
typedef void check_progress_function(void *context, const struct check_target *target, size_t done,
				     size_t total);

/*
 * Several servers are asked at a time, from threads; `progress` (may be NULL) is called from them
 * after each row, by one of them at a time. 0, -EINVAL for an unknown row, -ENOMEM.
 * Destroy the suite in any case.
 */
int check_suite_run(struct check_suite *suite, const struct check_target *targets, size_t count,
		    const char *const *wanted, size_t wanted_count,
		    check_progress_function *progress, void *context);
void check_suite_destroy(struct check_suite *suite);

#endif
