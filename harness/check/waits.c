/*
 * Rows about waiting: that a wait is as long as asked, that others are served meanwhile, and that
 * a client may leave. Upper limits are tried again before they fail: a busy machine may be late
 * once, a server that serves one after the other is late every time.
 */
#include "harness/check/rows.h"

#include "lib/clock.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

enum { ATTEMPTS = 3 };

static bool send_request(struct check_trial *trial, struct http_client *client,
			 const struct check_row *row)
{
	return check_send(trial, client, row->request, strlen(row->request));
}

static bool fail_late(struct check_trial *trial, uint64_t took_ns, const char *limit)
{
	char text[64];

	snprintf(text, sizeof text, "%.1f ms", (double)took_ns / (double)NS_PER_MS);
	return check_fail(trial, text, "%s", limit);
}

/* Not a moment before the time. */
bool check_run_wait(struct check_trial *trial, const struct check_row *row)
{
	uint64_t started_ns, took_ns;

	if (!check_connect(trial, &trial->client))
		return false;
	started_ns = clock_now_ns();
	if (!send_request(trial, &trial->client, row) ||
	    !check_answer(trial, &trial->client, &row->expect))
		return false;
	took_ns = clock_now_ns() - started_ns;
	if (took_ns < row->wait_ms * NS_PER_MS)
		return fail_late(trial, took_ns, "an answer after the wait, not before");
	return check_end(trial, &row->expect);
}

/* What was recorded is that of the last attempt, so that runs can be compared. */
static void forget_recorded(struct check_trial *trial)
{
	trial->result->transcript_bytes = 0;
}

/* Both wait at the same time. Sets *took_ns from the first send to the last answer. */
static bool wait_together(struct check_trial *trial, const struct check_row *row,
			  struct http_client *other, uint64_t *took_ns)
{
	uint64_t started_ns;

	if (!check_connect(trial, &trial->client) || !check_connect(trial, other))
		return false;
	started_ns = clock_now_ns();
	if (!send_request(trial, &trial->client, row) || !send_request(trial, other, row) ||
	    !check_answer(trial, &trial->client, &row->expect) ||
	    !check_answer(trial, other, &row->expect))
		return false;
	*took_ns = clock_now_ns() - started_ns;
	return true;
}

bool check_run_waits_together(struct check_trial *trial, const struct check_row *row)
{
	uint64_t took_ns = 0;

	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		struct http_client other = {.fd = -1};
		bool right;

		forget_recorded(trial);
		right = wait_together(trial, row, &other, &took_ns);
		http_client_close(&other);
		http_client_close(&trial->client);
		/* One after the other would take two waits. */
		if (!right || took_ns < row->wait_ms * NS_PER_MS * 9 / 5)
			return right;
	}
	return fail_late(trial, took_ns, "both answered in the time of one wait");
}

static bool has_answer(const struct http_client *client)
{
	struct pollfd poller = {.fd = client->fd, .events = POLLIN};

	return poll(&poller, 1, 0) > 0;
}

/* Another connection is served to the end before the wait is over. Sets *late if it was not. */
static bool serve_beside(struct check_trial *trial, const struct check_row *row,
			 struct http_client *other, bool *late)
{
	if (!check_connect(trial, &trial->client) || !check_connect(trial, other) ||
	    !send_request(trial, &trial->client, row))
		return false;
	/* Time for the wait to have begun. */
	check_pause_ms(row->wait_ms / 10);
	if (!check_open(trial, other))
		return false;
	*late = has_answer(&trial->client);
	return check_answer(trial, &trial->client, &row->expect);
}

bool check_run_beside_wait(struct check_trial *trial, const struct check_row *row)
{
	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		struct http_client other = {.fd = -1};
		bool late = false, right;

		forget_recorded(trial);
		right = serve_beside(trial, row, &other, &late);
		http_client_close(&other);
		http_client_close(&trial->client);
		if (!right || !late)
			return right;
	}
	return check_fail(trial, "its answer came only after the wait",
			  "another connection to be served during a wait");
}

/* Several clients leave in the middle of a wait; when it is over the server is still there. */
static bool leave(struct check_trial *trial, const struct check_row *row,
		  void (*part)(struct http_client *))
{
	for (unsigned i = 0; i < row->times; i++) {
		if (!check_connect(trial, &trial->client) ||
		    !send_request(trial, &trial->client, row))
			return false;
		/* Time for the wait to have begun. */
		check_pause_ms(5);
		part(&trial->client);
	}
	check_pause_ms(row->wait_ms + 50);
	return check_connect(trial, &trial->client) && check_open(trial, &trial->client);
}

bool check_run_leave_closed(struct check_trial *trial, const struct check_row *row)
{
	return leave(trial, row, http_client_close);
}

bool check_run_leave_reset(struct check_trial *trial, const struct check_row *row)
{
	return leave(trial, row, http_client_abort);
}
