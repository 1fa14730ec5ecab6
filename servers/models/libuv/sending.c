#include "servers/models/libuv/sending.h"

#include <errno.h>
#include <stdlib.h>

/*
 * As many as libuv's request has room for. For more it takes memory, and where there is none it forgets
 * that the request has ended: the loop would never end.
 */
enum { WRITE_PIECES = sizeof((uv_write_t){0}.bufsml) / sizeof(uv_buf_t) };

/* One write under way. */
struct transmission {
	uv_write_t request;
	size_t length;
};

static void written(uv_write_t *request, int status)
{
	struct connection *c = request->handle->data;
	struct transmission *transmission = request->data;
	ssize_t length = (ssize_t)transmission->length;

	free(transmission);
	completion_sent(&c->base, status < 0 ? status : length);
}

/* What core has to send, as libuv takes it, in `most` buffers; returns how many it is. */
static unsigned collect_output(struct connection *c, uv_buf_t *buffers, int most, size_t *length)
{
	struct iovec pieces[HTTP_PIECES];
	int count = http_output(&c->base.http, pieces, most);

	*length = 0;
	for (int i = 0; i < count; i++) {
		buffers[i] = uv_buf_init(pieces[i].iov_base, (unsigned)pieces[i].iov_len);
		*length += pieces[i].iov_len;
	}
	return (unsigned)count;
}

static int start_write(struct connection *c)
{
	struct transmission *transmission = malloc(sizeof *transmission);
	uv_buf_t buffers[WRITE_PIECES];
	unsigned count;
	int result;

	if (!transmission)
		return -ENOMEM;
	count = collect_output(c, buffers, WRITE_PIECES, &transmission->length);
	transmission->request.data = transmission;
	result = uv_write(&transmission->request, (uv_stream_t *)&c->tcp, buffers, count, written);
	if (result < 0) /* and will not be called back */
		free(transmission);
	else
		c->base.sending = true;
	return result;
}

int sending_start(struct completion_connection *base)
{
	struct connection *c = (struct connection *)base;
	uv_buf_t buffers[HTTP_PIECES];
	size_t length;
	unsigned count = collect_output(c, buffers, HTTP_PIECES, &length);
	int sent = uv_try_write((uv_stream_t *)&c->tcp, buffers, count);

	if (sent < 0 && sent != UV_EAGAIN)
		return sent;
	if (sent > 0)
		http_written(&base->http, (size_t)sent);
	return sent == (int)length ? 0 : start_write(c);
}
