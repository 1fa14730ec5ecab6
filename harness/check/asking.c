/* Asking one thing of one server and judging the answer. */
#include "harness/check/rows.h"

#include "harness/process/interrupt.h"
#include "lib/clock.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { SHOWN_BYTES = 640, REASON_BYTES = 512 };

static const char again[] = "GET /plaintext HTTP/1.1\r\nHost: tenk\r\n\r\n";

void check_pause_ms(uint64_t ms)
{
	interrupt_wait(NULL, clock_now_ns() + ms * NS_PER_MS);
}

/* The same for a call that failed, with what the server had sent of an answer. */
static bool fail_errno(struct check_trial *trial, struct http_client *client, int error,
		       const char *expected)
{
	char seen[SHOWN_BYTES / 2] = "", text[SHOWN_BYTES];
	const char *reason = error == -ENODATA	 ? "closed without an answer"
			     : error == -EPROTO	 ? "closed in the middle of an answer"
			     : error == -EBADMSG ? "not an HTTP/1.1 response"
						 : strerror(-error);

	trial->timed_out |= error == -ETIMEDOUT;
	if (client->pending_bytes > 0)
		check_escape(client->pending, client->pending_bytes, seen, sizeof seen);
	snprintf(text, sizeof text, "%s%s%s", reason, *seen ? ": " : "", seen);
	check_record(trial, client->pending, client->pending_bytes);
	return check_fail(trial, text, "%s", expected);
}

bool check_connect(struct check_trial *trial, struct http_client *client)
{
	const struct check_target *target = trial->target;
	int status = http_client_open(client, target->host, target->port, 2 * NS_PER_S);

	return status == 0 || fail_errno(trial, client, status, "a connection");
}

bool check_send(struct check_trial *trial, struct http_client *client, const char *bytes,
		size_t count)
{
	int status;

	trial->sent = time(NULL);
	status = http_client_send(client, bytes, count, trial->deadline_ns);

	return status == 0 || fail_errno(trial, client, status, "the request to be taken in");
}

/* Reads an answer, and of a server of somebody else not those that announce one. */
static int receive(struct check_trial *trial, struct http_client *client,
		   const struct check_expectation *expect, struct http_response *response)
{
	int status;

	for (;;) {
		status = http_client_receive(client, expect->head, response, trial->deadline_ns);
		if (status < 0)
			return status;
		check_record(trial, response->raw, response->raw_bytes);
		if (!trial->target->foreign || response->status / 100 != 1 || expect->at_once ||
		    response->status == 101)
			return 0;
		http_response_destroy(response);
	}
}

bool check_answer(struct check_trial *trial, struct http_client *client,
		  const struct check_expectation *expect)
{
	struct http_response response;
	int status = receive(trial, client, expect, &response);
	bool right;

	trial->silent = trial->target->foreign && check_may_be_silent(expect) &&
			(status == -ENODATA || status == -ECONNRESET);
	if (trial->silent)
		return true;
	if (status < 0)
		return fail_errno(trial, client, status, expect->answer);
	right = check_judge(trial, &response, expect) && !trial->result->expected;
	trial->said_close = response.closes;
	http_response_destroy(&response);
	return right;
}

bool check_open(struct check_trial *trial, struct http_client *client)
{
	static const struct check_expectation hello = {
		.answer = "200 OK", .type = "text/plain", .body = "Hello, World!"};
	static const struct check_expectation any = {.answer = "404 Not Found", .also = "any"};
	bool served = !trial->target->foreign || trial->target->routes & CHECK_PLAINTEXT;

	return check_send(trial, client, again, sizeof again - 1) &&
	       check_answer(trial, client, served ? &hello : &any);
}

bool check_closed(struct check_trial *trial, struct http_client *client)
{
	int status = http_client_await_close(client, trial->deadline_ns);

	/* Who could read the answer has lost nothing; "refused-garbage" sees whether that holds. */
	if (status == -ECONNRESET && trial->target->foreign)
		return true;
	if (status < 0)
		return fail_errno(trial, client, status, "the connection to be closed in order");
	return client->pending_bytes == 0 ||
	       fail_errno(trial, client, -EBADMSG, "nothing more before the connection is closed");
}

/* It has not said whether it closes, and may do either: the next request is answered, or not. */
static bool check_either(struct check_trial *trial)
{
	struct http_response response = {0};
	int status = http_client_send(&trial->client, again, sizeof again - 1, trial->deadline_ns);

	if (status == 0)
		status = http_client_receive(&trial->client, false, &response, trial->deadline_ns);
	http_response_destroy(&response);
	return status == 0 || status == -ENODATA || status == -ECONNRESET || status == -EPIPE ||
	       fail_errno(trial, &trial->client, status,
			  "an answer to the next request, or the end");
}

bool check_end(struct check_trial *trial, const struct check_expectation *expect)
{
	if (!trial->target->foreign)
		return expect->closes ? check_closed(trial, &trial->client)
				      : check_open(trial, &trial->client);
	if (trial->silent)
		return true;
	if (trial->said_close || (expect->closes && !expect->may_stay))
		return check_closed(trial, &trial->client);
	return expect->closes ? check_either(trial) : check_open(trial, &trial->client);
}
