/* The parts of TLS with OpenSSL, each in a file of its own. Internal to tls. */
#ifndef TENK_TLS_PARTS_H
#define TENK_TLS_PARTS_H

#include "loadgen/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdatomic.h>

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

/* What OpenSSL says of its last fault. */
static inline const char *tls_last_reason(void)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	return reason ? reason : "no reason is known";
}

/*
 * tls_socket.c: OpenSSL's own way to a socket, but for reading, which knows when something came. NULL: out
 * of memory. The descriptor's stream is the BIO's app data.
 */
BIO_METHOD *tls_socket_make(void);

#endif
