#include "loadgen/target.h"

#include "lib/own_address.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

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

void target_find_interface(const struct target *target, char name[16])
{
	struct sockaddr_storage own;
	struct ifaddrs *all = NULL;

	name[0] = '\0';
	if (target->address.ss_family == AF_UNIX ||
	    own_address_find((const struct sockaddr *)&target->address, target->address_bytes,
			     &own) < 0 ||
	    getifaddrs(&all) < 0)
		return;
	for (const struct ifaddrs *at = all; at; at = at->ifa_next)
		if (is_same(at->ifa_addr, &own)) {
			snprintf(name, 16, "%s", at->ifa_name);
			break;
		}
	freeifaddrs(all);
}
