/*
 * The addresses that connections come from. A pair of addresses has some 28,000 ports
 * (ip_local_port_range), so a crowd needs several sources.
 */
#ifndef TENK_SOURCE_H
#define TENK_SOURCE_H

#include "lib/error.h"

#include <stdint.h>
#include <sys/socket.h>

/* Zeroed: as the kernel chooses. */
struct source {
	struct sockaddr_storage first;
	socklen_t address_bytes;
	uint32_t count; /* 0: none was given */
};

/*
 * "127.0.1.1", "::1", or a network, "127.0.1.0/24", of which all are taken but the first and the
 * last, as is the custom; IPv6 only one address. NULL: none. 0, or -EINVAL with a message.
 */
int source_parse(struct source *source, const char *text, struct error *error);

/*
 * Binds to the n-th address (they repeat) and leaves the port to connect(2), which may take one that
 * is in use towards another server (IP_BIND_ADDRESS_NO_PORT). 0 or -errno.
 */
int source_bind(const struct source *source, int descriptor, uint64_t n);

#endif
