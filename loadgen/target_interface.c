#include "loadgen/target.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool is_same(const struct sockaddr *a, const struct sockaddr_storage *b)
{
	if (!a || a->sa_family != b->ss_family)
		return false;
	if (a->sa_family == AF_INET)
		return ((const struct sockaddr_in *)a)->sin_addr.s_addr ==
		       ((const struct sockaddr_in *)b)->sin_addr.s_addr;
	return a->sa_family == AF_INET6 &&
	       memcmp(&((const struct sockaddr_in6 *)a)->sin6_addr,
		      &((const struct sockaddr_in6 *)b)->sin6_addr, sizeof(struct in6_addr)) == 0;
}

/* The address that the kernel would send from: a datagram socket that is connected sends nothing. */
static bool find_own_address(const struct target *target, struct sockaddr_storage *own)
{
	int descriptor = socket(target->address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t size = sizeof(*own);
	bool found;

	if (descriptor < 0)
		return false;
	found = connect(descriptor, (const struct sockaddr *)&target->address,
			target->address_bytes) == 0 &&
		getsockname(descriptor, (struct sockaddr *)own, &size) == 0;
	close(descriptor);
	return found;
}

void target_find_interface(const struct target *target, char name[16])
{
	struct sockaddr_storage own;
	struct ifaddrs *all = NULL;

	name[0] = '\0';
	if (target->address.ss_family == AF_UNIX || !find_own_address(target, &own) ||
	    getifaddrs(&all) < 0)
		return;
	for (const struct ifaddrs *at = all; at; at = at->ifa_next)
		if (is_same(at->ifa_addr, &own)) {
			snprintf(name, 16, "%s", at->ifa_name);
			break;
		}
	freeifaddrs(all);
}
