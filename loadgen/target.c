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
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { RESOLVE_PROBE_MS = 500 };

static int target_wrong(struct error *error, const char *url, const char *why)
{
	return error_set(error, "\"%.200s\" cannot be loaded: %s", url, why);
}

/* ":8080" or nothing, up to `end`. */
static int target_parse_port(struct target *target, const char *text, const char *end)
{
	unsigned port = 0;

	target->port = target_usual_port(target);
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

static int target_parse_host(struct target *target, const char *host, const char *end,
			     const char *url, struct error *error)
{
	size_t length = (size_t)(end - host);
	char *zone;

	if (length == 0 || length >= sizeof(target->host))
		return target_wrong(error, url, "the host must be a name or an address");
	for (const char *at = host; at < end; at++)
		if ((unsigned char)*at <= ' ' || (unsigned char)*at >= 0x7f)
			return target_wrong(error, url, "a host is ASCII without blanks");
	memcpy(target->host, host, length);
	zone = target->host_is_ipv6 ? strchr(target->host, '%') : NULL;
	if (zone && (strncmp(zone, "%25", 3) != 0 || zone[3] == '\0'))
		return target_wrong(error, url, "a zone is written %25NAME behind the address");
	if (zone)
		memmove(zone + 1, zone + 3, strlen(zone + 3) + 1);
	return 0;
}

static int target_parse_path(struct target *target, const char *text, const char *url,
			     struct error *error)
{
	int length = (int)strcspn(text, "#"); /* a fragment is not sent */

	if (length >= TARGET_PATH_BYTES - 1)
		return target_wrong(error, url, "the path is too long");
	snprintf(target->path, sizeof(target->path), "%s%.*s", *text == '/' ? "" : "/", length,
		 text);
	if (target_check_path(target->path) < 0)
		return target_wrong(error, url, "the path is ASCII without blanks");
	return 0;
}

int target_parse(struct target *target, const char *url, struct error *error)
{
	const char *host, *host_end, *authority_end;

	*target = (struct target){0};
	target->is_https = strncasecmp(url, "https://", 8) == 0;
	if (!target->is_https && strncasecmp(url, "http://", 7) != 0)
		return target_wrong(error, url, "a URL begins with http:// or https://");
	host = url + (target->is_https ? 8 : 7);
	authority_end = host + strcspn(host, "/?#");
	if (memchr(host, '@', (size_t)(authority_end - host)))
		return target_wrong(
			error, url,
			"user and password are given as --header \"Authorization: ...\"");
	if (*host == '[') {
		host++;
		host_end = memchr(host, ']', (size_t)(authority_end - host));
		if (!host_end)
			return target_wrong(error, url, "the ] behind the address is missing");
		target->host_is_ipv6 = true;
	} else {
		host_end = memchr(host, ':', (size_t)(authority_end - host));
		host_end = host_end ? host_end : authority_end;
	}
	if (target_parse_host(target, host, host_end, url, error) < 0)
		return -EINVAL;
	if (target_parse_port(target, host_end + target->host_is_ipv6, authority_end) < 0)
		return target_wrong(error, url, "a port is a number from 1 to 65535");
	memcpy(target->connect_host, target->host, sizeof(target->host));
	target->connect_port = target->port;
	return target_parse_path(target, authority_end, url, error);
}

int target_redirect(struct target *target, const char *to, struct error *error)
{
	const char *port = strrchr(to, ':');
	struct target other;
	char url[sizeof(other.host) + 32];

	if (strpbrk(to, "/?#") || !port || strchr(port, ']') ||
	    snprintf(url, sizeof(url), "http://%s", to) >= (int)sizeof(url) ||
	    target_parse(&other, url, error) < 0)
		return error_set(error, "--connect-to: \"%.200s\" is not HOST:PORT", to);
	memcpy(target->connect_host, other.host, sizeof(other.host));
	target->connect_port = other.port;
	return 0;
}

int target_use_unix(struct target *target, const char *path, struct error *error)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct stat status;

	if (strlen(path) >= sizeof(address.sun_path))
		return error_set(error, "--unix: a path has less than %zu bytes",
				 sizeof(address.sun_path));
	if (stat(path, &status) < 0 || !S_ISSOCK(status.st_mode))
		return error_set(error, "--unix: \"%s\" is not a socket", path);
	memcpy(address.sun_path, path, strlen(path));
	memcpy(&target->address, &address, sizeof(address));
	target->address_bytes = sizeof(address);
	return 0;
}

static int target_probe_address(const struct target *target, size_t address, int timeout_ms);

static void target_set_address(struct target *target, const struct addrinfo *info)
{
	memcpy(&target->address, info->ai_addr, info->ai_addrlen);
	target->address_bytes = info->ai_addrlen;
}

/* Of several addresses the one that accepts a connection is to be tried first. */
static void target_put_first(struct target *target)
{
	for (size_t i = 0; i < target->other_count; i++) {
		struct target_address first = {target->address, target->address_bytes};

		if (target_probe_address(target, 0, RESOLVE_PROBE_MS) == 0)
			return;
		target->address = target->other[i].address;
		target->address_bytes = target->other[i].address_bytes;
		target->other[i] = first;
	}
}

int target_resolve(struct target *target, sa_family_t family, struct error *error)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_family = family};
	struct addrinfo *found = NULL;
	char port[8];
	int result;

	snprintf(port, sizeof(port), "%u", target->connect_port);
	result = getaddrinfo(target->connect_host, port, &hints, &found);
	if (result != 0) {
		error_set(error, "\"%s\" cannot be resolved%s: %s", target->connect_host,
			  family == AF_UNSPEC ? "" : " to an address of --source's kind",
			  gai_strerror(result));
		return -EHOSTUNREACH;
	}
	target_set_address(target, found);
	for (struct addrinfo *at = found->ai_next; at && target->other_count < TARGET_OTHERS_MAX;
	     at = at->ai_next) {
		struct target_address *other = &target->other[target->other_count++];

		memcpy(&other->address, at->ai_addr, at->ai_addrlen);
		other->address_bytes = at->ai_addrlen;
	}
	freeaddrinfo(found);
	target_put_first(target);
	return 0;
}

static int target_prepare(int descriptor, bool is_tcp, const struct connecting *connecting)
{
	static const struct linger reset = {.l_onoff = 1, .l_linger = 0};
	static const int one = 1;

	if (is_tcp && setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) < 0)
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
	struct target_address to = {target->address, target->address_bytes};
	int descriptor, result;
	bool is_tcp;

	if (connecting && connecting->address > 0)
		to = target->other[connecting->address - 1];
	is_tcp = to.address.ss_family != AF_UNIX;
	descriptor = socket(to.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
			    is_tcp ? IPPROTO_TCP : 0);
	if (descriptor < 0)
		return -errno;
	result = target_prepare(descriptor, is_tcp, connecting);
	/* Interrupted or not, the attempt goes on. */
	if (result == 0 &&
	    connect(descriptor, (const struct sockaddr *)&to.address, to.address_bytes) < 0 &&
	    errno != EINPROGRESS && errno != EINTR)
		result = -errno;
	if (result == 0)
		return descriptor;
	close(descriptor);
	return result;
}

static int target_probe_address(const struct target *target, size_t address, int timeout_ms)
{
	static const struct source any;
	const struct connecting connecting = {.source = &any, .address = address};
	int descriptor = target_connect(target, &connecting);
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

int target_probe(const struct target *target, int timeout_ms)
{
	int result = -ECONNREFUSED;

	for (size_t i = 0; i <= target->other_count && result < 0; i++)
		result = target_probe_address(target, i, timeout_ms);
	/* Nobody listens at a Unix socket that was removed either. */
	return result == -ENOENT ? -ECONNREFUSED : result;
}
