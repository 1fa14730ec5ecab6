#include "servers/core/server/admission.h"

#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { DISCARDED_MOST = 1 << 20 };

/* No Date: a server may leave it out of a 5xx answer (RFC 9110 section 6.6.1). */
static const char refusal[] = "HTTP/1.1 503 Service Unavailable\r\nServer: tenk\r\n"
			      "Content-Type: text/plain\r\nContent-Length: 24\r\n"
			      "Connection: close\r\n\r\n503 Service Unavailable\n";

void admission_say_no(int fd, enum counter cause)
{
	counters_add(cause);
	/*
	 * Closing with unread input would reset the connection and take the answer with it. The
	 * kernel discards it, for which it needs no memory of ours (MSG_TRUNC in tcp(7)); the
	 * libraries' recv, and what may stand in front of it, would want some.
	 */
	syscall(SYS_recvfrom, fd, NULL, DISCARDED_MOST, MSG_DONTWAIT | MSG_TRUNC, NULL, NULL);
	send(fd, refusal, sizeof refusal - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	shutdown(fd, SHUT_WR);
}

void admission_refuse(int fd, enum counter cause)
{
	admission_say_no(fd, cause);
	close(fd);
}

bool admission_is_full(uint64_t most)
{
	return most && counters_open_connections() > most;
}

bool admission_take(int fd, uint64_t most)
{
	counters_add(COUNTER_ACCEPTED);
	if (!admission_is_full(most))
		return true;
	admission_refuse(fd, REFUSED_LIMIT);
	return false;
}
