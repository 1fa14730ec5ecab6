#include "loadgen/tls.h"
#include "loadgen/arrival.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* HTTP/1.1 is all that is spoken (RFC 7301, with the length in front). */
static const unsigned char protocols[] = "\x08http/1.1";

struct tls {
	SSL_CTX *context;
	BIO_METHOD *socket; /* OpenSSL's own, but for reading */
	char host[256];
	bool host_is_name; /* and no address, of which a server is not told (RFC 6066, 3) */
	bool trusts_all, keeps_sessions, closes_in_order;
	atomic_bool refused;
};

struct tls_stream {
	struct tls *tls;
	SSL *ssl; /* NULL: not begun */
	SSL_SESSION *session;
	bool is_open; /* the handshake is done */
	bool drained; /* the descriptor had no more, a moment ago */
	bool stamped; /* as in struct tls_received */
	uint64_t stamp_ns;
	int problem; /* errno of the descriptor; 0: none */
	bool is_over;
	ssize_t end; /* what is received from then on */
	const char *why;
};

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

static BIO_METHOD *make_socket(void)
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

/* A server gives a session when it likes to: each connection keeps the last. */
static int keep_session(SSL *ssl, SSL_SESSION *session)
{
	struct tls_stream *stream = SSL_get_app_data(ssl);

	SSL_SESSION_free(stream->session);
	stream->session = session;
	return 1;
}

static const char *last_reason(void)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	return reason ? reason : "no reason is known";
}

static int choose_trust(struct tls *tls, const struct options *options, struct error *error)
{
	X509_VERIFY_PARAM *verify = SSL_CTX_get0_param(tls->context);
	struct in6_addr address;

	tls->host_is_name = inet_pton(AF_INET, tls->host, &address) != 1 &&
			    inet_pton(AF_INET6, tls->host, &address) != 1;
	if (tls->trusts_all)
		return 0;
	SSL_CTX_set_verify(tls->context, SSL_VERIFY_PEER, NULL);
	if (!(tls->host_is_name ? X509_VERIFY_PARAM_set1_host(verify, tls->host, 0)
				: X509_VERIFY_PARAM_set1_ip_asc(verify, tls->host)))
		return error_set(error, "no certificate can be for \"%s\"", tls->host);
	if (!options->tls_ca)
		return SSL_CTX_set_default_verify_paths(tls->context)
			       ? 0
			       : error_set(error, "the system's certificates: %s", last_reason());
	if (SSL_CTX_load_verify_file(tls->context, options->tls_ca))
		return 0;
	return error_set(error, "--tls-ca %s: no certificates could be read (PEM): %s",
			 options->tls_ca, last_reason());
}

static void set_up(struct tls *tls)
{
	SSL_CTX *context = tls->context;

	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_options(context,
			    SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_ENABLE_KTLS);
	SSL_CTX_set_mode(context,
			 SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	/* A head and its record with one call. */
	SSL_CTX_set_read_ahead(context, 1);
	SSL_CTX_set_session_cache_mode(
		context, tls->keeps_sessions ? SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL
					     : SSL_SESS_CACHE_OFF);
	SSL_CTX_sess_set_new_cb(context, tls->keeps_sessions ? keep_session : NULL);
	SSL_CTX_set_alpn_protos(context, protocols, sizeof(protocols) - 1);
}

int tls_create(struct tls **made, const struct options *options, const struct target *target,
	       struct error *error)
{
	struct tls *tls = calloc(1, sizeof(*tls));
	int result = 0;

	*made = NULL;
	if (tls) {
		tls->context = SSL_CTX_new(TLS_client_method());
		tls->socket = make_socket();
	}
	if (!tls || !tls->context || !tls->socket) {
		error_set(error, "TLS cannot begin: %s", last_reason());
		tls_destroy(tls);
		return -ENOMEM;
	}
	/* Without the zone, which has a meaning here only (RFC 6874). */
	snprintf(tls->host, sizeof(tls->host), "%.*s", (int)strcspn(target->host, "%"),
		 target->host);
	tls->trusts_all = options->insecure;
	tls->keeps_sessions = options->tls_sessions;
	tls->closes_in_order = options->closing == CLOSING_FIN;
	set_up(tls);
	result = choose_trust(tls, options, error);
	ERR_clear_error();
	if (result < 0)
		tls_destroy(tls);
	else
		*made = tls;
	return result;
}

void tls_destroy(struct tls *tls)
{
	if (!tls)
		return;
	SSL_CTX_free(tls->context);
	BIO_meth_free(tls->socket);
	free(tls);
}

bool tls_was_refused(const struct tls *tls)
{
	return tls && atomic_load_explicit(&tls->refused, memory_order_relaxed);
}

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
		snprintf(why, TLS_WHY_BYTES, "%s", last_reason());
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
		stream->why = last_reason();
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
