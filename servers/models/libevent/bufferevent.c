/*
 * A bufferevent for each connection: the library receives and sends, in buffers of its own.
 *
 * What core has to send is copied into the library's buffer and so counts as written, though it may
 * take long until it is; that the client takes it in time is therefore the library's to see. A file is not
 * copied: the library gets its descriptor.
 */
#include "servers/models/libevent/bufferevent.h"

#include "lib/clock.h"
#include "servers/core/server/socket_io.h"
#include "servers/models/libevent/loop.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_struct.h>
#include <sys/socket.h>
#include <unistd.h>

/* Answers wait in the library's buffer: beyond this no more are made until it is empty. */
enum { OUTPUT_MOST = 65536, STALLS_MOST = 256 };

struct buffered {
	struct readiness_connection base;
	struct bufferevent *stream;
	struct libevent_loop *loop;
	size_t stalled_at; /* bytes unsent, when sending has stalled for the last time */
	unsigned stalls;   /* there */
};

static size_t unsent_bytes(const struct buffered *c)
{
	return evbuffer_get_length(bufferevent_get_output(c->stream));
}

/* A file is handed over, and so counts as written; the library sends and closes it. */
static bool add_file(struct buffered *c)
{
	struct evbuffer *output = bufferevent_get_output(c->stream);
	struct evbuffer_file_segment *segment;
	struct http_file file;

	http_take_file(&c->base.http, &file);
	segment = evbuffer_file_segment_new(file.fd, (ev_off_t)file.offset, (ev_off_t)file.length,
					    EVBUF_FS_CLOSE_ON_FREE | EVBUF_FS_DISABLE_MMAP |
						    EVBUF_FS_DISABLE_LOCKING);
	if (!segment) {
		close(file.fd);
		return false;
	}
	if (evbuffer_add_file_segment(output, segment, 0, (ev_off_t)file.length) < 0)
		return false; /* which gives up our reference, too */
	evbuffer_file_segment_free(segment);
	http_written(&c->base.http, (size_t)file.length);
	return true;
}

/* What core has to send is copied, and so counts as written. False: out of memory. */
static bool copy_output(struct buffered *c)
{
	struct iovec pieces[HTTP_PIECES];
	int count = http_output(&c->base.http, pieces, HTTP_PIECES);
	size_t length = 0;

	for (int i = 0; i < count; i++) {
		if (bufferevent_write(c->stream, pieces[i].iov_base, pieces[i].iov_len) < 0)
			return false;
		length += pieces[i].iov_len;
	}
	http_written(&c->base.http, length);
	if (http_sends_file(&c->base.http) && !add_file(c))
		return false;
	/* Short of memory the library may never have learned that output is to be sent. */
	return event_pending(&c->stream->ev_write, EV_WRITE, NULL);
}

/*
 * The library has enough: core's output waits, and must not stand in what is lent to the next
 * connection. False: out of memory.
 */
static bool keep_output(struct buffered *c)
{
	http_written(&c->base.http, 0);
	return http_next(&c->base.http) == HTTP_WRITE;
}

/* What core asks for beside output. False: the connection has to go. */
static bool wait_for(struct buffered *c, enum http_step step)
{
	bool wanted = step == HTTP_READ;

	if (step == HTTP_CLOSE && unsent_bytes(c) == 0)
		return false;
	if (step == HTTP_TASK || step == HTTP_LINGER)
		wanted = http_wants_input(&c->base.http);
	if (step == HTTP_LINGER && !c->base.shut && unsent_bytes(c) == 0) {
		shutdown(c->base.fd, SHUT_WR);
		c->base.shut = true;
	}
	if (wanted == (c->base.interest == READINESS_IN))
		return true;
	c->base.interest = wanted ? READINESS_IN : READINESS_NONE;
	return (wanted ? bufferevent_enable : bufferevent_disable)(c->stream, EV_READ) == 0;
}

/* Does what core asks for, and feeds it what has come, until something has to be waited for. */
static void advance(struct buffered *c)
{
	struct evbuffer *input = bufferevent_get_input(c->stream);
	struct evbuffer_iovec piece;
	enum http_step step;
	bool good = true;

	for (;;) {
		while (good && (step = http_next(&c->base.http)) == HTTP_WRITE &&
		       unsent_bytes(c) < OUTPUT_MOST)
			good = copy_output(c);
		if (good && step == HTTP_WRITE)
			good = keep_output(c);
		if (good && (step == HTTP_TASK || step == HTTP_LINGER) &&
		    !http_begin_task(&c->base.http))
			continue; /* it has ended */
		if (!good || !wait_for(c, step)) {
			readiness_drop(&c->loop->base, &c->base);
			return;
		}
		http_wait(&c->base.http);
		if (c->base.interest != READINESS_IN ||
		    evbuffer_peek(input, -1, NULL, &piece, 1) < 1)
			return;
		http_feed(&c->base.http, piece.iov_base, piece.iov_len);
		evbuffer_drain(input, piece.iov_len);
	}
}

static void bytes_came(struct bufferevent *stream, void *context)
{
	(void)stream;
	advance(context);
}

static void output_left(struct bufferevent *stream, void *context)
{
	(void)stream;
	advance(context);
}

/*
 * The library says of a file that it has ended when the socket takes nothing now, and also when the file
 * has become shorter than promised. Only the first of these passes. False: it has not.
 */
static bool send_again(struct buffered *c)
{
	size_t unsent = unsent_bytes(c);

	c->stalls = unsent == c->stalled_at ? c->stalls + 1 : 0;
	c->stalled_at = unsent;
	return unsent && c->stalls < STALLS_MOST && bufferevent_enable(c->stream, EV_WRITE) == 0;
}

static void stream_ended(struct bufferevent *stream, short what, void *context)
{
	struct buffered *c = context;

	(void)stream;
	if (what & BEV_EVENT_TIMEOUT) {
		http_set_end(&c->base.http, CLOSED_WRITE_TIMEOUT);
		socket_reset_on_close(c->base.fd);
		readiness_drop(&c->loop->base, &c->base);
	} else if ((what & BEV_EVENT_EOF) && (what & BEV_EVENT_READING)) {
		http_feed_end(&c->base.http);
		advance(c);
	} else if (!(what & BEV_EVENT_EOF) || !send_again(c)) {
		readiness_drop(&c->loop->base, &c->base);
	}
}

/*
 * Its own deadline, since core takes what is in the library's buffer for sent. It is the same for all,
 * which the library is told: it then stands in a queue, and not in the heap with each write anew.
 */
static void limit_writing(struct buffered *c, const struct listener *listener)
{
	uint32_t ticks = listener->terms->limits.ticks[HTTP_SENDING];
	struct timespec time = clock_to_timespec(ticks * TICK_NS);
	struct timeval limit = {.tv_sec = time.tv_sec, .tv_usec = time.tv_nsec / 1000};
	const struct timeval *common = NULL;

	if (ticks == 0)
		return;
	common = event_base_init_common_timeout(c->loop->events, &limit);
	bufferevent_set_timeouts(c->stream, NULL, common ? common : &limit);
}

static int open_buffered(struct readiness_loop *base, struct readiness_connection *plain)
{
	struct buffered *c = (struct buffered *)plain;

	c->loop = (struct libevent_loop *)base;
	if (libevent_know(c->loop, plain->fd) < 0)
		return -ENOMEM;
	c->stream = bufferevent_socket_new(c->loop->events, plain->fd, 0);
	if (!c->stream)
		return -ENOMEM;
	bufferevent_setcb(c->stream, bytes_came, output_left, stream_ended, c);
	limit_writing(c, base->listener);
	if (bufferevent_enable(c->stream, EV_READ) < 0) {
		bufferevent_free(c->stream);
		return -ENOMEM;
	}
	return 0;
}

static void forget_buffered(struct readiness_loop *base, struct readiness_connection *plain)
{
	(void)base;
	bufferevent_free(((struct buffered *)plain)->stream);
}

static bool is_sending(const struct readiness_connection *plain)
{
	return unsent_bytes((const struct buffered *)plain) > 0;
}

static void go_on(struct readiness_loop *base, struct readiness_connection *plain)
{
	(void)base;
	advance((struct buffered *)plain);
}

const struct readiness_methods libevent_buffered_methods = {
	.open = open_buffered,
	.forget = forget_buffered,
	.is_sending = is_sending,
	.go_on = go_on,
	.end_turn = libevent_end_turn,
	.connection_bytes = sizeof(struct buffered),
	.services = &libevent_services,
};
