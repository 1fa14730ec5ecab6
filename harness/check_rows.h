/*
 * What a row of the equivalence suite is, and what it is run with. For the suite's own files;
 * others see check.h.
 */
#ifndef TENK_CHECK_ROWS_H
#define TENK_CHECK_ROWS_H

#include "harness/check.h"
#include "harness/http_client.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* What an answer must be. Server, Date and the framing are judged in every answer. */
struct check_expectation {
	const char *answer; /* status and phrase: "404 Not Found" */
	const char *type;   /* Content-Type */
	const char *
		body; /* NULL: the pattern of /bytes/N, or for a refusal its answer and a newline */
	size_t body_bytes; /* 0: strlen(body) */
	const char *allow;
	bool head;	 /* answers HEAD: the length, but no body */
	bool closes;	 /* says Connection: close, and does */
	bool keep_alive; /* says Connection: keep-alive, as HTTP/1.0 needs it */
};

struct check_trial;

struct check_row {
	const char *group;   /* heading in the grid */
	const char *name;    /* unique */
	const char *section; /* of which standard */
	const char *what;    /* what must happen, one sentence */
	const char *request;
	size_t request_bytes; /* 0: strlen(request) */
	struct check_expectation expect;
	/* NULL: send the request, judge the answer, then see whether the connection stays as said. */
	bool (*run)(struct check_trial *trial, const struct check_row *row);
	unsigned times; /* for `run`: how often, or how many answers */
	size_t size;	/* for `run`: bytes */
	uint64_t wait_ms;
};

/* The suite's table, of check_row_count rows. */
extern const struct check_row check_rows[];

/* One row being run on one server. */
struct check_trial {
	const struct check_target *target;
	struct http_client client;
	uint64_t deadline_ns;
	time_t sent; /* when the last request began to be sent, for its Date */
	struct check_result *result;
	bool timed_out;
};

/* All return false when the row has failed, with the reason noted; a row ends there. */
bool check_connect(struct check_trial *trial, struct http_client *client);
bool check_send(struct check_trial *trial, struct http_client *client, const char *bytes,
		size_t count);
bool check_answer(struct check_trial *trial, struct http_client *client,
		  const struct check_expectation *expect);
/* GET /plaintext on the same connection is answered. */
bool check_open(struct check_trial *trial, struct http_client *client);
/* The server has closed, in order, and sent nothing more. */
bool check_closed(struct check_trial *trial, struct http_client *client);
/* check_closed or check_open, as the expectation says. */
bool check_end(struct check_trial *trial, const struct check_expectation *expect);

/* Notes what was expected and what came (a text); returns false. */
bool check_fail(struct check_trial *trial, const char *came, const char *expected, ...)
	__attribute__((format(printf, 3, 4)));

/* Sleeps for all of it. */
void check_pause_ms(uint64_t ms);

/* Keeps what a server sent for the comparison, its dates made equal. */
void check_record(struct check_trial *trial, const char *bytes, size_t count);

/* Printable form of bytes, cut with an ellipsis: "GET / HTTP/1.1\r\n". Returns `text`. */
char *check_escape(const char *bytes, size_t count, char *text, size_t size);

/* Scripts of rows, check_scripts.c and check_waits.c: what they do is beside them. */
bool check_run_once(struct check_trial *trial, const struct check_row *row);
bool check_run_in_turn(struct check_trial *trial, const struct check_row *row);
bool check_run_pipelined(struct check_trial *trial, const struct check_row *row);
bool check_run_mixed(struct check_trial *trial, const struct check_row *row);
bool check_run_then_refused(struct check_trial *trial, const struct check_row *row);
bool check_run_late_reader(struct check_trial *trial, const struct check_row *row);
bool check_run_ignored_rest(struct check_trial *trial, const struct check_row *row);
bool check_run_split(struct check_trial *trial, const struct check_row *row);
bool check_run_drip(struct check_trial *trial, const struct check_row *row);
bool check_run_long_target(struct check_trial *trial, const struct check_row *row);
bool check_run_long_head(struct check_trial *trial, const struct check_row *row);
bool check_run_long_body(struct check_trial *trial, const struct check_row *row);
bool check_run_long_chunks(struct check_trial *trial, const struct check_row *row);
bool check_run_still_sending(struct check_trial *trial, const struct check_row *row);
bool check_run_half_close(struct check_trial *trial, const struct check_row *row);
bool check_run_cut_short(struct check_trial *trial, const struct check_row *row);
bool check_run_expect_continue(struct check_trial *trial, const struct check_row *row);
bool check_run_stale_date(struct check_trial *trial, const struct check_row *row);
bool check_run_wait(struct check_trial *trial, const struct check_row *row);
bool check_run_waits_together(struct check_trial *trial, const struct check_row *row);
bool check_run_beside_wait(struct check_trial *trial, const struct check_row *row);
bool check_run_leave_closed(struct check_trial *trial, const struct check_row *row);
bool check_run_leave_reset(struct check_trial *trial, const struct check_row *row);

#endif
