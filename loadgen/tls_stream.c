/* One connection's TLS: its handshake, its records, its session, its end. */
#include "loadgen/tls_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * With TLS 1.3 OpenSSL lets a session be resumed once only (RFC 8446, C.4), and not every server gives
 * another then: a copy is used up, so that whether sessions are resumed is ours to say.
 */
static void resume(struct tls_stream *stream)
{
	SSL_SESSION *copy = stream->session ? SSL_SESSION_dup(stream->session) : NULL;

	if (copy)
		SSL_set_session(stream->ssl, copy);
	SSL_SESSION_free(copy);
}

int tls_begin(struct tls *tls, struct tls_stream **place, int descriptor, bool sparing)
{
	struct tls_stream *stream = *place ? *place : calloc(1, sizeof(*stream));
	BIO *bio;

	if (!stream)
		return -ENOMEM;
	*place = stream;
	*stream = (struct tls_stream){.tls = tls, .session = stream->session};
	stream->ssl = SSL_new(tls->context);
	bio = BIO_new(tls->socket);
	if (!stream->ssl || !bio) {
		BIO_free(bio);
		SSL_free(stream->ssl);
		stream->ssl = NULL;
		ERR_clear_error();
		return -ENOMEM;
	}
	BIO_set_app_data(bio, stream);
	BIO_set_fd(bio, descriptor, BIO_NOCLOSE);
	SSL_set_bio(stream->ssl, bio, bio);
	SSL_set_app_data(stream->ssl, stream);
	SSL_set_connect_state(stream->ssl);
	if (sparing)
		SSL_set_mode(stream->ssl, SSL_MODE_RELEASE_BUFFERS);
	if (tls->host_is_name)
		SSL_set_tlsext_host_name(stream->ssl, tls->host);
	resume(stream);
	return 0;
}

void tls_end(struct tls_stream *stream)
{
	if (!stream->ssl)
		return;
	/* Unless something failed, the session stays good: OpenSSL wants the end to have been said. */
	if (stream->is_open && (!stream->is_over || stream->end == 0)) {
		SSL_set_quiet_shutdown(stream->ssl, !stream->tls->closes_in_order);
		SSL_shutdown(stream->ssl);
	}
	SSL_free(stream->ssl);
	stream->ssl = NULL;
	ERR_clear_error();
}

void tls_free(struct tls_stream *stream)
{
	if (!stream)
		return;
	tls_end(stream);
	SSL_SESSION_free(stream->session);
	free(stream);
}

/* What is wrong with the other's certificate, and what would help. */
static void tell_refusal(const struct tls *tls, long verdict, char why[TLS_WHY_BYTES])
{
	const char *reason = X509_verify_cert_error_string(verdict), *remedy = "--insecure";

	if (verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH) {
		snprintf(why, TLS_WHY_BYTES,
			 "the certificate is not for %.24s (--insecure accepts it)", tls->host);
		return;
	}
	if (verdict == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT ||
	    verdict == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN ||
	    verdict == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
	    verdict == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE)
		remedy = "--tls-ca FILE or --insecure";
	snprintf(why, TLS_WHY_BYTES, "certificate: %.36s (%s accepts it)", reason, remedy);
}

static bool last_error_is(int reason)
{
	unsigned long fault = ERR_peek_last_error();

	return ERR_GET_LIB(fault) == ERR_LIB_SSL && ERR_GET_REASON(fault) == reason;
}

static void tell_failure(struct tls_stream *stream, char why[TLS_WHY_BYTES])
{
	long verdict = SSL_get_verify_result(stream->ssl);

	if (last_error_is(SSL_R_CERTIFICATE_VERIFY_FAILED) && verdict != X509_V_OK) {
		atomic_store_explicit(&stream->tls->refused, true, memory_order_relaxed);
		tell_refusal(stream->tls, verdict, why);
	} else if (last_error_is(SSL_R_UNEXPECTED_EOF_WHILE_READING)) {
		snprintf(why, TLS_WHY_BYTES, "the server closed the connection");
	} else if (last_error_is(SSL_R_WRONG_VERSION_NUMBER)) {
		snprintf(why, TLS_WHY_BYTES,
			 "what came is no TLS; does it listen for http:// there?");
	} else {
		snprintf(why, TLS_WHY_BYTES, "%s", tls_last_reason());
	}
}

static void describe(const struct tls_stream *stream, struct tls_handshake *handshake)
{
	SSL *ssl = stream->ssl;

	handshake->resumed = SSL_session_reused(ssl);
	handshake->kernel_sends = BIO_get_ktls_send(SSL_get_wbio(ssl));
	handshake->kernel_receives = BIO_get_ktls_recv(SSL_get_rbio(ssl));
	snprintf(handshake->name, sizeof(handshake->name), "%s %s", SSL_get_version(ssl),
		 SSL_get_cipher_name(ssl));
}

int tls_shake_hands(struct tls_stream *stream, struct tls_handshake *handshake)
{
	int result, kind, problem;

	handshake->why[0] = '\0';
	errno = 0;
	result = SSL_do_handshake(stream->ssl);
	problem = stream->problem ? stream->problem : errno;
	if (result == 1) {
		stream->is_open = true;
		describe(stream, handshake);
		return 0;
	}
	kind = SSL_get_error(stream->ssl, result);
	if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE)
		return -EAGAIN;
	if (kind != SSL_ERROR_SYSCALL || problem == 0 || problem == EAGAIN) {
		tell_failure(stream, handshake->why);
		problem = EPROTO;
	}
	ERR_clear_error();
	return -problem;
}

ssize_t tls_send(struct tls_stream *stream, const struct iovec *vectors, size_t count,
		 bool *crossed)
{
	char record[SSL3_RT_MAX_PLAIN_LENGTH];
	const void *bytes = vectors[0].iov_base;
	size_t size = vectors[0].iov_len, sent;
	int problem, kind;

	/* Several requests share a record. */
	if (count > 1) {
		size = 0;
		for (size_t i = 0; i < count && size < sizeof(record); i++) {
			size_t room = sizeof(record) - size;
			size_t part = vectors[i].iov_len < room ? vectors[i].iov_len : room;

			memcpy(record + size, vectors[i].iov_base, part);
			size += part;
		}
		bytes = record;
	} else if (size > sizeof(record)) {
		size = sizeof(record);
	}
	if (SSL_write_ex(stream->ssl, bytes, size, &sent) == 1)
		return (ssize_t)sent;
	problem = errno;
	kind = SSL_get_error(stream->ssl, 0);
	*crossed |= kind == SSL_ERROR_WANT_READ;
	if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE)
		problem = EAGAIN;
	else if (kind != SSL_ERROR_SYSCALL || problem == 0 || problem == EAGAIN)
		problem = EPROTO;
	ERR_clear_error();
	errno = problem;
	return -1;
}

/* Why nothing comes; what is the end stays the end. */
static ssize_t find_end(struct tls_stream *stream, struct tls_received *received)
{
	int kind = SSL_get_error(stream->ssl, 0);

	received->crossed = kind == SSL_ERROR_WANT_WRITE;
	if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE)
		return -EAGAIN;
	stream->is_over = true;
	stream->end = -EPROTO;
	if (kind == SSL_ERROR_ZERO_RETURN)
		stream->end = 0;
	else if (kind == SSL_ERROR_SYSCALL && stream->problem)
		stream->end = -stream->problem;
	else if (last_error_is(SSL_R_UNEXPECTED_EOF_WHILE_READING))
		stream->why = "cut off: closed without close_notify";
	else
		stream->why = tls_last_reason();
	ERR_clear_error();
	return stream->end;
}

ssize_t tls_receive(struct tls_stream *stream, char *buffer, size_t most,
		    struct tls_received *received)
{
	size_t all = 0, size;
	ssize_t end = stream->is_over ? stream->end : 1;

	stream->drained = false;
	stream->stamped = received->stamped;
	stream->stamp_ns = 0;
	received->crossed = false;
	while (end > 0 && all < most) {
		if (SSL_read_ex(stream->ssl, buffer + all, most - all, &size) == 1)
			all += size;
		else
			end = find_end(stream, received);
	}
	received->stamp_ns = stream->stamp_ns;
	received->ends = all > 0 && stream->is_over;
	received->why = stream->why;
	return all > 0 ? (ssize_t)all : end;
}
