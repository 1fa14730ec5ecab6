#include "servers/models/libmicrohttpd/requests.h"

#include "servers/core/tasks/kinds/file_served.h"
#include "servers/core/tasks/task_life.h"
#include "servers/models/libmicrohttpd/connections.h"

#include <stdlib.h>
#include <string.h>

enum { BODY_FIRST = 4096, PIECES_MOST = 1024, QUERY_KEPT = 16 };

enum stage { HEAD_CAME, BODY_COMES, REFUSED, WAITS, WAITED, READS, GIVEN_UP };

/* Of one thread mostly, and if not, nobody minds one less. */
static void count_call(struct requests *requests)
{
	atomic_store_explicit(&requests->calls,
			      atomic_load_explicit(&requests->calls, memory_order_relaxed) + 1,
			      memory_order_relaxed);
}

/* One request and its answer. */
struct exchange {
	struct requests *requests;
	struct MHD_Connection *connection;
	enum stage stage;
	bool answering;
	size_t target_length;
	/* What followed the `?`, of which the library makes pairs; longer ones mean nothing to us. */
	char query[QUERY_KEPT];
	size_t query_length;
	struct reply reply;
	char *body;
	size_t body_length, body_capacity;
	struct handed_task wait;
};

/* --- answers -------------------------------------------------------------------------------- */

static ssize_t copy_pattern(void *context, uint64_t at, char *buffer, size_t most)
{
	size_t from = (size_t)(at % REPLY_PATTERN_BYTES);
	size_t length = REPLY_PATTERN_BYTES - from < most ? REPLY_PATTERN_BYTES - from : most;

	(void)context;
	memcpy(buffer, reply_pattern + from, length);
	return (ssize_t)length;
}

/*
 * The pattern again and again, without a copy of it; of 2,048 pieces and more the library would end
 * the process ("Failed to destroy mutex"), so a body of so many is copied.
 */
static struct MHD_Response *respond_with_pattern(uint64_t length)
{
	size_t count = (size_t)((length + REPLY_PATTERN_BYTES - 1) / REPLY_PATTERN_BYTES);
	struct MHD_IoVec *pieces;
	struct MHD_Response *response;

	if (count > PIECES_MOST)
		return MHD_create_response_from_callback(length, REPLY_PATTERN_BYTES, copy_pattern,
							 NULL, NULL);
	pieces = calloc(count, sizeof *pieces);
	if (!pieces)
		return NULL;
	for (size_t i = 0; i < count; i++)
		pieces[i] = (struct MHD_IoVec){reply_pattern, REPLY_PATTERN_BYTES};
	if (length % REPLY_PATTERN_BYTES)
		pieces[count - 1].iov_len = length % REPLY_PATTERN_BYTES;
	response = MHD_create_response_from_iovec(pieces, (unsigned)count, NULL, NULL);
	free(pieces);
	return response;
}

static bool keeps_thread(const struct exchange *x);
static void do_task(struct exchange *x);
static void suspend(struct exchange *x, enum stage stage);

/* Of a file that is read, what the library has room for; with the next piece it may have to wait. */
static ssize_t copy_piece(void *context, uint64_t at, char *buffer, size_t most)
{
	struct exchange *x = context;
	struct served_file *file = x->reply.task.file;
	size_t offset;

	if (x->stage == GIVEN_UP)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (file && at == file->read) {
		x->reply.task.kind = &task_file;
		if (!keeps_thread(x)) {
			suspend(x, READS);
			return 0;
		}
		do_task(x);
		file = x->reply.task.file;
	}
	if (!file)
		return MHD_CONTENT_READER_END_WITH_ERROR; /* it cannot be read any more */
	offset = (size_t)(at - (file->read - file->piece_length));
	if (most > file->piece_length - offset)
		most = file->piece_length - offset;
	memcpy(buffer, file->piece + offset, most);
	return (ssize_t)most;
}

/* The library has the descriptor from here on, sends from it, and closes it; if it is not to be read. */
static struct MHD_Response *respond_with_file(struct exchange *x)
{
	struct served_file *file = x->reply.task.file;
	struct MHD_Response *response;

	if (file->in_pieces)
		return MHD_create_response_from_callback(file->length, FILE_PIECE_BYTES, copy_piece,
							 x, NULL);
	response = MHD_create_response_from_fd64(file->length, file->fd);
	if (response)
		file->fd = -1;
	return response;
}

/* What the reply shows stays where it is until the exchange has ended: no copy either. */
static struct MHD_Response *respond(struct exchange *x)
{
	const struct reply *reply = &x->reply;
	const char *bytes = reply->body == REPLY_TEXT	   ? reply->bytes
			    : reply->body == REPLY_PATTERN ? reply_pattern
							   : x->body;

	if (reply->body == REPLY_FILE)
		return respond_with_file(x);
	if (reply->body == REPLY_PATTERN && reply->body_length > REPLY_PATTERN_BYTES)
		return respond_with_pattern(reply->body_length);
	return MHD_create_response_from_buffer(reply->body_length, (void *)bytes,
					       MHD_RESPMEM_PERSISTENT);
}

/* `closes`: the connection ends with the answer. */
static enum MHD_Result send_reply(struct exchange *x, bool closes)
{
	const struct reply *reply = &x->reply;
	struct MHD_Response *response = respond(x);
	enum MHD_Result result = response ? MHD_YES : MHD_NO;

	if (result == MHD_YES)
		result = MHD_add_response_header(response, "Server", "tenk");
	if (result == MHD_YES)
		result = MHD_add_response_header(response, "Content-Type", reply->content_type);
	if (result == MHD_YES && reply->allow)
		result = MHD_add_response_header(response, "Allow", reply->allow);
	if (result == MHD_YES && (closes || atomic_load(&x->requests->draining)))
		result = MHD_add_response_header(response, "Connection", "close");
	if (result == MHD_YES)
		result = MHD_queue_response(x->connection, reply->status, response);
	if (result == MHD_YES) {
		x->answering = true;
		atomic_fetch_add(&x->requests->answering, 1);
	}
	if (response)
		MHD_destroy_response(response); /* the library has its own reference */
	return result;
}

static enum MHD_Result refuse(struct exchange *x, unsigned status)
{
	x->stage = REFUSED;
	reply_status(&x->reply, status);
	return send_reply(x, true);
}

/* --- waits: suspended, by whichever thread it is, and resumed by our loop ------------------ */

/* The library calls the handler again, or what reads for it. */
static void resume(struct handed_task *wait, bool done)
{
	struct exchange *x = (struct exchange *)((char *)wait - offsetof(struct exchange, wait));

	if (!done)
		x->stage = GIVEN_UP;
	else if (x->stage == WAITS)
		x->stage = WAITED;
	MHD_resume_connection(x->connection);
}

static void suspend(struct exchange *x, enum stage stage)
{
	x->stage = stage;
	x->wait.reply = &x->reply;
	x->wait.ended = resume;
	MHD_suspend_connection(x->connection);
	if (task_handover_submit(&x->requests->waits, &x->wait) < 0)
		resume(&x->wait, false);
}

/* --- requests: called back by the library --------------------------------------------------- */

static void keep_query(struct exchange *x, const char *mark)
{
	size_t length = mark ? strlen(mark + 1) : 0;

	if (length > sizeof x->query)
		return;
	memcpy(x->query, mark + 1, length);
	x->query_length = length;
}

/* The first word of a request, before its head is read: also the place to remember it in. */
void *request_begins(void *context, const char *target, struct MHD_Connection *connection)
{
	struct requests *requests = context;
	struct exchange *x = calloc(1, sizeof *x);

	if (!x)
		return NULL;
	count_call(requests);
	atomic_fetch_add(&requests->in_flight, 1);
	x->requests = requests;
	x->connection = connection;
	x->target_length = strlen(target);
	keep_query(x, strchr(target, '?'));
	return x;
}

void request_ended(void *context, struct MHD_Connection *connection, void **state,
		   enum MHD_RequestTerminationCode how)
{
	struct requests *requests = context;
	struct exchange *x = *state;

	*state = NULL;
	if (!x)
		return;
	/* Before its head came, it was the library that answered it. */
	connection_answered(connection, how, x->stage == HEAD_CAME || x->stage == REFUSED);
	count_call(requests);
	if (x->answering)
		atomic_fetch_sub(&requests->answering, 1);
	served_file_free(x->reply.task.file);
	free(x->body);
	reply_release(&x->reply);
	free(x);
	if (atomic_fetch_sub(&requests->in_flight, 1) == 1 && atomic_load(&requests->draining))
		task_handover_wake(&requests->waits);
}

/* Methods that are known; the others get 501. */
static bool method_of(const char *name, enum request_method *method)
{
	static const struct {
		const char *name;
		enum request_method method;
	} methods[] = {{"GET", REQUEST_GET},	  {"HEAD", REQUEST_HEAD},
		       {"POST", REQUEST_POST},	  {"PUT", REQUEST_OTHER},
		       {"DELETE", REQUEST_OTHER}, {"OPTIONS", REQUEST_OPTIONS},
		       {"TRACE", REQUEST_OTHER},  {"PATCH", REQUEST_OTHER}};

	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (strcmp(name, methods[i].name) == 0) {
			*method = methods[i].method;
			return true;
		}
	return false;
}

/* The head has come. Who answers now refuses the rest, and the library closes. */
static enum MHD_Result judge_head(struct exchange *x, const char *method)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	const char *length = MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND,
							 MHD_HTTP_HEADER_CONTENT_LENGTH);
	enum request_method known;

	/*
	 * Nothing is answered here that is not refused, even if no body is to come: the library would
	 * close the connection. The suite's rows "keep-alive" and "echo" see whether it stays.
	 */
	x->stage = BODY_COMES;
	if (x->target_length > REQUEST_TARGET_MOST)
		return refuse(x, 414);
	if (info && info->header_size > REQUEST_HEAD_MOST)
		return refuse(x, 431);
	if (!method_of(method, &known))
		return refuse(x, 501);
	if (length && strtoull(length, NULL, 10) > REQUEST_BODY_MOST)
		return refuse(x, 413);
	return MHD_YES;
}

static enum MHD_Result keep_body(struct exchange *x, const char *data, size_t length)
{
	size_t needed = x->body_length + length, capacity = x->body_capacity;
	char *grown;

	if (needed > REQUEST_BODY_MOST)
		return MHD_NO; /* within a body the library can only be told to cut */
	if (needed > capacity) {
		for (capacity = capacity ? capacity : BODY_FIRST; capacity < needed;)
			capacity *= 2;
		grown = realloc(x->body, capacity);
		if (!grown)
			return MHD_NO;
		x->body = grown;
		x->body_capacity = capacity;
	}
	memcpy(x->body + x->body_length, data, length);
	x->body_length = needed;
	return MHD_YES;
}

static bool keeps_thread(const struct exchange *x)
{
	const struct requests *requests = x->requests;

	return requests->blocking ||
	       (!x->reply.task.delay_ns && task_blocks(x->reply.task.kind, &requests->waits.tools));
}

static void do_task(struct exchange *x)
{
	atomic_fetch_add(&x->requests->in_place, 1);
	task_begin(&x->reply.task, &x->reply, &x->requests->tools, NULL, NULL);
	atomic_fetch_sub(&x->requests->in_place, 1);
}

/* All of the request has come. */
static enum MHD_Result answer(struct exchange *x, const char *target, const char *method)
{
	struct request request = {.body_length = x->body_length};

	counters_add(COUNTER_REQUESTS);
	method_of(method, &request.method);
	request_set_target(&request, target, strlen(target));
	request.query = x->query;
	request.query_length = x->query_length;
	route_answer(&request, &x->reply);
	/* In place what the loop would do no otherwise: it would stop all, and not only who share a thread. */
	while (x->reply.task.kind && keeps_thread(x))
		do_task(x);
	if (!x->reply.task.kind)
		return send_reply(x, false);
	suspend(x, WAITS);
	return MHD_YES;
}

enum MHD_Result request_handle(void *context, struct MHD_Connection *connection, const char *target,
			       const char *method, const char *version, const char *data,
			       size_t *length, void **state)
{
	struct exchange *x = *state;
	enum MHD_Result result;

	(void)context, (void)connection, (void)version;
	if (!x)
		return MHD_NO; /* no memory for it */
	count_call(x->requests);
	switch (x->stage) {
	case HEAD_CAME:
		return judge_head(x, method);
	case BODY_COMES:
		/* A piece of no bytes is no end: after 100 Continue what comes next is looked at so. */
		if (*length == 0)
			return data ? MHD_YES : answer(x, target, method);
		result = keep_body(x, data, *length);
		*length = 0;
		return result;
	case WAITS:
		return MHD_YES; /* woken for another reason */
	case WAITED:
		return send_reply(x, false);
	default:
		return MHD_NO;
	}
}
