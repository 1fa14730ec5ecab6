/*
 * Sending what core shows: quietly, or patiently.
 *
 * MSG_WAITALL lets the kernel go on until all is sent. With MSG_DONTWAIT beside it, it does not go
 * on but fails, so that the send has ended, this way or that, when its submission has; then only its
 * failure is told. That it has gone well is found out when the loop next turns. Where a thread of the
 * kernel's submits, nobody knows when that was, and all is told.
 */
#ifndef TENK_IO_URING_SENDING_H
#define TENK_IO_URING_SENDING_H

#include "servers/models/io_uring/loop.h"

/* The method: quietly what is short and in one piece, unless the socket is known to be full. */
int sending_start(struct completion_connection *connection);

/* A long send has ended, or a quiet one has not done what was asked. The connection may be gone. */
void sending_ended(struct connection *connection, int result);

/* The connection is dropped: sees to it that what is under way ends. */
void sending_abandon(struct connection *connection);

/* At the end of a turn: the next one comes soon enough for those whose sends were quiet. */
void sending_see_to_settling(struct loop *loop);

/* After a submission: all quiet sends in it have ended. */
void sending_settle(struct loop *loop);

/* Frees a connection that is closing, once the kernel has nothing of it any more (io_uring.c). */
void connection_release(struct connection *connection);

#endif
