#include "harness/server_process.h"

#include "lib/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { START_SECONDS = 10, STOP_SECONDS = 3, READY_LINE_BYTES = 256 };

/* Reads the ready line, or learns that the process has ended. 0 or -errno. */
static int await_ready(struct server_process *server, int ready_fd)
{
	uint64_t deadline_ns = clock_now_ns() + START_SECONDS * NS_PER_S;
	struct pollfd fds[] = {{.fd = ready_fd, .events = POLLIN},
			       {.fd = server->process.pidfd, .events = POLLIN}};
	char line[READY_LINE_BYTES] = "";
	size_t length = 0;
	json_t *ready;
	uint64_t now_ns;

	while (!memchr(line, '\n', length)) {
		ssize_t got;

		now_ns = clock_now_ns();
		if (now_ns >= deadline_ns || length == sizeof line)
			return -ETIMEDOUT;
		if (poll(fds, 2, (int)((deadline_ns - now_ns) / NS_PER_MS) + 1) < 0)
			return -errno;
		if (fds[0].revents) {
			got = read(ready_fd, line + length, sizeof line - length);
			if (got <= 0)
				return -ECHILD;
			length += (size_t)got;
		} else if (fds[1].revents) {
			return -ECHILD;
		}
	}
	ready = json_loadb(line, length, JSON_DISABLE_EOF_CHECK, NULL);
	server->port = (uint16_t)json_integer_value(json_object_get(ready, "port"));
	json_decref(ready);
	return server->port ? 0 : -EPROTO;
}

static int explain(struct server_process *server, const char *name, int failure,
		   struct error *error)
{
	char said[600];

	process_stop(&server->process, 0);
	process_stderr(&server->process, said, sizeof said);
	error_set(error, "%s did not start: %s%s%s", name,
		  failure == -ECHILD ? "it ended at once" : strerror(-failure),
		  *said ? "; it said: " : "", said);
	server_process_destroy(server);
	return failure;
}

int server_process_start(struct server_process *server, const struct server_entry *entry,
			 const cpu_set_t *cores, struct error *error)
{
	char *arguments[] = {entry->executable,	    (char *)"--listen",
			     (char *)"127.0.0.1:0", (char *)"--ready-fd",
			     (char *)"3",	    entry->variant ? (char *)"--variant" : NULL,
			     entry->variant,	    NULL};
	struct process_options options = {.arguments = arguments, .cores = cores};
	int ready[2], result;

	*server = (struct server_process){.counters = {.cpu_fd = -1, .switches_fd = -1}};
	if (pipe2(ready, O_CLOEXEC) < 0) {
		result = -errno;
		error_set(error, "cannot make a pipe: %s", strerror(-result));
		return result;
	}
	options.pass_fd = ready[1];
	result = process_spawn(&server->process, &options, error);
	close(ready[1]);
	if (result == 0) {
		counters_open(&server->counters, server->process.pid);
		process_release(&server->process);
		result = await_ready(server, ready[0]);
		if (result < 0)
			result = explain(server, entry->name, result, error);
	}
	close(ready[0]);
	return result;
}

bool server_process_stop(struct server_process *server)
{
	return process_stop(&server->process, STOP_SECONDS * NS_PER_S);
}

void server_process_destroy(struct server_process *server)
{
	counters_close(&server->counters);
	process_destroy(&server->process);
}
