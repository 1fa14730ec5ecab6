/*
 * Files as core sees them: given to a sender that can send them, or read a piece at a time, here or by a
 * worker.
 */
#include "lib/clock.h"
#include "lib/error.h"
#include "lib/temporary.h"
#include "servers/core/http/http_exchange.h"
#include "servers/core/tasks/kinds/file_served.h"
#include "tests/unit/http_core_fixture.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

enum { LENGTH = 2 * FILE_PIECE_BYTES + 1000, HEAD_MOST = 256 };

static char folder[PATH_MAX], path[PATH_MAX + 8], bytes[LENGTH];
static struct test_loop loop;
static struct test_client client;

/* Instead of the linker's: there is none for a task. */
static bool no_memory;
struct task *__real_task_tools_take(struct task_tools *tools, size_t size);
struct task *__wrap_task_tools_take(struct task_tools *tools, size_t size);

struct task *__wrap_task_tools_take(struct task_tools *tools, size_t size)
{
	return no_memory ? NULL : __real_task_tools_take(tools, size);
}

static void make_file(void)
{
	struct error error;
	FILE *file;

	temporary_template(folder, sizeof folder, "tenk-file");
	cr_assert_not_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/some", folder);
	for (size_t i = 0; i < LENGTH; i++)
		bytes[i] = (char)(i * 7 % 251);
	file = fopen(path, "w");
	cr_assert_eq(fwrite(bytes, 1, LENGTH, file), LENGTH);
	fclose(file);
	cr_assert_eq(file_folder_open(folder, &error), 0, "%s", error.text);
}

static void remove_file(void)
{
	unlink(path);
	rmdir(folder);
}

static void open_client(const struct driving *driving)
{
	loop_open(&loop, driving && driving->completes);
	client_open(&client, &loop, driving);
}

static void close_client(void)
{
	client_close(&client);
	loop_close(&loop);
}

/* The body of the first answer; NULL: it is not all there. */
static const char *body_of(const char *received, size_t length, size_t wanted)
{
	const char *end = strstr(received, "\r\n\r\n");

	return end && (size_t)(end + 4 - received) + wanted <= length ? end + 4 : NULL;
}

TestSuite(http_core_file, .init = make_file, .fini = remove_file, .timeout = 20);

Test(http_core_file, is_read_in_pieces_for_who_cannot_send_it)
{
	for (size_t i = 0; i < WAYS_TO_DRIVE; i++) {
		const char *body;

		if (ways_to_drive[i].send_most == 1)
			continue; /* it takes its time, and 100 at a time find the same */
		open_client(&ways_to_drive[i]);
		cr_expect_eq(client_say(&client, GET("/file/some") GET("/json")), HTTP_READ);
		body = body_of(client.received, client.received_length, LENGTH);
		cr_assert_not_null(body, "%s", ways_to_drive[i].name);
		cr_expect_eq(memcmp(body, bytes, LENGTH), 0, "%s: other bytes",
			     ways_to_drive[i].name);
		cr_expect_eq(strncmp(body + LENGTH, "HTTP/1.1 200 OK", 15), 0, "%s: then came\n%s",
			     ways_to_drive[i].name, body + LENGTH);
		close_client();
	}
}

Test(http_core_file, is_given_to_who_can_send_it)
{
	struct iovec pieces[HTTP_PIECES];
	struct http_file file;
	const char *request = GET("/file/some") GET("/json");

	open_client(NULL);
	loop.tools.sends_files = true;
	http_feed(&client.http, request, strlen(request));
	cr_assert_eq(http_next(&client.http), HTTP_TASK);
	cr_assert_not(http_begin_task(&client.http));
	cr_assert_eq(http_next(&client.http), HTTP_WRITE);
	cr_assert_eq(http_output(&client.http, pieces, HTTP_PIECES), 1, "its head alone");
	cr_expect_lt(pieces[0].iov_len, HEAD_MOST);
	cr_assert(http_sends_file(&client.http));
	client_send(&client);
	for (uint64_t sent = 0; sent < LENGTH; sent += LENGTH / 4) {
		cr_assert_eq(http_next(&client.http), HTTP_WRITE);
		cr_expect_eq(http_output(&client.http, pieces, HTTP_PIECES), 0);
		cr_assert(http_sends_file(&client.http));
		http_file(&client.http, &file);
		cr_expect_eq(file.offset, sent);
		cr_expect_eq(file.length, LENGTH - sent);
		http_written(&client.http, LENGTH / 4);
	}
	cr_expect_eq(fcntl(file.fd, F_GETFD), -1, "it is sent and still open");
	cr_expect_eq(client_drive(&client), HTTP_READ, "what comes behind it is answered");
	cr_expect_not(http_sends_file(&client.http));
	cr_expect_not_null(strstr(client.received, "{\"message\":"));
	close_client();
}

Test(http_core_file, is_closed_where_only_its_length_was_asked_for)
{
	for (int sends = 0; sends < 2; sends++) {
		int next_fd = dup(0);

		close(next_fd);
		open_client(NULL);
		loop.tools.sends_files = sends;
		cr_expect_eq(client_say(&client, "HEAD /file/some HTTP/1.1\r\nHost: tenk\r\n\r\n"),
			     HTTP_READ);
		cr_expect_not_null(strstr(client.received, "Content-Length: 132072\r\n"));
		cr_expect_eq(fcntl(next_fd, F_GETFD), -1, "it is open");
		close_client();
	}
}

Test(http_core_file, with_the_longest_name_is_found_on_the_longest_host)
{
	char host[256] = "", name[FILE_NAME_MOST + 1] = "", linked[sizeof folder + sizeof name];
	char request[2 * sizeof host + sizeof name + 100];

	memset(host, 'h', sizeof host - 1);
	memset(name, 'n', sizeof name - 1);
	snprintf(linked, sizeof linked, "%s/%s", folder, name);
	cr_assert_eq(link(path, linked), 0);
	snprintf(request, sizeof request,
		 "GET http://%s:65535/file/%s HTTP/1.1\r\nHost: %s\r\n\r\n", host, name, host);
	open_client(NULL);
	cr_expect_eq(client_say(&client, request), HTTP_READ);
	cr_expect_not_null(strstr(client.received, "HTTP/1.1 200 OK\r\n"), "%s", client.received);
	close_client();
	unlink(linked);
}

Test(http_core_file, that_shrinks_ends_the_connection_and_one_that_grows_does_not_show)
{
	static const struct driving way = {.completes = true, .send_most = FILE_PIECE_BYTES / 2};
	const struct {
		off_t length;
		enum http_step end;
		size_t most;
	} cases[] = {{FILE_PIECE_BYTES + 10, HTTP_CLOSE, HEAD_MOST + FILE_PIECE_BYTES + 10},
		     {LENGTH + 5000, HTTP_READ, HEAD_MOST + LENGTH}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *request = GET("/file/some");

		open_client(&way);
		http_feed(&client.http, request, strlen(request));
		cr_assert_not(http_begin_task(&client.http));
		cr_assert_eq(http_next(&client.http), HTTP_WRITE);
		client_send(&client);
		cr_assert_eq(truncate(path, cases[i].length), 0);
		cr_expect_eq(client_drive(&client), cases[i].end, "case %zu", i);
		cr_expect_leq(client.received_length, cases[i].most, "case %zu", i);
		close_client();
		cr_assert_eq(truncate(path, LENGTH), 0);
	}
}

/* --- workers ------------------------------------------------------------------------------------ */

static struct offload_job *waiting; /* for a worker */

static int offload(void *context, struct offload_job *job)
{
	(void)context;
	cr_assert_null(waiting);
	waiting = job;
	return 0;
}

static void work(void)
{
	struct offload_job *job = waiting;

	cr_assert_not_null(job);
	waiting = NULL;
	job->run(job);
	job->ended(job);
}

static const struct loop_services with_workers = {
	.timer_start = loop_timer_start, .timer_stop = loop_timer_stop, .offload = offload};

static void open_with_workers(void)
{
	open_client(NULL);
	client.tasks_wait = true;
	loop.tools.services = &with_workers;
	loop.tools.sends_files = true; /* which nobody makes use of: the descriptor is a worker's */
}

Test(http_core_file, is_read_by_workers_a_piece_at_a_time)
{
	const char *body;

	open_with_workers();
	cr_expect_eq(client_say(&client, GET("/file/some")), HTTP_TASK);
	for (int i = 0; i < 3; i++) {
		cr_expect(client.received_length < HEAD_MOST + (size_t)i * FILE_PIECE_BYTES);
		work();
	}
	cr_expect_null(waiting);
	cr_expect_eq(http_next(&client.http), HTTP_READ);
	body = body_of(client.received, client.received_length, LENGTH);
	cr_assert_not_null(body);
	cr_expect_eq(memcmp(body, bytes, LENGTH), 0);
	close_client();
}

static void let_be(struct http *http)
{
	(void)http;
}

/* Whoever leaves does so while a worker reads, or when a piece has been read and not been sent. */
Test(http_core_file, of_a_worker_is_closed_by_one_when_the_client_leaves)
{
	for (int unsent = 0; unsent < 2; unsent++) {
		int next_fd = dup(0);

		close(next_fd);
		open_with_workers();
		client_say(&client, GET("/file/some"));
		work();
		if (unsent) {
			loop.pool.task_ended = let_be;
			work();
		}
		client_close(&client);
		if (!unsent)
			work(); /* what it has begun, it finishes */
		cr_expect_neq(fcntl(next_fd, F_GETFD), -1, "closed, and not by a worker");
		work();
		cr_expect_eq(fcntl(next_fd, F_GETFD), -1, "it is open");
		cr_expect_null(waiting);
		loop_close(&loop);
	}
}

/* Of 30,000 ticks since the answer began, 20,000 are a worker's. */
Test(http_core_file, that_is_being_read_takes_none_of_the_time_to_take_it)
{
	enum { LIMIT = 80000, PASSED = 30000, READING = 20000, SLACK = 30 };
	static const struct http_limits limits = {{[HTTP_SENDING] = LIMIT}};
	const char *request = GET("/file/some");
	uint32_t earned, due;

	open_with_workers();
	loop.pool.limits = &limits;
	loop.pool.task_ended = let_be;
	http_feed(&client.http, request, strlen(request));
	http_begin_task(&client.http);
	work();
	cr_assert_eq(http_next(&client.http), HTTP_WRITE);
	cr_expect_geq(http_due(&client.http), tick_now() + LIMIT - SLACK);
	client_send(&client);
	cr_assert_eq(http_next(&client.http), HTTP_TASK);
	http_begin_task(&client.http);
	http_due(&client.http);
	client.http.exchange->phase_began -= PASSED;
	client.http.exchange->stands_since -= READING;
	work();
	cr_assert_eq(http_next(&client.http), HTTP_WRITE);
	earned = (uint32_t)(client.received_length * NS_PER_S / (HTTP_LEAST_BYTES_PER_S * TICK_NS));
	due = http_due(&client.http) - tick_now();
	cr_expect(due + SLACK >= LIMIT - PASSED + READING + earned &&
			  due <= LIMIT - PASSED + READING + earned + SLACK,
		  "%u ticks are left", due);
	close_client();
}

Test(http_core_file, of_which_the_next_piece_cannot_be_asked_for_is_cut_there)
{
	const char *body;

	open_with_workers();
	cr_assert_eq(client_say(&client, GET("/file/some")), HTTP_TASK);
	no_memory = true;
	work();
	cr_expect_eq(http_next(&client.http), HTTP_CLOSE);
	body = body_of(client.received, client.received_length, FILE_PIECE_BYTES);
	cr_assert_not_null(body);
	cr_expect_eq(client.received + client.received_length - body, FILE_PIECE_BYTES);
	cr_expect_eq(memcmp(body, bytes, FILE_PIECE_BYTES), 0, "other bytes");
	close_client();
	work(); /* a worker closes it */
}
