/*
 * For tests of whole runs of the generator, in this process, against a server that behaves as
 * the test wants. Each test runs in a process of its own, so what is static here is fresh.
 */
#ifndef TENK_LOAD_FIXTURE_H
#define TENK_LOAD_FIXTURE_H

#include "lib/clock.h"
#include "loadgen/mix.h"
#include "loadgen/control.h"
#include "loadgen/options_rows.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { SERVER_CONNECTIONS_MAX = 4096 };

/* What the server does with the n-th request (from 0) of a connection. False: it closes. */
typedef bool answer_function(int descriptor, unsigned n);

static struct {
	int listener;
	struct sockaddr_in address;
	answer_function *answer;
	_Atomic unsigned
		admitted; /* so many connections are served, others closed at once; 0: all are */
	_Atomic int descriptors[SERVER_CONNECTIONS_MAX];
	struct sockaddr_in peers[SERVER_CONNECTIONS_MAX]; /* of the same connections */
	_Atomic unsigned accepted, answered, resets;
	_Atomic bool stalled; /* for an answer that is late once */
} server;

static inline bool say(int descriptor, const char *text)
{
	return send(descriptor, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text);
}

static inline bool answer_well(int descriptor, unsigned n)
{
	(void)n;
	return say(descriptor, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
}

/* Serves one connection; requests end with an empty line and have no body. */
static inline void *serve_connection(void *argument)
{
	int descriptor = (int)(intptr_t)argument;
	char buffer[4096];
	size_t size = 0;
	unsigned n = 0;
	bool open = true;

	while (open) {
		ssize_t got = recv(descriptor, buffer + size, sizeof(buffer) - 1 - size, 0);
		char *end;

		if (got < 0 && errno == ECONNRESET)
			atomic_fetch_add(&server.resets, 1);
		if (got <= 0)
			break;
		size += (size_t)got;
		buffer[size] = '\0';
		while (open && (end = strstr(buffer, "\r\n\r\n"))) {
			size -= (size_t)(end + 4 - buffer);
			memmove(buffer, end + 4, size + 1);
			open = server.answer(descriptor, n++);
			atomic_fetch_add(&server.answered, 1);
		}
	}
	shutdown(descriptor, SHUT_RDWR);
	return NULL;
}

static inline void *serve(void *argument)
{
	(void)argument;
	for (;;) {
		struct sockaddr_in peer;
		socklen_t size = sizeof(peer);
		int descriptor = accept4(server.listener, (struct sockaddr *)&peer, &size,
					 SOCK_CLOEXEC);
		unsigned n = atomic_load(&server.accepted);
		pthread_t thread;

		if (descriptor < 0)
			return NULL;
		server.peers[n % SERVER_CONNECTIONS_MAX] = peer;
		server.descriptors[n % SERVER_CONNECTIONS_MAX] = descriptor;
		atomic_store(&server.accepted, n + 1);
		if (server.admitted > 0 && n >= server.admitted) {
			shutdown(descriptor, SHUT_RDWR);
			continue;
		}
		cr_assert_eq(pthread_create(&thread, NULL, serve_connection,
					    (void *)(intptr_t)descriptor),
			     0);
		pthread_detach(thread);
	}
}

/* Takes the server away: nobody listens, every connection is cut. */
static inline void kill_server(void)
{
	shutdown(server.listener, SHUT_RDWR);
	close(server.listener);
	for (unsigned i = 0; i < atomic_load(&server.accepted) && i < SERVER_CONNECTIONS_MAX; i++)
		shutdown(server.descriptors[i], SHUT_RDWR);
}

static inline void start_server(answer_function *answer)
{
	socklen_t size = sizeof(server.address);
	struct rlimit descriptors;
	sigset_t signals;
	pthread_t thread;

	/* Those of its connections stay open to the test's end; some tests pass the usual 1,024. */
	cr_assert_eq(getrlimit(RLIMIT_NOFILE, &descriptors), 0);
	descriptors.rlim_cur = descriptors.rlim_max;
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &descriptors), 0);
	/* As tenk-load's main does; the server's threads must not take the signals either. */
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	server.answer = answer;
	server.address = (struct sockaddr_in){.sin_family = AF_INET,
					      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	server.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert_geq(server.listener, 0);
	cr_assert_eq(bind(server.listener, (struct sockaddr *)&server.address, size), 0);
	cr_assert_eq(listen(server.listener, 1024), 0);
	cr_assert_eq(getsockname(server.listener, (struct sockaddr *)&server.address, &size), 0);
	cr_assert_eq(pthread_create(&thread, NULL, serve, NULL), 0);
	pthread_detach(thread);
}

static struct options options = {
	.url = "http://127.0.0.1/",
	.connections = 8,
	.threads = 2,
	.duration_ns = 300 * NS_PER_MS,
	.warmup_ns = 20 * NS_PER_MS,
	.timeout_ns = 10 * NS_PER_S,
	.drain_ns = 5 * NS_PER_S,
	.pipelining = 1,
	.slow_bytes_per_s = 10,
	.method = "GET",
	.expect.status_low = 200,
	.expect.status_high = 299,
	.expect.length = EXPECTED_LEARN_LENGTH,
	.events_fd = -1,
};
static struct target target;
static struct sockaddr_in other_address; /* of the server, to be tried second; zeroed: none */
static struct source source;
static struct mix mix;
static struct run run;
static struct events events = {.descriptor = -1};
static uint64_t took_ns;

/* The first failure of a class, in the window or outside; NULL: there was none. */
static inline const struct failure *find_failure(enum error_class class)
{
	const struct failures *lists[] = {&run.total->failures, &run.total->failures_outside};

	for (size_t i = 0; i < 2; i++)
		for (size_t j = 0; j < lists[i]->count; j++)
			if (lists[i]->kind[j].class == class)
				return &lists[i]->kind[j];
	return NULL;
}

/* Requests that failed in the window; what fails while connecting, or idle, belongs to none. */
static inline uint64_t count_failed_requests(void)
{
	const struct failures *failures = &run.total->failures;
	uint64_t sum = 0;

	for (size_t i = 0; i < failures->count; i++)
		if (failures->kind[i].phase != PHASE_CONNECT &&
		    failures->kind[i].phase != PHASE_IDLE)
			sum += failures->kind[i].count;
	return sum;
}

static inline void forget_run(void)
{
	free(run.total);
	run.total = NULL;
	run_forget_slices(&run);
	mix_destroy(&mix);
}

/* Another kind of request, as --request says it. */
static inline void ask(const char *text)
{
	struct error error;

	cr_assert_eq(read_request(&options, NULL, text, &error), 0, "%s", error.text);
}

/* Runs the load of `options` against the server, once. */
static inline enum run_outcome go(void)
{
	struct live live = {.kind = LIVE_NOTHING};
	struct error error = {""};
	uint64_t begun_ns = clock_now_ns();

	cr_assert_eq(target_parse(&target, options.url, &error), 0);
	memcpy(&target.address, &server.address, sizeof(server.address));
	target.address_bytes = sizeof(server.address);
	if (other_address.sin_port) {
		memcpy(&target.other[0].address, &other_address, sizeof(other_address));
		target.other[0].address_bytes = sizeof(other_address);
		target.other_count = 1;
	}
	cr_assert_eq(source_parse(&source, options.source, &error), 0, "%s", error.text);
	cr_assert_eq(mix_build(&mix, &options, &target, &error), 0, "%s", error.text);
	run = (struct run){.options = &options, .target = &target, .source = &source, .mix = &mix};
	cr_assert_eq(control_run(&run, &events, &live, &error), 0, "%s", error.text);
	took_ns = clock_now_ns() - begun_ns;
	return run_decide_outcome(&run);
}

/*
 * The same for a test that needs this many results, good or bad, in the window. On a machine that
 * has no time for us they may not come: then once more, a window twice as long, a few times.
 */
static inline enum run_outcome go_for(uint64_t results)
{
	enum run_outcome outcome = go();

	for (int i = 0; i < 4; i++) {
		if (run.total->good + result_count_errors(run.total->errors) >= results)
			break;
		forget_run();
		atomic_store(&server.accepted, 0);
		atomic_store(&server.answered, 0);
		atomic_store(&server.stalled, false);
		options.duration_ns *= 2;
		outcome = go();
	}
	return outcome;
}

#endif
