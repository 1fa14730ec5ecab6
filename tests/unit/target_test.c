#include "loadgen/target.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

static void check(const char *url, const char *host, unsigned port, const char *path)
{
	struct target target;
	struct error error = {""};

	cr_assert_eq(target_parse(&target, url, &error), 0, "%s", error.text);
	cr_assert_str_eq(target.host, host);
	cr_assert_eq(target.port, port);
	cr_assert_str_eq(target.path, path);
}

Test(target, takes_urls_apart)
{
	check("http://127.0.0.1:8080/plaintext", "127.0.0.1", 8080, "/plaintext");
	check("HTTP://localhost", "localhost", 80, "/");
	check("http://localhost/", "localhost", 80, "/");
	check("http://[::1]:65535/a?b=/c%20", "::1", 65535, "/a?b=/c%20");
	check("http://[::1]", "::1", 80, "/");
	check("http://a?b=c", "a", 80, "/?b=c");
	check("http://a:81?b/c", "a", 81, "/?b/c");
	check("http://a/b?c#d", "a", 80, "/b?c");
	check("https://localhost/a", "localhost", 443, "/a");
	check("HTTPS://[::1]:8443", "::1", 8443, "/");
	check("http://a#d", "a", 80, "/");
	check("http://[fe80::1%25eth0]:81/", "fe80::1%eth0", 81, "/");
}

Test(target, says_what_is_wrong_with_a_url)
{
	static const char *const wrong[][2] = {
		{"localhost:8080/", "begins with http:// or https://"},
		{"https:localhost/", "begins with http:// or https://"},
		{"http://", "host"},
		{"http://:80/", "host"},
		{"http://a:/", "port"},
		{"http://a:0/", "port"},
		{"http://a:65536/", "port"},
		{"http://a:8x/", "port"},
		{"http://[::1/", "]"},
		{"http://[::1]x/", "port"},
		{"http://user:word@a/", "Authorization"},
		{"http://[fe80::1%eth0]/", "zone"},
		{"http://a/b c", "blank"},
		{"http://a/b\r\nX: y", "blank"},
		{"http://a b/", "blank"},
		{"http://a/\xc3\xa9", "ASCII"},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct target target;
		struct error error = {""};

		cr_assert_lt(target_parse(&target, wrong[i][0], &error), 0, "%s", wrong[i][0]);
		cr_assert(strstr(error.text, wrong[i][1]), "%s: %s", wrong[i][0], error.text);
	}
}

Test(target, resolves_addresses_of_both_kinds)
{
	struct target target;
	struct error error;

	cr_assert_eq(target_parse(&target, "http://127.0.0.1:81/", &error), 0);
	cr_assert_eq(target_resolve(&target, AF_UNSPEC, &error), 0);
	cr_assert_eq(target.address.ss_family, AF_INET);
	cr_assert_eq(target_parse(&target, "http://[::1]:81/", &error), 0);
	cr_assert_eq(target_resolve(&target, AF_INET6, &error), 0);
	cr_assert_eq(target.address.ss_family, AF_INET6);
	cr_assert_eq(((struct sockaddr_in6 *)&target.address)->sin6_port, htons(81));
}

Test(target, is_of_the_kind_of_address_that_connections_come_from)
{
	struct target target;
	struct error error;

	cr_assert_eq(target_parse(&target, "http://[::1]:81/", &error), 0);
	cr_assert_lt(target_resolve(&target, AF_INET, &error), 0);
	cr_assert(strstr(error.text, "--source"));
	cr_assert_eq(target_parse(&target, "http://127.0.0.1:81/", &error), 0);
	cr_assert_lt(target_resolve(&target, AF_INET6, &error), 0);
}

Test(target, a_probe_tells_whether_somebody_listens)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct target target = {.address_bytes = sizeof(address)};

	cr_assert_geq(listener, 0);
	cr_assert_eq(bind(listener, (struct sockaddr *)&address, size), 0);
	cr_assert_eq(getsockname(listener, (struct sockaddr *)&address, &size), 0);
	memcpy(&target.address, &address, size);
	/* Bound but not listening: the port is ours, and it refuses. */
	cr_assert_eq(target_probe(&target, 1000), -ECONNREFUSED);
	cr_assert_eq(listen(listener, 8), 0);
	cr_assert_eq(target_probe(&target, 1000), 0);
}
