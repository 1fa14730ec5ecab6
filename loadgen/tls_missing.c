/* What stands for TLS where the build found no OpenSSL 3: it says so, and nothing comes after that. */
#include "loadgen/tls.h"

#include <errno.h>

int tls_create(struct tls **tls, const struct options *options, const struct target *target,
	       struct error *error)
{
	(void)target;
	*tls = NULL;
	return error_set(
		error,
		"%s: this tenk-load was built without OpenSSL 3, so it knows http:// only.\n"
		"  scripts/install-deps build installs it; then build again",
		options->url);
}

void tls_destroy(struct tls *tls)
{
	(void)tls;
}

bool tls_was_refused(const struct tls *tls)
{
	(void)tls;
	return false;
}

int tls_begin(struct tls *tls, struct tls_stream **stream, int descriptor, bool sparing)
{
	(void)tls;
	(void)stream;
	(void)descriptor;
	(void)sparing;
	return -ENOTSUP;
}

void tls_end(struct tls_stream *stream)
{
	(void)stream;
}

void tls_free(struct tls_stream *stream)
{
	(void)stream;
}

int tls_shake_hands(struct tls_stream *stream, struct tls_handshake *handshake)
{
	(void)stream;
	*handshake = (struct tls_handshake){0};
	return -ENOTSUP;
}

ssize_t tls_send(struct tls_stream *stream, const struct iovec *vectors, size_t count,
		 bool *crossed)
{
	(void)stream;
	(void)vectors;
	(void)count;
	*crossed = false;
	errno = ENOTSUP;
	return -1;
}

ssize_t tls_receive(struct tls_stream *stream, char *buffer, size_t most,
		    struct tls_received *received)
{
	(void)stream;
	(void)buffer;
	(void)most;
	*received = (struct tls_received){0};
	return -ENOTSUP;
}
