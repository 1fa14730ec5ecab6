/*
 * libpq, PostgreSQL's client library, loaded when --database is given and not before.
 *
 * Linked, it would be in every server: with what it brings itself (TLS, Kerberos, LDAP, some twenty
 * libraries) it makes a process start later and larger (docs/database.md has the figures), so that
 * servers that are never asked for a row would pay for those that are. Loaded before the first fork, it
 * is shared by all processes of a server.
 */
#ifndef TENK_LIBPQ_H
#define TENK_LIBPQ_H

#include "lib/error.h"

#include <libpq-fe.h>

#define LIBPQ_FUNCTIONS(function)                                                                  \
	function(PQconninfoParse) function(PQconninfoFree) function(PQfreemem) function(           \
		PQconnectStartParams) function(PQconnectPoll) function(PQfinish)                   \
		function(PQstatus) function(PQsocket) function(PQerrorMessage) function(           \
			PQsetnonblocking) function(PQsetNoticeProcessor)                           \
			function(PQenterPipelineMode) function(PQpipelineSync) function(           \
				PQsendPrepare) function(PQsendQueryPrepared) function(PQflush)     \
				function(PQconsumeInput) function(PQisBusy) function(PQgetResult)  \
					function(PQresultStatus) function(PQresultErrorField)      \
						function(PQntuples) function(PQnfields)            \
							function(PQgetisnull) function(PQgetvalue) \
								function(PQgetlength)              \
									function(PQclear)

/* Each under its own name: libpq.PQflush(connection). */
struct libpq {
#define LIBPQ_MEMBER(name) __typeof__(&(name)) name;
	LIBPQ_FUNCTIONS(LIBPQ_MEMBER)
#undef LIBPQ_MEMBER
};

extern struct libpq libpq;

/* Finds the library, once and for all. 0, or -errno and a message. */
int libpq_load(struct error *error);

#endif
