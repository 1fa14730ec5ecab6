/* Rows that need more than one request and one answer: order, splits, endings. */
#include "harness/check/rows.h"

#include "lib/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct check_expectation hello = {
	.answer = "200 OK", .type = "text/plain", .body = "Hello, World!"};

static size_t request_bytes(const struct check_row *row)
{
	return row->request_bytes ? row->request_bytes : strlen(row->request);
}

static unsigned times(const struct check_row *row)
{
	return row->times ? row->times : 1;
}

static bool send_request(struct check_trial *trial, const struct check_row *row)
{
	return check_send(trial, &trial->client, row->request, request_bytes(row));
}

static bool out_of_memory(struct check_trial *trial)
{
	return check_fail(trial, strerror(ENOMEM), "memory for the request");
}

/* One request, one answer, and the connection stays or ends. */
bool check_run_once(struct check_trial *trial, const struct check_row *row)
{
	return check_connect(trial, &trial->client) && send_request(trial, row) &&
	       check_answer(trial, &trial->client, &row->expect) && check_end(trial, &row->expect);
}

/* The same request `times` times on one connection, each after the answer to the one before. */
bool check_run_in_turn(struct check_trial *trial, const struct check_row *row)
{
	if (!check_connect(trial, &trial->client))
		return false;
	for (unsigned i = 0; i < times(row); i++)
		if (!send_request(trial, row) || !check_answer(trial, &trial->client, &row->expect))
			return false;
	return check_end(trial, &row->expect);
}

/* The same with a pause before each. */
bool check_run_pauses(struct check_trial *trial, const struct check_row *row)
{
	if (!check_connect(trial, &trial->client))
		return false;
	for (unsigned i = 0; i < times(row); i++) {
		check_pause_ms(row->wait_ms);
		if (!send_request(trial, row) || !check_answer(trial, &trial->client, &row->expect))
			return false;
	}
	return check_end(trial, &row->expect);
}

/* The request `count` times in one send. */
static bool send_pipelined(struct check_trial *trial, const struct check_row *row, unsigned count)
{
	size_t length = request_bytes(row);
	char *all = malloc(length * count);
	bool sent;

	if (!all)
		return out_of_memory(trial);
	for (unsigned i = 0; i < count; i++)
		memcpy(all + length * i, row->request, length);
	sent = check_send(trial, &trial->client, all, length * count);
	free(all);
	return sent;
}

static bool receive_count(struct check_trial *trial, const struct check_row *row, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (!check_answer(trial, &trial->client, &row->expect))
			return false;
	return true;
}

static bool receive_all(struct check_trial *trial, const struct check_row *row)
{
	return receive_count(trial, row, times(row)) && check_end(trial, &row->expect);
}

bool check_run_pipelined(struct check_trial *trial, const struct check_row *row)
{
	return check_connect(trial, &trial->client) && send_pipelined(trial, row, times(row)) &&
	       receive_all(trial, row);
}

/* One request, then two at once, and so on to `times`, all on one connection. */
bool check_run_pipelined_each(struct check_trial *trial, const struct check_row *row)
{
	if (!check_connect(trial, &trial->client))
		return false;
	for (unsigned count = 1; count <= times(row); count++)
		if (!send_pipelined(trial, row, count) || !receive_count(trial, row, count))
			return false;
	return check_end(trial, &row->expect);
}

/* Pipelined, and read only when the server has long run into full buffers. */
bool check_run_late_reader(struct check_trial *trial, const struct check_row *row)
{
	if (!check_connect(trial, &trial->client) || !send_pipelined(trial, row, times(row)))
		return false;
	check_pause_ms(row->wait_ms);
	return receive_all(trial, row);
}

/* Requests of many kinds whose answers can be told apart, so that the order is seen. */
static const struct {
	const char *request;
	struct check_expectation expect;
} mixed[] = {
	{"GET /plaintext HTTP/1.1\r\nHost: t\r\n\r\n",
	 {.answer = "200 OK", .type = "text/plain", .body = "Hello, World!"}},
	{"POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nfirst",
	 {.answer = "200 OK", .type = "application/octet-stream", .body = "first"}},
	{"GET /json HTTP/1.1\r\nHost: t\r\n\r\n",
	 {.answer = "200 OK",
	  .type = "application/json",
	  .body = "{\"message\":\"Hello, World!\"}"}},
	{"HEAD /bytes/100 HTTP/1.1\r\nHost: t\r\n\r\n",
	 {.answer = "200 OK", .type = "application/octet-stream", .body_bytes = 100, .head = true}},
	{"GET /wait/20 HTTP/1.1\r\nHost: t\r\n\r\n",
	 {.answer = "200 OK", .type = "text/plain", .body = "Waited 20 ms"}},
	{"POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
	 "3\r\nsec\r\n3\r\nond\r\n0\r\n\r\n",
	 {.answer = "200 OK", .type = "application/octet-stream", .body = "second"}},
	{"GET /nowhere HTTP/1.1\r\nHost: t\r\n\r\n",
	 {.answer = "404 Not Found", .type = "text/plain"}},
	{"GET /bytes/70000 HTTP/1.1\r\nHost: t\r\n\r\n",
	 {.answer = "200 OK", .type = "application/octet-stream", .body_bytes = 70000}},
	{"GET /wait/1 HTTP/1.1\r\nHost: t\r\n\r\n",
	 {.answer = "200 OK", .type = "text/plain", .body = "Waited 1 ms"}},
	{"GET /echo HTTP/1.1\r\nHost: t\r\n\r\n",
	 {.answer = "405 Method Not Allowed",
	  .type = "text/plain",
	  .allow = "POST",
	  .also = "200"}},
	{"GET /bytes/1 HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n",
	 {.answer = "200 OK", .type = "application/octet-stream", .body_bytes = 1, .closes = true}},
};

bool check_run_mixed(struct check_trial *trial, const struct check_row *row)
{
	enum { KINDS = sizeof mixed / sizeof *mixed };
	char all[2048];
	size_t length = 0;

	(void)row;
	for (size_t i = 0; i < KINDS; i++)
		length += (size_t)snprintf(all + length, sizeof all - length, "%s",
					   mixed[i].request);
	if (!check_connect(trial, &trial->client) ||
	    !check_send(trial, &trial->client, all, length))
		return false;
	for (size_t i = 0; i < KINDS; i++)
		if (!check_answer(trial, &trial->client, &mixed[i].expect))
			return false;
	return check_closed(trial, &trial->client);
}

/* What is pipelined behind a request that ends the connection is not answered. */
bool check_run_ignored_rest(struct check_trial *trial, const struct check_row *row)
{
	return check_connect(trial, &trial->client) && send_pipelined(trial, row, times(row)) &&
	       check_answer(trial, &trial->client, &row->expect) &&
	       check_closed(trial, &trial->client);
}

/* GET /plaintext and, right behind it, something that is refused. */
bool check_run_then_refused(struct check_trial *trial, const struct check_row *row)
{
	return check_connect(trial, &trial->client) && send_request(trial, row) &&
	       check_answer(trial, &trial->client, &hello) &&
	       check_answer(trial, &trial->client, &row->expect) && check_end(trial, &row->expect);
}

/* The request in two packets, split at each position in turn. */
bool check_run_split(struct check_trial *trial, const struct check_row *row)
{
	size_t length = request_bytes(row);

	if (!check_connect(trial, &trial->client))
		return false;
	for (size_t at = 1; at < length; at++) {
		int status;

		trial->sent = time(NULL);
		status = http_client_send_split(&trial->client, row->request, length, at, NS_PER_MS,
						trial->deadline_ns);

		if (status < 0)
			return check_fail(trial, strerror(-status), "a request split at byte %zu",
					  at);
		for (unsigned i = 0; i < times(row); i++)
			if (!check_answer(trial, &trial->client, &row->expect))
				return false;
	}
	return check_end(trial, &row->expect);
}

/* Each byte in a packet of its own. */
bool check_run_drip(struct check_trial *trial, const struct check_row *row)
{
	if (!check_connect(trial, &trial->client))
		return false;
	for (size_t i = 0; i < request_bytes(row); i++) {
		if (!check_send(trial, &trial->client, row->request + i, 1))
			return false;
		check_pause_ms(1);
	}
	return receive_all(trial, row);
}

/*
 * The client goes on sending `size` bytes after what must be refused. A server that closes with
 * input unread resets the connection, and the answer is lost on its way (RFC 9112 section 9.6).
 */
bool check_run_still_sending(struct check_trial *trial, const struct check_row *row)
{
	enum { PIECE = 65536 };
	char *more = calloc(1, PIECE);
	bool right;

	if (!more)
		return out_of_memory(trial);
	right = check_connect(trial, &trial->client) && send_request(trial, row);
	for (size_t sent = 0; right && sent < row->size; sent += PIECE) {
		right = check_send(trial, &trial->client, more, PIECE);
		check_pause_ms(1);
	}
	free(more);
	return right && check_answer(trial, &trial->client, &row->expect) &&
	       check_end(trial, &row->expect);
}

/* The client sends a whole request and no more, and reads on. */
bool check_run_half_close(struct check_trial *trial, const struct check_row *row)
{
	if (!check_connect(trial, &trial->client) || !send_request(trial, row))
		return false;
	http_client_half_close(&trial->client);
	return check_answer(trial, &trial->client, &row->expect) &&
	       check_closed(trial, &trial->client);
}

/* The client ends in the middle of a request: 400 or nothing, and the connection is closed. */
bool check_run_cut_short(struct check_trial *trial, const struct check_row *row)
{
	int status;

	if (!check_connect(trial, &trial->client) || !send_request(trial, row))
		return false;
	http_client_half_close(&trial->client);
	status = http_client_await_close(&trial->client, trial->deadline_ns);
	if (status < 0)
		return check_fail(trial, strerror(-status), "the connection to be closed in order");
	if (trial->client.pending_bytes == 0)
		return true;
	return check_answer(trial, &trial->client, &row->expect) &&
	       check_closed(trial, &trial->client);
}

/* The body is held back until the server asks for it with 100, or has answered. */
bool check_run_expect_continue(struct check_trial *trial, const struct check_row *row)
{
	const char *body = row->ending ? row->ending : row->expect.body;
	struct http_response interim;
	unsigned status;

	if (!check_connect(trial, &trial->client) || !send_request(trial, row))
		return false;
	if (http_client_receive(&trial->client, false, &interim,
				clock_now_ns() + row->wait_ms * NS_PER_MS) < 0)
		return check_fail(trial, "silence", "HTTP/1.1 100 Continue before the body");
	check_record(trial, interim.raw, interim.raw_bytes);
	status = interim.status;
	http_response_destroy(&interim);
	if (status != 100)
		return check_fail(trial, trial->result->transcript, "HTTP/1.1 100 Continue");
	return check_send(trial, &trial->client, body, strlen(body)) &&
	       check_answer(trial, &trial->client, &row->expect) && check_end(trial, &row->expect);
}

/* A server that keeps the text of its Date must renew it, also when nobody has asked for long. */
bool check_run_stale_date(struct check_trial *trial, const struct check_row *row)
{
	if (!check_connect(trial, &trial->client) || !send_request(trial, row) ||
	    !check_answer(trial, &trial->client, &hello))
		return false;
	check_pause_ms(row->wait_ms);
	return send_request(trial, row) && check_answer(trial, &trial->client, &hello) &&
	       check_end(trial, &hello);
}
