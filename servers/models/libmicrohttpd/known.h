/* What libmicrohttpd does otherwise, known.c; ends with an entry without a row. */
#ifndef TENK_LIBMICROHTTPD_KNOWN_H
#define TENK_LIBMICROHTTPD_KNOWN_H

#include "servers/core/server/model.h"

extern const struct known_difference libmicrohttpd_known[];

/* The same where the library waits with epoll, where each connection has a thread, and in a pool. */
extern const struct known_difference libmicrohttpd_known_in_epoll[];
extern const struct known_difference libmicrohttpd_known_in_threads[];
extern const struct known_difference libmicrohttpd_known_in_pool[];

#endif
