/*
 * Are the servers equivalent? One suite of requests over real sockets, run against each of them:
 * every row judges the answer by itself (status, body, framing, fields, whether the connection
 * stays), and what the servers sent is compared byte for byte, the value of Date aside.
 */
#ifndef TENK_CHECK_H
#define TENK_CHECK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct check_row;

struct check_target {
	const char *name; /* as in results */
	const char *host; /* 127.0.0.1 */
	uint16_t port;
	/*
	 * Its HTTP is a library's, not tenk's. Answers are judged as everybody's, but not compared
	 * byte for byte: the order of fields is the library's.
	 */
	bool own_parser;
	/*
	 * Somebody else's server: held to what the standard asks for, not to what we chose, and to
	 * the rows whose routes it has (of enum check_route; check_find_routes).
	 */
	bool foreign;
	unsigned routes;
	/*
	 * The rows in which it is known to differ: [{"row","reason","sometimes"}], borrowed; NULL:
	 * none. Such a row is told and does not fail; if it passes after all, that fails, unless it
	 * is one that passes sometimes.
	 */
	const json_t *known;
	const char *version; /* of somebody else's server, "nginx 1.22.1"; NULL: not told */
};

/* What came of one row on one server. */
enum check_outcome {
	CHECK_PASSED,
	CHECK_FAILED,
	CHECK_DIFFERS,	 /* right by itself, and yet not what the first server that passed sent */
	CHECK_KNOWN,	 /* failed, as its server's list says */
	CHECK_STALE,	 /* passed, though its server's list says that it fails */
	CHECK_NOT_ASKED, /* it has not what the row needs */
};

/* How one row went on one server. */
struct check_result {
	enum check_outcome outcome;
	const char *reason; /* for CHECK_KNOWN and CHECK_STALE, the list's; borrowed */
	/*
	 * What was expected, and what came, escaped; owned. NULL when it passed, be it CHECK_STALE.
	 * For CHECK_DIFFERS, what the other sent is in `expected`.
	 */
	char *expected, *came;
	char *transcript; /* all that the server sent, Date normalised; owned */
	size_t transcript_bytes, transcript_capacity;
	uint64_t elapsed_ns;
};

/* Rows in the suite, and each of them. */
size_t check_row_count(void);
const struct check_row *check_row_at(size_t index);

/* The row of that name, or NULL. */
const struct check_row *check_row_find(const char *name);
const char *check_row_name(const struct check_row *row);

/*
 * Runs the wanted rows (NULL or 0: all) against one running server, in the table's order, and
 * reports each; the callback takes over the result's memory (check_result_destroy). A server that
 * lets three rows in turn time out, and then does not answer the simplest request either, is given
 * up: its other rows fail untried.
 * Returns the number of rows that failed (see check_is_failure), or -EINVAL for an unknown row.
 */
typedef void check_report_function(void *context, const struct check_row *row,
				   struct check_result *result);
long check_server(const struct check_target *target, const char *const *wanted, size_t wanted_count,
		  check_report_function *report, void *context);

void check_result_destroy(struct check_result *result);

/* Whether it keeps a server from passing: CHECK_FAILED, CHECK_DIFFERS and CHECK_STALE do. */
bool check_is_failure(const struct check_result *result);

/*
 * Asks a running server for each of our routes, once. Returns those that it answers as ours do, of
 * enum check_route; 0 also if it does not answer at all.
 */
unsigned check_find_routes(const char *host, uint16_t port);

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

/*
 * Several servers are asked at a time, from threads; `progress` (may be NULL) is called from them
 * before each server. 0, -EINVAL for an unknown row, -ENOMEM.
 * Destroy the suite in any case.
 */
int check_suite_run(struct check_suite *suite, const struct check_target *targets, size_t count,
		    const char *const *wanted, size_t wanted_count,
		    void (*progress)(void *context, const struct check_target *target),
		    void *context);
void check_suite_destroy(struct check_suite *suite);

/*
 * A grid of rows and servers, then every failure and difference, those that are known with their
 * reasons, then the line "N rows x M servers: K passed, F failed[, D known to differ]". `verbose`:
 * also what each row asks for, and the rule; and what came where a server is known to differ.
 */
void check_suite_print(const struct check_suite *suite, FILE *out, bool verbose);

/*
 * {"schema":1,"servers":[],"rows":[{"name","group","section","what"}],"passed","failed",
 *  "known","failures":[{"row","server","kind":"failed|differs|stale","expected","came"}],
 *  "known_differences":[{"row","server","reason","expected","came"}]}. NULL: no memory.
 */
json_t *check_suite_json(const struct check_suite *suite);

/* The page docs/conformance.md: totals, grid, known differences. 0, or -1 for want of memory. */
int check_suite_print_markdown(const struct check_suite *suite, FILE *out);

/* Runs and prints; *failures as suite.failed. 0 or -errno. */
int check_run(const struct check_target *targets, size_t count, FILE *out, bool verbose,
	      size_t *failures);

#endif
