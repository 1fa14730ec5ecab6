/* TLS: what all connections have in common, whom they trust and what they may agree on. */
#include "loadgen/tls_parts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* HTTP/1.1 is all that is spoken (RFC 7301, with the length in front). */
static const unsigned char protocols[] = "\x08http/1.1";

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
			       : error_set(error, "the system's certificates: %s",
					   tls_last_reason());
	if (SSL_CTX_load_verify_file(tls->context, options->tls_ca))
		return 0;
	return error_set(error, "--tls-ca %s: no certificates could be read (PEM): %s",
			 options->tls_ca, tls_last_reason());
}

/* A server gives a session when it likes to: each connection keeps the last. */
static int keep_session(SSL *ssl, SSL_SESSION *session)
{
	struct tls_stream *stream = SSL_get_app_data(ssl);

	SSL_SESSION_free(stream->session);
	stream->session = session;
	return 1;
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
		tls->socket = tls_socket_make();
	}
	if (!tls || !tls->context || !tls->socket) {
		error_set(error, "TLS cannot begin: %s", tls_last_reason());
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
