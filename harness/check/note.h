/* What is noted of a row while it runs: why it failed, and what the server sent. */
#ifndef TENK_CHECK_NOTE_H
#define TENK_CHECK_NOTE_H

#include "harness/check/result.h"
#include "harness/http/http_client.h"

#include <time.h>

/* One row being run on one server. */
struct check_trial {
	const struct check_target *target;
	struct http_client client;
	uint64_t deadline_ns;
	time_t sent; /* when the last request began to be sent, for its Date */
	struct check_result *result;
	bool timed_out;
	/* Of the last answer: */
	bool said_close; /* and it is the last, by its fields or its version */
	bool silent;	 /* there was none, which is right */
};

/* Notes what was expected and what came (a text); returns false. */
bool check_fail(struct check_trial *trial, const char *came, const char *expected, ...)
	__attribute__((format(printf, 3, 4)));

/* Notes that of an answer, with what it said; returns false. */
bool check_fail_response(struct check_trial *trial, const struct http_response *response,
			 const char *expected, const char *detail);

/* Keeps what a server sent for the comparison, its dates made equal. */
void check_record(struct check_trial *trial, const char *bytes, size_t count);

/* Printable form of bytes, cut with an ellipsis: "GET / HTTP/1.1\r\n". Returns `text`. */
char *check_escape(const char *bytes, size_t count, char *text, size_t size);

#endif
