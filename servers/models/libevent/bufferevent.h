/* libevent's way that reads and writes too; see libevent.c. */
#ifndef TENK_LIBEVENT_BUFFEREVENT_H
#define TENK_LIBEVENT_BUFFEREVENT_H

#include "servers/core/loops/readiness.h"

/* For libevent_loop_run. */
extern const struct readiness_methods libevent_buffered_methods;

#endif
