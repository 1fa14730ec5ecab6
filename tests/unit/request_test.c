#include "loadgen/mix.h"
#include "loadgen/request.h"

#include <criterion/criterion.h>
#include <string.h>

static struct options options = {.method = "GET"};
static struct target target = {.host = "127.0.0.1", .port = 8080, .path = "/plaintext"};

static struct mix mix;

static void check(const char *expected)
{
	struct error error = {""};
	const struct request *request = &mix.request[0];

	cr_assert_eq(mix_build(&mix, &options, &target, &error), 0, "%s", error.text);
	cr_assert_eq(mix.count, 1);
	cr_assert_eq(request->size, strlen(expected));
	cr_assert_eq(memcmp(request->bytes, expected, request->size), 0, "%s", request->bytes);
	mix_destroy(&mix);
}

static void check_refused(const char *because)
{
	struct error error = {""};

	cr_assert_lt(mix_build(&mix, &options, &target, &error), 0);
	cr_assert(strstr(error.text, because), "%s", error.text);
	mix_destroy(&mix);
}

Test(request, is_as_short_as_it_may_be)
{
	check("GET /plaintext HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n");
}

Test(request, names_an_ipv6_host_in_brackets)
{
	target = (struct target){.host = "::1", .host_is_ipv6 = true, .port = 80, .path = "/"};
	check("GET / HTTP/1.1\r\nHost: [::1]\r\n\r\n");
	target = (struct target){
		.host = "fe80::1%eth0", .host_is_ipv6 = true, .port = 81, .path = "/"};
	check("GET / HTTP/1.1\r\nHost: [fe80::1]:81\r\n\r\n");
}

Test(request, carries_headers_and_body)
{
	options = (struct options){.method = "POST",
				   .headers = {"Accept: */*", "host: other"},
				   .header_count = 2,
				   .body = (char[]){"a=b"},
				   .body_bytes = 3};
	check("POST /plaintext HTTP/1.1\r\nAccept: */*\r\nhost: other\r\n"
	      "Content-Length: 3\r\n\r\na=b");
}

Test(request, states_the_length_of_an_empty_body_where_one_is_expected)
{
	options.method = "PUT";
	check("PUT /plaintext HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nContent-Length: 0\r\n\r\n");
	options.method = "DELETE";
	check("DELETE /plaintext HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n");
}

Test(request, knows_that_head_has_no_body)
{
	struct error error;

	options.method = "HEAD";
	cr_assert_eq(mix_build(&mix, &options, &target, &error), 0);
	cr_assert(mix.request[0].is_head);
	mix_destroy(&mix);
}

Test(request, refuses_what_would_not_be_http)
{
	options.method = "GE T";
	check_refused("--method");
	options.method = "CONNECT";
	check_refused("tunnel");
	options.method = "GET";
	options.header_count = 1;
	options.headers[0] = "no colon";
	check_refused("Name: value");
	options.headers[0] = "Na me: x";
	check_refused("Name: value");
	options.headers[0] = "Name: x\r\nOther: y";
	check_refused("control character");
	options.headers[0] = "content-length: 3";
	check_refused("follows from --body");
}

Test(request, a_mix_has_requests_with_weights)
{
	struct error error = {""};

	options.requests[0] = "9 GET /plaintext?a=b";
	options.requests[1] = "1 POST /echo hello, world";
	options.request_count = 2;
	cr_assert_eq(mix_build(&mix, &options, &target, &error), 0, "%s", error.text);
	cr_assert_eq(mix.count, 2);
	cr_assert_eq(mix.weight, 10);
	cr_assert_str_eq(mix.request[0].label, "GET /plaintext?a=b");
	cr_assert(strstr(mix.request[1].bytes, "POST /echo HTTP/1.1\r\n"));
	cr_assert(strstr(mix.request[1].bytes, "Content-Length: 12\r\n\r\nhello, world"));
	mix_destroy(&mix);
}

Test(request, a_mix_that_is_no_mix_is_refused)
{
	static const char *const wrong[] = {"GET /",
					    "0 GET /",
					    "1 GET",
					    "1 GET path",
					    "",
					    "1",
					    "1 GET /with#fragment",
					    "1 GET / @/nonexistent/body"};

	options.request_count = 1;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		options.requests[0] = wrong[i];
		check_refused(i + 1 < sizeof(wrong) / sizeof(wrong[0]) ? "--request" : "No such");
	}
}
