#include "servers/models/libmicrohttpd/connections.h"

#include "servers/core/server/admission.h"
#include "servers/core/http/ticks.h"
#include "servers/core/tasks/inject.h"

#include <stdlib.h>

/* What there is to remember of a connection until it ends. */
struct record {
	uint32_t active; /* the tick when it was last seen to do something */
	bool asked;	 /* a request of it has ended, one way or another */
	enum counter end;
};

enum MHD_Result connection_admit(void *context, const struct sockaddr *address, socklen_t length)
{
	const struct connections *connections = context;
	bool watchable;

	(void)address, (void)length;
	counters_add(COUNTER_ACCEPTED);
	watchable = !admission_is_full(connections->watchable);
	if (watchable && !admission_is_full(connections->most)) {
		/* Short of memory the library closes it and says no more: taken back when it does. */
		counters_add(REFUSED_MEMORY);
		return MHD_YES;
	}
	counters_add(watchable ? REFUSED_LIMIT : REFUSED_UNWATCHED);
	return MHD_NO; /* it is closed; the library has no way to say more */
}

/* Who closed first, where the library does not say: there is an end of input, or there is none. */
static bool peer_has_closed(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	char byte;

	return info && recv(info->connect_fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static enum counter end_of(const struct connections *connections, const struct record *record,
			   struct MHD_Connection *connection)
{
	uint32_t idle = connections->idle_ticks;

	if (record && record->end != CLOSED_ANSWERED)
		return record->end;
	if (peer_has_closed(connection))
		return CLOSED_PEER;
	if (atomic_load(&connections->stops))
		return CLOSED_STOP;
	if (record && idle && tick_now() - record->active >= idle)
		return CLOSED_IDLE_TIMEOUT;
	/* Neither client nor time has ended it, and nothing was asked: it could not be begun. */
	return record && !record->asked ? connections->unbegun : CLOSED_ANSWERED;
}

/* One more, or one less, of which the library frees what it had only afterwards. */
static void count_open(struct connections *connections, bool one_more)
{
	bool dispersed = false;

	pthread_mutex_lock(&connections->lock);
	if (one_more)
		crowd_grow(&connections->crowd, ++connections->open);
	else
		dispersed = crowd_shrink(&connections->crowd, --connections->open);
	connections->closed += !one_more;
	pthread_mutex_unlock(&connections->lock);
	if (dispersed) {
		atomic_store(&connections->dispersed, true);
		task_handover_wake(connections->waits);
	}
}

void connection_changed(void *context, struct MHD_Connection *connection, void **slot,
			enum MHD_ConnectionNotificationCode what)
{
	struct record *record = *slot;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		record = malloc(sizeof *record);
		if (record)
			*record = (struct record){.active = tick_now(), .end = CLOSED_ANSWERED};
		*slot = record;
		counters_take_back(REFUSED_MEMORY);
		inject_connection_begins();
		count_open(context, true);
		return;
	}
	counters_add(end_of(context, record, connection));
	free(record);
	*slot = NULL;
	inject_connection_ends();
	count_open(context, false);
}

void connection_answered(struct MHD_Connection *connection, enum MHD_RequestTerminationCode how,
			 bool refused)
{
	static const enum counter ends[] = {
		[MHD_REQUEST_TERMINATED_COMPLETED_OK] = CLOSED_ANSWERED,
		[MHD_REQUEST_TERMINATED_WITH_ERROR] = CLOSED_BROKEN,
		[MHD_REQUEST_TERMINATED_TIMEOUT_REACHED] = CLOSED_IDLE_TIMEOUT,
		[MHD_REQUEST_TERMINATED_DAEMON_SHUTDOWN] = CLOSED_STOP,
		[MHD_REQUEST_TERMINATED_READ_ERROR] = CLOSED_PEER_MIDWAY,
		[MHD_REQUEST_TERMINATED_CLIENT_ABORT] = CLOSED_PEER_MIDWAY,
	};
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct record *record = info ? info->socket_context : NULL;

	if (!record || (size_t)how >= sizeof ends / sizeof *ends)
		return;
	record->active = tick_now();
	record->asked = true;
	record->end = refused ? CLOSED_REFUSED : ends[how];
}

void connections_abandon(void)
{
	for (uint64_t open = counters_open_connections(); open > 0; open--)
		counters_add(CLOSED_STOP);
}
