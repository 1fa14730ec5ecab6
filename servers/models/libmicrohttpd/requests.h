/*
 * What libmicrohttpd calls back for each request, whichever way it waits: from the head to the
 * answer, with the routes and the tasks that all servers share.
 */
#ifndef TENK_LIBMICROHTTPD_REQUESTS_H
#define TENK_LIBMICROHTTPD_REQUESTS_H

#include "servers/core/tasks/route.h"
#include "servers/models/libmicrohttpd/task_handover.h"

#include <microhttpd.h>
#include <stdatomic.h>

/* What all requests of a daemon share. The callbacks get it as their context. */
struct requests {
	bool blocking;	       /* a thread for each connection: a task may keep it */
	atomic_bool draining;  /* answers say "Connection: close" */
	atomic_uint in_flight; /* told of by the library and not ended; at 0 a drain is woken */
	atomic_uint in_place;  /* tasks that keep a thread of the library's */
	atomic_uint answering; /* of those, the ones whose answer is on its way */
	atomic_uint calls;     /* what the library has called back for: it gets on */
	struct task_handover waits; /* of suspended requests; the loop's */
	struct task_tools tools;    /* of threads that block */
};

/*
 * MHD_OPTION_URI_LOG_CALLBACK: the first word of a request, before its head is read, and the place
 * to remember it in.
 */
void *request_begins(void *context, const char *target, struct MHD_Connection *connection);

/* The access handler: the head has come, a piece of the body, all of it, or the wait is over. */
enum MHD_Result request_handle(void *context, struct MHD_Connection *connection, const char *target,
			       const char *method, const char *version, const char *data,
			       size_t *length, void **state);

/* MHD_OPTION_NOTIFY_COMPLETED. */
void request_ended(void *context, struct MHD_Connection *connection, void **state,
		   enum MHD_RequestTerminationCode how);

#endif
