/* A file as the body of an answer: what of it is shown, and what comes next. */
#include "servers/core/http/http_exchange.h"
#include "servers/core/tasks/kinds/file_served.h"

static struct served_file *file_of(const struct http *http)
{
	return http->exchange->reply.task.file;
}

static void end(struct http *http)
{
	served_file_free(file_of(http));
	http->exchange->reply.task.file = NULL;
	http->sends_file = false;
}

void http_file_show(struct http *http)
{
	struct http_exchange *exchange = http->exchange;
	const struct served_file *file = file_of(http);

	exchange->rest = file->in_pieces ? file->piece_length : file->length;
	exchange->rest_sent = 0;
	if (exchange->headless_body)
		exchange->rest = 0;
	http->sends_file = exchange->rest && !file->in_pieces;
	if (!exchange->rest)
		end(http);
}

/*
 * The task is asked for again; it takes the file from the request. Meanwhile nobody waits for the peer,
 * whose time to take the whole answer stands still.
 */
void http_file_sent(struct http *http)
{
	struct http_exchange *exchange = http->exchange;

	if (!served_file_goes_on(file_of(http))) {
		end(http);
		return;
	}
	exchange->reply.task.kind = &task_file;
	exchange->reply_waits = exchange->goes_on = true;
	exchange->phase_before = http->phase;
	exchange->stands_since = tick_now();
}

void http_file_went_on(struct http *http)
{
	struct http_exchange *exchange = http->exchange;

	exchange->goes_on = false;
	exchange->phase_began += tick_now() - exchange->stands_since;
	http->phase = exchange->phase_before;
	if (file_of(http) &&
	    exchange->reply.body == REPLY_FILE) /* else it is why the next piece is not there */
		http_file_show(http);
	else
		http->finished = true; /* what was promised cannot be had */
}

void http_file(const struct http *http, struct http_file *file)
{
	const struct http_exchange *exchange = http->exchange;

	*file = (struct http_file){
		.fd = file_of(http)->fd, .offset = exchange->rest_sent, .length = exchange->rest};
}

void http_take_file(struct http *http, struct http_file *file)
{
	http_file(http, file);
	file_of(http)->fd = -1;
}
