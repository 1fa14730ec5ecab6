/* Where the load goes: an http or https URL, taken apart, resolved, and connected to. */
#ifndef TENK_TARGET_H
#define TENK_TARGET_H

#include "lib/error.h"
#include "loadgen/source.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* Where a name has several addresses, so many of them are tried. */
enum { TARGET_OTHERS_MAX = 7, TARGET_PATH_BYTES = 8192 };

struct target_address {
	struct sockaddr_storage address;
	socklen_t address_bytes;
};

struct target {
	char host[256]; /* without the brackets of an IPv6 address; with its zone, "fe80::1%eth0" */
	bool host_is_ipv6;
	bool is_https;
	uint16_t port;
	char connect_host
		[256]; /* where it is looked for: there, unless target_redirect says else */
	uint16_t connect_port;
	char path[TARGET_PATH_BYTES];	 /* with the query */
	struct sockaddr_storage address; /* the first to try */
	socklen_t address_bytes;
	struct target_address other[TARGET_OTHERS_MAX]; /* and then these */
	size_t other_count;
};

/*
 * Takes "http[s]://HOST[:PORT][/PATH][?QUERY][#FRAGMENT]" apart; a fragment is not part of what is asked
 * for (RFC 9110, 4.2.5), and a zone is written as RFC 6874 has it, "[fe80::1%25eth0]". 0 or -EINVAL.
 */
int target_parse(struct target *target, const char *url, struct error *error);

/* The port of URLs that name none. */
static inline uint16_t target_usual_port(const struct target *target)
{
	return target->is_https ? 443 : 80;
}

/*
 * Has target_resolve look at "HOST:PORT" in place of the URL's host and port, which are still what is
 * asked for. 0 or -EINVAL.
 */
int target_redirect(struct target *target, const char *to, struct error *error);

/* In place of target_resolve: connects to this Unix socket. 0 or -errno. */
int target_use_unix(struct target *target, const char *path, struct error *error);

/* Whether a path with its query is ASCII without blanks and "#": 0 or -EINVAL. */
int target_check_path(const char *path);

/*
 * Finds the address, of that family (AF_UNSPEC: of any). Where a name has several ("localhost" is ::1
 * and 127.0.0.1), the first that accepts a connection comes first. 0 or -errno.
 */
int target_resolve(struct target *target, sa_family_t family, struct error *error);

/* How a connection is made. */
struct connecting {
	const struct source *source;
	uint64_t n;	    /* which of the source's addresses */
	int receive_buffer; /* bytes; 0: the kernel's choice */
	bool closes_in_order;
	size_t address; /* which of the target's: 0 is the first */
};

/*
 * Begins to connect: a descriptor (non-blocking, close-on-exec, of TCP with TCP_NODELAY) whose connection is
 * complete once it is writable, or -errno. Closing it resets the connection, so that nothing
 * stays behind in TIME_WAIT, unless it is to close in order. `connecting` may be NULL.
 */
int target_connect(const struct target *target, const struct connecting *connecting);

/* The interface by which the target is reached, without a packet sent; "" if that cannot be told. */
void target_find_interface(const struct target *target, char name[16]);

/* How long it takes to be sure that nobody listens. */
enum { TARGET_PROBE_MS = 200 };

/*
 * Connects to the first address, for at most timeout_ms, and closes again: 0 if somebody listens, or
 * -errno. Of several addresses one that listens is enough.
 */
int target_probe(const struct target *target, int timeout_ms);

#endif
