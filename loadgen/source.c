#include "loadgen/source.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BITS_LEAST = 8, BITS_IPV4 = 32 };

static int parse_bits(const char *text, unsigned *bits)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (end == text || *end || value < BITS_LEAST || value > BITS_IPV4)
		return -EINVAL;
	*bits = (unsigned)value;
	return 0;
}

static void fill_ipv4(struct source *source, uint32_t address, unsigned bits)
{
	struct sockaddr_in *first = (struct sockaddr_in *)&source->first;
	uint32_t size = bits ? UINT32_C(1) << (BITS_IPV4 - bits) : 0;

	first->sin_family = AF_INET;
	source->address_bytes = sizeof(*first);
	source->count = size;
	if (size > 1)
		address &= ~(size - 1);
	if (size > 2) {
		address++;
		source->count -= 2;
	}
	first->sin_addr.s_addr = htonl(address);
}

int source_parse(struct source *source, const char *text, struct error *error)
{
	const char *slash = text ? strchr(text, '/') : NULL;
	struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)&source->first;
	size_t length = text ? (slash ? (size_t)(slash - text) : strlen(text)) : 0;
	char address[INET6_ADDRSTRLEN];
	unsigned bits = BITS_IPV4;
	struct in_addr ipv4;

	*source = (struct source){0};
	if (!text)
		return 0;
	if (length >= sizeof(address))
		return error_set(error, "--source: \"%s\" is not an address", text);
	snprintf(address, sizeof(address), "%.*s", (int)length, text);
	if (!slash && inet_pton(AF_INET6, address, &ipv6->sin6_addr) == 1) {
		ipv6->sin6_family = AF_INET6;
		source->address_bytes = sizeof(*ipv6);
		source->count = 1;
		return 0;
	}
	if (inet_pton(AF_INET, address, &ipv4) != 1)
		return error_set(error, "--source: \"%s\" is not an address", text);
	if (slash && parse_bits(slash + 1, &bits) < 0)
		return error_set(error, "--source: \"%s\" is not a network of 8 to 32 bits", text);
	fill_ipv4(source, ntohl(ipv4.s_addr), bits);
	return 0;
}

int source_bind(const struct source *source, int descriptor, uint64_t n)
{
	static const int one = 1;
	struct sockaddr_storage address = source->first;
	struct sockaddr_in *ipv4 = (struct sockaddr_in *)&address;

	if (source->count == 0)
		return 0;
	if (source->count > 1)
		ipv4->sin_addr.s_addr =
			htonl(ntohl(ipv4->sin_addr.s_addr) + (uint32_t)(n % source->count));
	/* Where there is no such option a port is chosen sooner, of as many. */
	if ((setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one)) < 0 &&
	     errno != ENOPROTOOPT) ||
	    bind(descriptor, (const struct sockaddr *)&address, source->address_bytes) < 0)
		return -errno;
	return 0;
}
