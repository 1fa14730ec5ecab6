/*
 * TLS, between a connection and its descriptor: what is read and written passes through here where
 * the URL says https. A build without OpenSSL 3 has tls_missing.c in place of tls.c and its
 * parts.
 *
 * None of it waits. What cannot go on says -EAGAIN, and goes on when the descriptor stirs.
 */
#ifndef TENK_TLS_H
#define TENK_TLS_H

#include "lib/error.h"
#include "loadgen/options.h"
#include "loadgen/target.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

/* What all connections have in common: whom they trust, whom they ask for. Shared by threads. */
struct tls;

/* One connection's part: it outlives the descriptor, since it keeps the session. */
struct tls_stream;

/* 0, or -errno with a message: certificates that cannot be read, or no TLS in this build. */
int tls_create(struct tls **tls, const struct options *options, const struct target *target,
	       struct error *error);
void tls_destroy(struct tls *tls); /* may be NULL */

/* A certificate was refused, so the next would be as well. From any thread. */
bool tls_was_refused(const struct tls *tls);

/*
 * Begins on a descriptor that is connected. `*stream` is made if it is NULL; else the session that it
 * keeps is resumed, unless sessions are off. Where many wait, `sparing` gives buffers back between
 * records, which takes time. 0 or -ENOMEM.
 */
int tls_begin(struct tls *tls, struct tls_stream **stream, int descriptor, bool sparing);

/* Ends it, before the descriptor is closed: with close_notify, if connections are closed in order. */
void tls_end(struct tls_stream *stream);

/* Ends it, if it has not been ended, and forgets the session. May be NULL. */
void tls_free(struct tls_stream *stream);

enum { TLS_NAME_BYTES = 64, TLS_WHY_BYTES = 96 };

/* What was agreed on, or why nothing was. */
struct tls_handshake {
	bool resumed;
	bool kernel_sends, kernel_receives; /* encrypts, decrypts: kTLS */
	char name[TLS_NAME_BYTES];	    /* "TLSv1.3 TLS_AES_256_GCM_SHA384" */
	char why[TLS_WHY_BYTES];	    /* a reason in words, "" if errno says all */
};

/* Goes on with the handshake: 0: it is done; -EAGAIN; or another -errno, then `why` is filled in. */
int tls_shake_hands(struct tls_stream *stream, struct tls_handshake *handshake);

/*
 * As writev(2), of as much as goes into a record; errno is EAGAIN also if something has to come first
 * (`*crossed`). After that the same bytes are to be sent, others may follow them.
 */
ssize_t tls_send(struct tls_stream *stream, const struct iovec *vectors, size_t count,
		 bool *crossed);

struct tls_received {
	bool stamped; /* in: the arrival is to be told */
	uint64_t
		stamp_ns; /* when the kernel had the last of what was taken from it; 0: not known */
	bool crossed;	  /* something has to be sent before more comes */
	bool ends;	  /* behind what was received is the end: receive again */
	const char *why; /* a reason in words for what failed, valid while the stream is; or NULL */
};

/*
 * Receives until nothing is left, or the buffer is full. How many bytes; 0: the peer said that this
 * is all (close_notify); -EAGAIN; or another -errno, which is EPROTO where the connection was closed
 * and that had not been said.
 */
ssize_t tls_receive(struct tls_stream *stream, char *buffer, size_t most,
		    struct tls_received *received);

#endif
