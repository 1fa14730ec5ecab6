#include "harness/check/check.h"
#include "harness/check/report.h"
#include "harness/check/rows.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

TestSuite(check, .timeout = 30);

/*
 * A server that gives one answer to whatever ends in an empty line. "@" in the answer becomes the
 * date, and `seconds` is added to it. Afterwards it closes if told so.
 */
struct fake {
	const char *answer;
	int seconds;
	bool closes;
	int listener;
	uint16_t port;
	pthread_t thread;
};

static size_t write_answer(const struct fake *fake, char *out, size_t size)
{
	time_t now = time(NULL) + fake->seconds;
	const char *mark = strchr(fake->answer, '@');
	char date[64];
	struct tm parts;

	gmtime_r(&now, &parts);
	strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &parts);
	if (!mark)
		return (size_t)snprintf(out, size, "%s", fake->answer);
	return (size_t)snprintf(out, size, "%.*s%s%s", (int)(mark - fake->answer), fake->answer,
				date, mark + 1);
}

static void serve(const struct fake *fake, int fd)
{
	char request[4096], answer[1024];
	size_t length = 0;
	ssize_t count;

	while ((count = read(fd, request + length, sizeof request - length)) > 0) {
		length += (size_t)count;
		if (length < 4 || memcmp(request + length - 4, "\r\n\r\n", 4) != 0)
			continue;
		length = write_answer(fake, answer, sizeof answer);
		if (send(fd, answer, length, MSG_NOSIGNAL) < 0 || fake->closes)
			return;
		length = 0;
	}
}

static void *run_fake(void *argument)
{
	struct fake *fake = argument;
	int fd;

	while ((fd = accept4(fake->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		serve(fake, fd);
		close(fd);
	}
	return NULL;
}

static void start_fake(struct fake *fake)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;

	fake->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert(fake->listener >= 0);
	cr_assert(bind(fake->listener, (struct sockaddr *)&address, size) == 0);
	cr_assert(listen(fake->listener, 8) == 0);
	cr_assert(getsockname(fake->listener, (struct sockaddr *)&address, &size) == 0);
	fake->port = ntohs(address.sin_port);
	cr_assert(pthread_create(&fake->thread, NULL, run_fake, fake) == 0);
}

static void stop_fake(struct fake *fake)
{
	shutdown(fake->listener, SHUT_RDWR);
	pthread_join(fake->thread, NULL);
	close(fake->listener);
}

#define RIGHT_FIELDS "Server: tenk\r\nDate: @\r\nContent-Type: text/plain\r\n"
#define RIGHT	     "HTTP/1.1 200 OK\r\n" RIGHT_FIELDS "Content-Length: 13\r\n\r\nHello, World!"

/* Runs one row of the suite against one fake server; the caller destroys the suite. */
static void run_row(struct check_suite *suite, struct check_target *target, struct fake *fake,
		    const char *row)
{
	start_fake(fake);
	*target = (struct check_target){.name = "fake", .host = "127.0.0.1", .port = fake->port};
	cr_assert(check_suite_run(suite, target, 1, &row, 1, NULL, NULL) == 0);
	stop_fake(fake);
	cr_assert(suite->row_count == 1);
}

Test(check, a_right_answer_passes)
{
	struct fake fake = {.answer = RIGHT};
	struct check_target target;
	struct check_suite suite;

	run_row(&suite, &target, &fake, "plaintext");
	cr_expect(suite.failed == 0, "%s", suite.results[0].came);
	cr_expect(suite.results[0].outcome == CHECK_PASSED);
	cr_expect(strstr(suite.results[0].transcript, "Date: <now>\r\n") != NULL);
	check_suite_destroy(&suite);
}

/* Each of these is one step away from right. */
Test(check, each_fault_of_an_answer_is_found)
{
	static const struct {
		const char *answer, *named; /* what the report must name as expected */
		int seconds;
		bool closes;
	} faults[] = {
		{"HTTP/1.1 200 Fine\r\n" RIGHT_FIELDS "Content-Length: 13\r\n\r\nHello, World!",
		 "200 OK", 0, false},
		{"HTTP/1.1 404 Not Found\r\n" RIGHT_FIELDS
		 "Content-Length: 13\r\n\r\nHello, World!",
		 "200 OK", 0, false},
		{"HTTP/1.0 200 OK\r\n" RIGHT_FIELDS "Content-Length: 13\r\n\r\nHello, World!",
		 "HTTP/1.1", 0, false},
		{"HTTP/1.1 200 OK\r\n" RIGHT_FIELDS "Content-Length: 13\r\n\r\nHello, world!",
		 "Hello, World!", 0, false},
		{"HTTP/1.1 200 OK\r\n" RIGHT_FIELDS "Content-Length: 12\r\n\r\nHello, World",
		 "Content-Length: 13", 0, false},
		{"HTTP/1.1 200 OK\r\nDate: @\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n"
		 "\r\nHello, World!",
		 "Server: tenk", 0, false},
		{"HTTP/1.1 200 OK\r\nServer: tenk\r\nContent-Type: text/plain\r\n"
		 "Content-Length: 13\r\n\r\nHello, World!",
		 "Date", 0, false},
		{"HTTP/1.1 200 OK\r\nServer: tenk\r\nDate: Sunday, 06-Nov-94 08:49:37 GMT\r\n"
		 "Content-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, World!",
		 "Date", 0, false},
		{RIGHT, "Date", -5, false},
		{RIGHT, "Date", 5, false},
		{"HTTP/1.1 200 OK\r\nServer: tenk\r\nDate: @\r\nContent-Type: text/html\r\n"
		 "Content-Length: 13\r\n\r\nHello, World!",
		 "text/plain", 0, false},
		{"HTTP/1.1 200 OK\r\n" RIGHT_FIELDS
		 "Connection: close\r\nContent-Length: 13\r\n\r\n"
		 "Hello, World!",
		 "no Connection: close", 0, false},
		{RIGHT "surplus", "200 OK", 0, false},
		{RIGHT, "", 0, true},
		{"garbage\r\n\r\n", "200 OK", 0, false},
	};

	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		struct fake fake = {.answer = faults[i].answer,
				    .seconds = faults[i].seconds,
				    .closes = faults[i].closes};
		struct check_target target;
		struct check_suite suite;

		run_row(&suite, &target, &fake, "plaintext");
		cr_expect(suite.failed == 1, "fault %zu was not found", i);
		cr_expect(suite.results[0].expected &&
				  strstr(suite.results[0].expected, faults[i].named) != NULL,
			  "fault %zu: %s", i, suite.results[0].expected);
		cr_expect(suite.results[0].came != NULL);
		check_suite_destroy(&suite);
	}
}

Test(check, a_connection_that_stays_open_after_close_is_found)
{
	struct fake fake = {.answer =
				    "HTTP/1.1 200 OK\r\n" RIGHT_FIELDS
				    "Connection: close\r\nContent-Length: 13\r\n\r\nHello, World!"};
	struct check_target target;
	struct check_suite suite;

	fake.closes = true;
	run_row(&suite, &target, &fake, "close");
	cr_expect(suite.failed == 0, "%s", suite.results[0].came);
	check_suite_destroy(&suite);
	fake.closes = false;
	run_row(&suite, &target, &fake, "close");
	cr_expect(suite.failed == 1);
	check_suite_destroy(&suite);
}

Test(check, an_answer_before_the_wait_is_over_is_found)
{
	struct fake fake = {.answer = "HTTP/1.1 200 OK\r\n" RIGHT_FIELDS
				      "Content-Length: 12\r\n\r\nWaited 50 ms"};
	struct check_target target;
	struct check_suite suite;

	run_row(&suite, &target, &fake, "wait-50");
	cr_expect(suite.failed == 1);
	cr_expect(strstr(suite.results[0].came, " ms") != NULL);
	check_suite_destroy(&suite);
}

/* Both pass by themselves, and differ in the order of two fields. */
Test(check, servers_that_differ_are_told_apart)
{
	struct fake one = {.answer = RIGHT};
	struct fake other = {.answer = "HTTP/1.1 200 OK\r\nDate: @\r\nServer: tenk\r\n"
				       "Content-Type: text/plain\r\nContent-Length: 13\r\n\r\n"
				       "Hello, World!"};
	const char *row = "plaintext";
	struct check_target targets[3];
	struct check_suite suite;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	json_t *json;

	start_fake(&one);
	start_fake(&other);
	targets[0] = (struct check_target){.name = "one", .host = "127.0.0.1", .port = one.port};
	targets[1] =
		(struct check_target){.name = "other", .host = "127.0.0.1", .port = other.port};
	targets[2] = (struct check_target){.name = "twin", .host = "127.0.0.1", .port = one.port};
	cr_assert(check_suite_run(&suite, targets, 3, &row, 1, NULL, NULL) == 0);
	cr_expect(suite.failed == 1);
	cr_expect(suite.results[0].outcome == CHECK_PASSED &&
		  suite.results[1].outcome == CHECK_DIFFERS &&
		  suite.results[2].outcome == CHECK_PASSED);
	check_suite_print(&suite, out, false);
	fclose(out);
	cr_expect(strstr(text, "other: plaintext differs") != NULL, "%s", text);
	cr_expect(strstr(text, "1 rows x 3 servers: 2 passed, 1 failed") != NULL, "%s", text);
	json = check_suite_json(&suite);
	cr_expect(json_integer_value(json_object_get(json, "failed")) == 1);
	cr_expect_str_eq(json_string_value(json_object_get(
				 json_array_get(json_object_get(json, "failures"), 0), "kind")),
			 "differs");
	json_decref(json);
	free(text);
	check_suite_destroy(&suite);
	stop_fake(&one);
	stop_fake(&other);
}

/*
 * With a parser of its own a server may order its fields otherwise; it is judged all the same, and
 * whoever comes after it is not held against it.
 */
Test(check, a_parser_of_its_own_is_judged_but_not_compared)
{
	struct fake own = {.answer = "HTTP/1.1 200 OK\r\nDate: @\r\nServer: tenk\r\n"
				     "Content-Type: text/plain\r\nContent-Length: 13\r\n\r\n"
				     "Hello, World!"};
	struct fake plain = {.answer = RIGHT};
	const char *rows[] = {"plaintext", "host-missing"};
	struct check_target targets[2];
	struct check_suite suite;

	start_fake(&own);
	start_fake(&plain);
	targets[0] = (struct check_target){
		.name = "own", .host = "127.0.0.1", .port = own.port, .own_parser = true};
	targets[1] =
		(struct check_target){.name = "plain", .host = "127.0.0.1", .port = plain.port};
	cr_assert(check_suite_run(&suite, targets, 2, rows, 2, NULL, NULL) == 0);
	cr_expect(suite.results[0].outcome == CHECK_PASSED);
	cr_expect(suite.results[1].outcome == CHECK_PASSED);
	cr_expect(suite.results[2].outcome == CHECK_FAILED, "host-missing is not on its list");
	cr_expect(suite.failed == 2 && suite.known == 0);
	check_suite_destroy(&suite);
	stop_fake(&own);
	stop_fake(&plain);
}

/* Runs a few rows on a server that says hello to everything and has this list. Frees the list. */
static void run_listed(struct check_suite *suite, struct check_target *target, struct fake *fake,
		       const char *const *rows, size_t count, json_t *known)
{
	start_fake(fake);
	*target = (struct check_target){.name = "own",
					.host = "127.0.0.1",
					.port = fake->port,
					.own_parser = true,
					.known = known};
	cr_assert(check_suite_run(suite, target, 1, rows, count, NULL, NULL) == 0);
	stop_fake(fake);
}

Test(check, what_is_listed_may_fail_and_nothing_else)
{
	static const char *const rows[] = {"plaintext", "json", "host-missing"};
	struct fake fake = {.answer = RIGHT};
	struct check_target target;
	struct check_suite suite;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	json_t *known = json_pack("[{s:s, s:s, s:b}]", "row", "host-missing", "reason",
				  "it does not ask for Host", "sometimes", 0);
	json_t *json, *difference;

	run_listed(&suite, &target, &fake, rows, 3, known);
	cr_expect(suite.results[0].outcome == CHECK_PASSED);
	cr_expect(suite.results[1].outcome == CHECK_FAILED);
	cr_expect(suite.results[2].outcome == CHECK_KNOWN);
	cr_expect(suite.failed == 1 && suite.known == 1);
	check_suite_print(&suite, out, false);
	fclose(out);
	cr_expect(strstr(text, "own: json failed") != NULL, "%s", text);
	cr_expect(strstr(text, "own: host-missing") == NULL, "%s", text);
	cr_expect(strstr(text, "it does not ask for Host\n") != NULL, "%s", text);
	cr_expect(strstr(text, "With an HTTP parser of its own: own.") != NULL, "%s", text);
	cr_expect(strstr(text, ": 1 passed, 1 failed, 1 known to differ") != NULL, "%s", text);
	json = check_suite_json(&suite);
	cr_expect(json_integer_value(json_object_get(json, "passed")) == 1);
	cr_expect(json_integer_value(json_object_get(json, "known")) == 1);
	difference = json_array_get(json_object_get(json, "known_differences"), 0);
	cr_expect_str_eq(json_string_value(json_object_get(difference, "row")), "host-missing");
	cr_expect_str_eq(json_string_value(json_object_get(difference, "reason")),
			 "it does not ask for Host");
	json_decref(json);
	free(text);
	check_suite_destroy(&suite);
	json_decref(known);
}

Test(check, what_is_listed_and_passes_fails_the_list)
{
	static const char *const rows[] = {"plaintext"};
	struct fake fake = {.answer = RIGHT};
	struct check_target target;
	struct check_suite suite;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	json_t *known = json_pack("[{s:s, s:s, s:b}]", "row", "plaintext", "reason",
				  "it says nothing", "sometimes", 0);

	run_listed(&suite, &target, &fake, rows, 1, known);
	cr_expect(suite.results[0].outcome == CHECK_STALE);
	cr_expect(suite.failed == 1 && suite.known == 0);
	check_suite_print(&suite, out, false);
	fclose(out);
	cr_expect(strstr(text, "own: plaintext is listed as known to differ, but passes"), "%s",
		  text);
	cr_expect(strstr(text, "it says nothing") != NULL, "%s", text);
	free(text);
	check_suite_destroy(&suite);
	json_decref(known);
}

Test(check, what_happens_sometimes_may_pass_and_may_fail)
{
	static const char *const rows[] = {"plaintext", "json"};
	struct fake fake = {.answer = RIGHT};
	struct check_target target;
	struct check_suite suite;
	json_t *known = json_pack("[{s:s, s:s, s:b}, {s:s, s:s, s:b}]", "row", "plaintext",
				  "reason", "races", "sometimes", 1, "row", "json", "reason",
				  "races", "sometimes", 1);

	run_listed(&suite, &target, &fake, rows, 2, known);
	cr_expect(suite.results[0].outcome == CHECK_PASSED);
	cr_expect(suite.results[1].outcome == CHECK_KNOWN);
	cr_expect(suite.failed == 0 && suite.known == 1);
	check_suite_destroy(&suite);
	json_decref(known);
}

Test(check, a_list_with_a_row_that_is_not_there_is_found)
{
	json_t *known = json_pack("[{s:s, s:s}, {s:s, s:s}]", "row", "json", "reason", "", "row",
				  "jason", "reason", "");
	struct check_target target = {.name = "own", .known = known};

	cr_expect_str_eq(check_unknown_row(&target), "jason");
	json_array_remove(known, 1);
	cr_expect(check_unknown_row(&target) == NULL);
	target.known = NULL;
	cr_expect(check_unknown_row(&target) == NULL);
	json_decref(known);
}

Test(check, a_server_that_is_not_there_fails_every_row)
{
	struct fake fake = {.answer = RIGHT};
	struct check_target target = {.name = "gone", .host = "127.0.0.1"};
	struct check_suite suite;

	start_fake(&fake);
	target.port = fake.port;
	stop_fake(&fake);
	cr_assert(check_suite_run(&suite, &target, 1, NULL, 0, NULL, NULL) == 0);
	cr_expect(suite.row_count == check_row_count());
	cr_expect(suite.failed == check_row_count());
	check_suite_destroy(&suite);
}

/* Runs a row on a fake server that is somebody else's and has all routes. */
static enum check_outcome run_foreign(struct fake *fake, const char *row, unsigned routes)
{
	struct check_target target;
	struct check_suite suite;
	enum check_outcome outcome;

	start_fake(fake);
	target = (struct check_target){.name = "other",
				       .host = "127.0.0.1",
				       .port = fake->port,
				       .own_parser = true,
				       .foreign = true,
				       .routes = routes};
	cr_assert(check_suite_run(&suite, &target, 1, &row, 1, NULL, NULL) == 0);
	outcome = suite.results[0].outcome;
	cr_expect(suite.not_asked == (outcome == CHECK_NOT_ASKED));
	check_suite_destroy(&suite);
	stop_fake(fake);
	return outcome;
}

#define OTHER_FIELDS "Date: @\r\nServer: other/1\r\n"

Test(check, others_are_held_to_the_standard_and_not_to_our_choices)
{
	static const struct {
		const char *row, *answer;
		bool closes;
		unsigned routes;
		enum check_outcome outcome;
	} cases[] = {
		{"plaintext",
		 "HTTP/1.1 200 Fine\r\n" OTHER_FIELDS "Content-Length: 13\r\n\r\nHello, World!",
		 false, CHECK_ALL_ROUTES, CHECK_PASSED},
		{"plaintext",
		 "HTTP/1.1 200 OK\r\n" OTHER_FIELDS "Content-Length: 13\r\n\r\nHello, world!",
		 false, CHECK_ALL_ROUTES, CHECK_FAILED},
		{"plaintext", "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello, World!", false,
		 CHECK_ALL_ROUTES, CHECK_FAILED},
		{"plaintext", "HTTP/1.1 200 OK\r\n\r\n", false, CHECK_JSON, CHECK_NOT_ASKED},
		{"length-2-32-and-5", "", false, CHECK_ALL_ROUTES, CHECK_NOT_ASKED},
		{"host-missing",
		 "HTTP/1.1 400 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", true, 0,
		 CHECK_PASSED},
		{"host-missing", "HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n", false, 0,
		 CHECK_PASSED},
		{"host-missing", "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", false, 0,
		 CHECK_FAILED},
		{"method-unknown", "HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n", false, 0,
		 CHECK_PASSED},
		{"length-overflow", "HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n", false, 0,
		 CHECK_FAILED},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fake fake = {.answer = cases[i].answer, .closes = cases[i].closes};
		enum check_outcome outcome = run_foreign(&fake, cases[i].row, cases[i].routes);

		cr_expect(outcome == cases[i].outcome, "case %zu: %d", i, (int)outcome);
	}
}
