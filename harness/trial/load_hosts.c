#include "harness/trial/load_hosts.h"

#include "lib/own_address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RANKS_MOST = 4096, NAME_BYTES = 256 };

/* The next one of a list, and how many ranks it has; 0: that is no number. False: there is none left. */
static bool next(const char **at, char name[NAME_BYTES], unsigned *ranks)
{
	size_t length = strcspn(*at, ","), name_length;
	const char *colon;
	char *end;

	if (**at == '\0')
		return false;
	colon = memchr(*at, ':', length);
	name_length = colon ? (size_t)(colon - *at) : length;
	snprintf(name, NAME_BYTES, "%.*s", (int)name_length, *at);
	*ranks = 1;
	if (colon) {
		unsigned long value = strtoul(colon + 1, &end, 10);

		*ranks = end == *at + length && end > colon + 1 && value <= RANKS_MOST
				 ? (unsigned)value
				 : 0;
	}
	*at += length + ((*at)[length] == ',');
	return true;
}

unsigned load_hosts_count(const char *hosts)
{
	unsigned count = 0, ranks;
	char name[NAME_BYTES];

	while (next(&hosts, name, &ranks))
		count += ranks;
	return count;
}

int load_hosts_check(const char *hosts, struct error *error)
{
	const char *at = hosts;
	char name[NAME_BYTES];
	unsigned ranks;

	if (*hosts == '\0' || hosts[strlen(hosts) - 1] == ',')
		return error_set(error, "\"%.60s\" names no machine at its end: write a,b", hosts);
	while (next(&at, name, &ranks))
		if (*name == '\0' || strpbrk(name, " /\t") || ranks == 0)
			return error_set(
				error,
				"\"%.60s\" is no list of machines: write a,b:2, names and, "
				"where there are several, how many ranks on each",
				hosts);
	return 0;
}

static int find_own_address(const struct addrinfo *to, char address[SETTING_ADDRESS_BYTES])
{
	struct sockaddr_storage own;
	int result = own_address_find(to->ai_addr, to->ai_addrlen, &own);

	if (result == 0 && getnameinfo((const struct sockaddr *)&own, sizeof own, address,
				       SETTING_ADDRESS_BYTES, NULL, 0, NI_NUMERICHOST) != 0)
		result = -EADDRNOTAVAIL;
	return result;
}

int load_hosts_find_way(const char *hosts, char address[SETTING_ADDRESS_BYTES], struct error *error)
{
	struct addrinfo hints = {.ai_socktype = SOCK_DGRAM}, *found;
	char name[NAME_BYTES];
	unsigned ranks;
	int result;

	if (!next(&hosts, name, &ranks))
		return error_set(error, "no machine is named that loads the server");
	result = getaddrinfo(name, "9", &hints, &found);
	if (result != 0) {
		error_set(error, "the machine %s, which is to load the server, cannot be found: %s",
			  name, gai_strerror(result));
		return -EHOSTUNREACH;
	}
	result = find_own_address(found, address);
	freeaddrinfo(found);
	if (result < 0)
		error_set(error,
			  "the machine %s, which is to load the server, cannot be reached: %s",
			  name, strerror(-result));
	return result;
}

const char *load_hosts_mpirun(void)
{
	static char found[PATH_MAX];
	const char *path = getenv("PATH");

	found[0] = '\0';
	while (path && *path) {
		size_t length = strcspn(path, ":");

		snprintf(found, sizeof found, "%.*s/mpirun", (int)length, path);
		if (length > 0 && access(found, X_OK) == 0)
			return found;
		found[0] = '\0';
		path += length + (path[length] == ':');
	}
	return found;
}
