/*
 * What a row of the equivalence suite is, and what it is run with. For the suite's own files;
 * others see check.h.
 */
#ifndef TENK_CHECK_ROWS_H
#define TENK_CHECK_ROWS_H

#include "harness/check/note.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/*
 * What an answer must be. Of our servers all of it is asked for, and Server, Date and the framing in
 * every answer; of a server of somebody else what the standard asks for (judge.c): the status
 * or one of `also`, the body that belongs to a 2xx, and that the connection ends or stays as it says.
 */
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

	/* For servers of other people: */
	const char *also; /* other statuses that are as right; "close": no answer, and closed */
	bool may_stay;	  /* it need not close */
	bool in_body; /* the fault is in the body, which who does not serve the route need not read */
	bool at_once; /* an answer of 100 before it is wrong */
	bool dated;   /* must have a Date, though it is no 2xx */
};

struct check_trial;

/* What a row needs of a server; a row that says nothing needs its request's route, or none. */
enum check_route {
	CHECK_PLAINTEXT = 1,
	CHECK_JSON = 2,
	CHECK_BYTES = 4,
	CHECK_WAIT = 8,
	CHECK_ECHO = 16,
	CHECK_BLOCK = 32,
	CHECK_CPU = 64,
	CHECK_CALLS = 128,
	CHECK_ALL_ROUTES = 255,
	CHECK_NO_ROUTE = 256,
};

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
	unsigned times;	    /* for `run`: how often, or how many answers */
	size_t size;	    /* for `run`: bytes */
	const char *ending; /* for `run`: what is sent later; NULL: the body */
	uint64_t wait_ms;
	unsigned needs; /* of enum check_route; 0: see there */
	bool ours;	/* the standard leaves it open, and only our servers are held to it */
};

/* The suite's tables, in the order of the grid. */
struct check_table {
	const struct check_row *rows;
	size_t count;
};
extern const struct check_table check_rows_serving, check_rows_connections, check_rows_request_line,
	check_rows_fields, check_rows_framing, check_rows_limits;

/* Rows in the suite, and each of them. */
size_t check_row_count(void);
const struct check_row *check_row_at(size_t index);

/* The row of that name, or NULL. */
const struct check_row *check_row_find(const char *name);
const char *check_row_name(const struct check_row *row);

/* Whether a server is to be asked: ours always, others if they serve what the row needs. */
bool check_row_applies(const struct check_row *row, const struct check_target *target);

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
/* Whether the answer is what it must be (judge.c). */
bool check_judge(struct check_trial *trial, const struct http_response *response,
		 const struct check_expectation *expect);
/* Whether a server of somebody else may close without an answer here. */
bool check_may_be_silent(const struct check_expectation *expect);
/* check_closed or check_open, as the expectation says; of somebody else's server, as it said. */
bool check_end(struct check_trial *trial, const struct check_expectation *expect);

/* Sleeps for all of it, unless Ctrl-C ends the suite. */
void check_pause_ms(uint64_t ms);

/* Scripts of rows, scripts.c, long.c, waits.c: what they do is beside them. */
bool check_run_once(struct check_trial *trial, const struct check_row *row);
bool check_run_in_turn(struct check_trial *trial, const struct check_row *row);
bool check_run_pipelined(struct check_trial *trial, const struct check_row *row);
bool check_run_pipelined_each(struct check_trial *trial, const struct check_row *row);
bool check_run_pauses(struct check_trial *trial, const struct check_row *row);
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
bool check_run_long_method(struct check_trial *trial, const struct check_row *row);
bool check_run_long_field(struct check_trial *trial, const struct check_row *row);
bool check_run_long_name(struct check_trial *trial, const struct check_row *row);
bool check_run_long_extension(struct check_trial *trial, const struct check_row *row);
bool check_run_line_ends(struct check_trial *trial, const struct check_row *row);
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
