/* How TLS gets at its socket: as OpenSSL does it, but for reading. */

/* From 3.5 on it deprecates to ask for a method's parts, and has no other way to change one of them. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "loadgen/arrival.h"
#include "loadgen/tls_parts.h"

#include <errno.h>
#include <sys/socket.h>

static int fail_reading(struct tls_stream *stream, BIO *bio)
{
	if (errno == EAGAIN)
		BIO_set_retry_read(bio);
	else
		stream->problem = errno;
	return -1;
}

/* As recv(2), with the stamp if it is asked for. */
static ssize_t take(struct tls_stream *stream, int descriptor, char *buffer, size_t size)
{
	ssize_t taken;

	do
		taken = stream->stamped
				? arrival_receive(descriptor, buffer, size, &stream->stamp_ns)
				: recv(descriptor, buffer, size, 0);
	while (taken < 0 && errno == EINTR);
	return taken;
}

/*
 * OpenSSL asks again and again until nothing comes. As elsewhere, less than was asked for means that
 * nothing is left: whatever comes after that is reported by epoll.
 */
static int read_socket(BIO *bio, char *buffer, int size)
{
	struct tls_stream *stream = BIO_get_app_data(bio);
	ssize_t taken;

	if (BIO_get_ktls_recv(bio))
		return BIO_meth_get_read(BIO_s_socket())(bio, buffer, size);
	BIO_clear_retry_flags(bio);
	errno = EAGAIN;
	if (stream->drained)
		return fail_reading(stream, bio);
	taken = take(stream, (int)BIO_get_fd(bio, NULL), buffer, (size_t)size);
	if (taken < 0)
		return fail_reading(stream, bio);
	if (taken == 0)
		BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
	stream->drained = stream->is_open && taken > 0 && taken < size;
	return (int)taken;
}

BIO_METHOD *tls_socket_make(void)
{
	const BIO_METHOD *own = BIO_s_socket();
	BIO_METHOD *socket = BIO_meth_new(BIO_TYPE_SOCKET, "socket with stamps");

	if (!socket)
		return NULL;
	BIO_meth_set_write(socket, BIO_meth_get_write(own));
	BIO_meth_set_read(socket, read_socket);
	BIO_meth_set_puts(socket, BIO_meth_get_puts(own));
	BIO_meth_set_ctrl(socket, BIO_meth_get_ctrl(own));
	BIO_meth_set_create(socket, BIO_meth_get_create(own));
	BIO_meth_set_destroy(socket, BIO_meth_get_destroy(own));
	return socket;
}
