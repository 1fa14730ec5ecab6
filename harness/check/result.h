/* A server that the suite is run against, and how one row went on it. */
#ifndef TENK_CHECK_RESULT_H
#define TENK_CHECK_RESULT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
	bool no_post; /* it refuses every POST (check_refuses_post), so rows that send one tell nothing */
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

void check_result_destroy(struct check_result *result);

/* Whether it keeps a server from passing: CHECK_FAILED, CHECK_DIFFERS and CHECK_STALE do. */
bool check_is_failure(const struct check_result *result);

#endif
