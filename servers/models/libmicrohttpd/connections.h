/*
 * Who is let in, and why connections end, as far as libmicrohttpd tells.
 */
#ifndef TENK_LIBMICROHTTPD_CONNECTIONS_H
#define TENK_LIBMICROHTTPD_CONNECTIONS_H

#include "servers/core/http/counters.h"

#include "servers/core/server/crowd.h"
#include "servers/models/libmicrohttpd/task_handover.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct connections {
	uint64_t most;	      /* --max-connections; 0: no limit */
	uint64_t watchable;   /* beyond it they cannot be waited for; 0: no such number */
	uint32_t idle_ticks;  /* after which the library ends a connection; 0: never */
	enum counter unbegun; /* for want of what a connection ends that was let in for nothing */
	pthread_mutex_t lock; /* of what stands below, for the library's threads */
	uint64_t open, closed;
	struct crowd crowd;
	atomic_bool dispersed;	     /* for the loop: a crowd has gone, and is free in a moment */
	struct task_handover *waits; /* which wakes the loop for that */
	atomic_bool stops;	     /* what is closed now is closed for that */
};

/* The policy of MHD_start_daemon: whether to serve it. Counts it, whatever comes of it. */
enum MHD_Result connection_admit(void *connections, const struct sockaddr *address,
				 socklen_t length);

/* MHD_OPTION_NOTIFY_CONNECTION: counts why they end. */
void connection_changed(void *connections, struct MHD_Connection *connection, void **record,
			enum MHD_ConnectionNotificationCode what);

/*
 * A request of this connection has ended, or was refused: that will have been why, if the connection
 * ends with it.
 */
void connection_answered(struct MHD_Connection *connection, enum MHD_RequestTerminationCode how,
			 bool refused);

/* The process ends without waiting for those that are still open. */
void connections_abandon(void);

#endif
