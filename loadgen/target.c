#include "loadgen/target.h"

#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { HTTP_PORT = 80, RESOLVE_PROBE_MS = 500 };

static const char scheme[] = "http://";

static int target_wrong(struct error *error, const char *url, const char *why)
{
	return error_set(error, "\"%.200s\" cannot be loaded: %s", url, why);
}

/* ":8080" or nothing, up to `end`. */
static int target_parse_port(struct target *target, const char *text, const char *end)
{
	unsigned port = 0;

	target->port = HTTP_PORT;
	if (text == end)
		return 0;
	if (*text++ != ':' || text == end)
		return -EINVAL;
	for (; text < end; text++) {
		if (!isdigit((unsigned char)*text))
			return -EINVAL;
		port = port * 10 + (unsigned)(*text - '0');
		if (port > UINT16_MAX)
			return -EINVAL;
	}
	target->port = (uint16_t)port;
	return port ? 0 : -EINVAL;
}

int target_check_path(const char *path)
{
	for (const char *at = path; *at; at++)
		if ((unsigned char)*at <= ' ' || (unsigned char)*at >= 0x7f || *at == '#')
			return -EINVAL;
	return 0;
}

int target_parse(struct target *target, const char *url, struct error *error)
{
	const char *host, *host_end, *authority_end;
	size_t length;

	*target = (struct target){0};
	if (strncasecmp(url, "https://", 8) == 0)
		return target_wrong(error, url, "TLS is not supported, only http://");
	if (strncasecmp(url, scheme, sizeof(scheme) - 1) != 0)
		return target_wrong(error, url, "a URL begins with http://");
	host = url + sizeof(scheme) - 1;
	authority_end = host + strcspn(host, "/?#");
	if (*authority_end != '/' && *authority_end != '\0')
		return target_wrong(error, url, "a path begins with /");
	if (*host == '[') {
		host++;
		host_end = memchr(host, ']', (size_t)(authority_end - host));
		if (!host_end)
			return target_wrong(error, url, "the ] behind the address is missing");
		target->host_is_ipv6 = true;
	} else {
		host_end = host + strcspn(host, ":/");
	}
	length = (size_t)(host_end - host);
	if (length == 0 || length >= sizeof(target->host) || memchr(host, '@', length))
		return target_wrong(error, url, "the host must be a name or an address");
	for (const char *at = host; at < host_end; at++)
		if ((unsigned char)*at <= ' ' || (unsigned char)*at >= 0x7f)
			return target_wrong(error, url, "a host is ASCII without blanks");
	memcpy(target->host, host, length);
	if (target_parse_port(target, host_end + target->host_is_ipv6, authority_end) < 0)
		return target_wrong(error, url, "a port is a number from 1 to 65535");
	if (target_check_path(authority_end) < 0)
		return target_wrong(error, url, "the path is ASCII without blanks and #");
	target->path = *authority_end ? authority_end : "/";
	return 0;
}

static void target_set_address(struct target *target, const struct addrinfo *info)
{
	memcpy(&target->address, info->ai_addr, info->ai_addrlen);
	target->address_bytes = info->ai_addrlen;
}

int target_resolve(struct target *target, sa_family_t family, struct error *error)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_family = family};
	struct addrinfo *found = NULL;
	char port[8];
	int result;

	snprintf(port, sizeof(port), "%u", target->port);
	result = getaddrinfo(target->host, port, &hints, &found);
	if (result != 0) {
		error_set(error, "\"%s\" cannot be resolved%s: %s", target->host,
			  family == AF_UNSPEC ? "" : " to an address of --source's kind",
			  gai_strerror(result));
		return -EHOSTUNREACH;
	}
	target_set_address(target, found);
	for (struct addrinfo *at = found; found->ai_next && at; at = at->ai_next) {
		struct target candidate = *target;

		target_set_address(&candidate, at);
		if (target_probe(&candidate, RESOLVE_PROBE_MS) == 0) {
			*target = candidate;
			break;
		}
	}
	freeaddrinfo(found);
	return 0;
}

static int target_prepare(int descriptor, const struct connecting *connecting)
{
	static const struct linger reset = {.l_onoff = 1, .l_linger = 0};
	static const int one = 1;

	if (setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) < 0)
		return -errno;
	if (!(connecting && connecting->closes_in_order) &&
	    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)) < 0)
		return -errno;
	if (!connecting)
		return 0;
	if (connecting->receive_buffer && setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF,
						     &connecting->receive_buffer, sizeof(int)) < 0)
		return -errno;
	return source_bind(connecting->source, descriptor, connecting->n);
}

int target_connect(const struct target *target, const struct connecting *connecting)
{
	int descriptor = socket(target->address.ss_family,
				SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
	int result;

	if (descriptor < 0)
		return -errno;
	result = target_prepare(descriptor, connecting);
	/* Interrupted or not, the attempt goes on. */
	if (result == 0 &&
	    connect(descriptor, (const struct sockaddr *)&target->address, target->address_bytes) <
		    0 &&
	    errno != EINPROGRESS && errno != EINTR)
		result = -errno;
	if (result == 0)
		return descriptor;
	close(descriptor);
	return result;
}

int target_probe(const struct target *target, int timeout_ms)
{
	int descriptor = target_connect(target, NULL);
	struct pollfd poll_descriptor = {.fd = descriptor, .events = POLLOUT};
	socklen_t size = sizeof(int);
	int problem = 0, ready;

	if (descriptor < 0)
		return descriptor;
	do
		ready = poll(&poll_descriptor, 1, timeout_ms);
	while (ready < 0 && errno == EINTR);
	if (ready < 0)
		problem = errno;
	else if (ready == 0)
		problem = ETIMEDOUT;
	else if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &problem, &size) < 0)
		problem = errno;
	close(descriptor);
	return -problem;
}
