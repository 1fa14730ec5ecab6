#include "harness/trial/server_process.h"

#include "harness/catalogue/settings.h"
#include "harness/http/http_client.h"
#include "harness/machine/free_port.h"
#include "lib/listening.h"
#include "lib/clock.h"
#include "lib/units.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ANSWER_POLL_NS	 (5 * NS_PER_MS)
#define STAY_NS		 (50 * NS_PER_MS)
#define STAY_OF_CHILD_NS (500 * NS_PER_MS)
#define ANSWER_WAIT_NS	 (1 * NS_PER_S) /* for one answer of a server that is starting */

#define START_NS (10 * NS_PER_S) /* where nothing else is said */

enum { STOP_SECONDS = 3, GUARD_SECONDS = 2, READY_LINE_BYTES = 256 };

static const char loopback[] = "127.0.0.1";

/* Reads the ready line, or learns that the process has ended. 0 or -errno. */
static int await_ready(struct server_process *server, int ready_fd, uint64_t timeout_ns)
{
	uint64_t deadline_ns = clock_now_ns() + timeout_ns;
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

uint64_t server_process_start_timeout(const struct server_entry *entry)
{
	return entry->start_timeout_ns ? entry->start_timeout_ns : START_NS;
}

static int explain(struct server_process *server, const struct server_entry *entry, int failure,
		   struct error *error)
{
	const struct process *process = &server->process;
	const char *why = strerror(-failure);
	char said[600], late[160], allowed[32];

	if (failure == -ETIMEDOUT) {
		snprintf(late, sizeof late,
			 "it was not ready within %s (--start-timeout gives it longer%s)",
			 units_format(UNIT_DURATION, (double)server_process_start_timeout(entry),
				      allowed, sizeof allowed),
			 entry->manifest ? ", and so does start-timeout: in a manifest" : "");
		why = late;
	}
	if (failure == -ECHILD)
		why = process->main_pid != process->pid && process->ended && process->exit_code == 0
			      ? "it ended at once, with code 0: a server must stay in the foreground"
			      : "it ended at once";
	if (process->main_pid == process->pid)
		process_stop(&server->process, 0);
	else
		server_process_stop(server); /* in order: its guard has work to do */
	process_stderr(process, said, sizeof said);
	error_set(error, "%s did not start: %s%s%s", entry->name, why, *said ? "; it said: " : "",
		  said);
	server_process_destroy(server);
	return failure;
}

/*
 * Connections that are held idle shall not be closed under the measurement, as is said to servers of
 * other people too. Their time is kept all the same, so it costs what it costs.
 */
#define IDLE_TIMEOUT "--idle-timeout=1h"
enum { ARGUMENTS_MOST = 8 };

/* Adds "--workers=4" for each setting that it takes. How many; -ENOMEM. All are the caller's to free. */
static int add_settings(char **arguments, const struct server_entry *entry,
			const struct server_settings *settings)
{
	int count = 0;

	for (size_t i = 0; i < SETTINGS; i++) {
		if (!*settings->values[i] ||
		    !server_entry_takes(entry, server_setting_rows[i].option))
			continue;
		if (asprintf(&arguments[count], "--%s=%s", server_setting_rows[i].option,
			     settings->values[i]) < 0) {
			arguments[count] = NULL;
			return -ENOMEM;
		}
		count++;
	}
	return count;
}

static int start_own(struct server_process *server, const struct server_entry *entry,
		     const struct server_settings *settings, const struct process_place *place,
		     struct error *error)
{
	char listen[sizeof server->address + 16];
	char *arguments[ARGUMENTS_MOST + SETTINGS] = {entry->executable, listen,
						      (char *)"--ready-fd=3"};
	size_t count = 3, own;
	struct process_options options = {
		.arguments = arguments, .kept = entry->kept, .place = *place};
	int ready[2], result;

	if (*settings->address) {
		memcpy(server->address, settings->address, sizeof server->address);
		server->host = server->address;
	}
	snprintf(listen, sizeof listen,
		 strchr(server->host, ':') ? "--listen=[%s]:0" : "--listen=%s:0", server->host);
	if (!server_entry_has_trait(entry, "floor")) /* which keeps no limits at all */
		arguments[count++] = (char *)IDLE_TIMEOUT;
	if (entry->variant) {
		arguments[count++] = (char *)"--variant";
		arguments[count++] = entry->variant;
	}
	if (pipe2(ready, O_CLOEXEC) < 0) {
		result = -errno;
		error_set(error, "cannot make a pipe: %s", strerror(-result));
		return result;
	}
	options.pass_fd = ready[1];
	own = count;
	result = add_settings(arguments + count, entry, settings);
	if (result < 0)
		error_set(error, "out of memory");
	else
		result = process_spawn(&server->process, &options, error);
	close(ready[1]);
	for (size_t i = own; arguments[i]; i++)
		free(arguments[i]);
	if (result == 0) {
		server->pid = server->process.main_pid;
		server->subject = (struct subject){
			.pid = server->pid,
			.has_tree = server_entry_has_trait(entry, "multi-process")};
		result = await_ready(server, ready[0], server_process_start_timeout(entry));
		if (result < 0)
			result = explain(server, entry, result, error);
	}
	close(ready[0]);
	return result;
}

/* Asks once. 0: there was an answer, of whatever status; the probe judges it later. */
static int ask(const struct server_process *server, const char *target)
{
	uint64_t deadline_ns = clock_now_ns() + ANSWER_WAIT_NS;
	struct http_response response = {0};
	struct http_client client;
	char request[512];
	int length, result;

	length = snprintf(request, sizeof request,
			  strchr(server->host, ':')
				  ? "GET %s HTTP/1.1\r\nHost: [%s]:%u\r\nConnection: close\r\n\r\n"
				  : "GET %s HTTP/1.1\r\nHost: %s:%u\r\nConnection: close\r\n\r\n",
			  target, server->host, server->port);
	result = http_client_open(&client, server->host, server->port, ANSWER_WAIT_NS);
	if (result == 0)
		result = http_client_send(&client, request, (size_t)length, deadline_ns);
	if (result == 0)
		result = http_client_receive(&client, false, &response, deadline_ns);
	if (result == 0)
		http_response_destroy(&response);
	http_client_close(&client);
	return result;
}

/*
 * It answers; does it stay? A process that goes into the background ends when its child, perhaps,
 * has answered already. Whoever listens itself is not about to do that.
 */
static bool stays(struct server_process *server)
{
	struct listening listening;

	listening_find(&listening, server->host, server->port);
	return !process_wait(&server->process,
			     listening.alone && listening.pid == server->process.main_pid
				     ? STAY_NS
				     : STAY_OF_CHILD_NS);
}

/* Asks until it answers, or has ended, or the time is up. 0 or -errno. */
static int await_answer(struct server_process *server, const struct manifest *manifest,
			uint64_t timeout_ns)
{
	const char *target = manifest->route_count > 0 ? manifest->routes[0] : "/";
	uint64_t deadline_ns = clock_now_ns() + timeout_ns;

	while (!process_wait(&server->process, ANSWER_POLL_NS)) {
		if (ask(server, target) == 0)
			return stays(server) ? 0 : -ECHILD;
		if (clock_now_ns() >= deadline_ns)
			return -ETIMEDOUT;
	}
	return -ECHILD;
}

static unsigned count_cores(const cpu_set_t *cores)
{
	cpu_set_t own;

	if (!cores && sched_getaffinity(0, sizeof own, &own) == 0)
		cores = &own;
	return cores ? (unsigned)CPU_COUNT(cores) : 1;
}

static int start_foreign(struct server_process *server, const struct server_entry *entry,
			 const struct server_settings *asked, const struct process_place *place,
			 struct error *error)
{
	struct server_settings settings = *asked;
	struct guard_options guard = {.grace_ns = STOP_SECONDS * NS_PER_S};
	struct process_options options = {.place = *place, .pass_fd = -1, .guard = &guard};
	int result = free_port_find("", &server->port);

	if (result < 0) {
		error_set(error, "cannot find a free port: %s", strerror(-result));
		return result;
	}
	/* One that is told nothing would count the generator's cores too. */
	if (!*settings.values[SETTING_WORKERS])
		snprintf(settings.values[SETTING_WORKERS], SETTING_BYTES, "%u",
			 count_cores(place->cores));
	result = foreign_prepare(&server->launch, entry->manifest, entry->profile, server->port,
				 &settings, error);
	if (result == 0) {
		guard.folder = server->launch.folder;
		options.arguments = server->launch.arguments;
		options.environment = server->launch.environment;
		result = process_spawn(&server->process, &options, error);
	}
	if (result < 0) {
		error_prefix(error, "%s did not start", entry->name);
		server_process_destroy(server);
		return result;
	}
	server->pid = server->process.main_pid;
	server->subject = (struct subject){.pid = server->pid,
					   .has_tree = true,
					   .collect_signal = entry->profile->collect_signal};
	result = await_answer(server, entry->manifest, server_process_start_timeout(entry));
	return result < 0 ? explain(server, entry, result, error) : 0;
}

/* Finds the one that runs; its memory and CPU are had if its process can be told. */
static int attach(struct server_process *server, const struct server_entry *entry,
		  struct error *error)
{
	struct listening listening;
	int result;

	server->running = true;
	server->host = entry->host;
	server->port = entry->port;
	result = ask(server, "/");
	if (result < 0) {
		error_set(error, "nothing answers at %s: %s", entry->executable, strerror(-result));
		return result;
	}
	listening_find(&listening, entry->host, entry->port);
	server->pid = listening.pid;
	server->subject = (struct subject){listening.pid, .has_tree = true};
	snprintf(server->why, sizeof server->why, "%s",
		 listening.pid ? "the server ran before, in several processes: their CPU cannot be "
				 "told from what they had used"
			       : listening.why);
	server->unmeasured = listening.alone ? NULL : server->why;
	return 0;
}

int server_process_start(struct server_process *server, const struct server_entry *entry,
			 const struct server_settings *settings, const struct process_place *place,
			 struct error *error)
{
	static const struct server_settings none;

	*server = (struct server_process){
		.process = {.pidfd = -1, .stderr_fd = -1},
		.host = loopback,
	};
	if (entry->port)
		return attach(server, entry, error);
	if (!settings)
		settings = &none;
	return entry->manifest ? start_foreign(server, entry, settings, place, error)
			       : start_own(server, entry, settings, place, error);
}

bool server_process_has_ended(struct server_process *server)
{
	return server->running ? ask(server, "/") < 0 : process_wait(&server->process, 0);
}

bool server_process_stop(struct server_process *server)
{
	bool guarded = server->process.main_pid != server->process.pid;
	bool ended = server->process.ended, forced;

	if (!guarded)
		return process_stop(&server->process, STOP_SECONDS * NS_PER_S);
	forced = process_stop(&server->process, (STOP_SECONDS + GUARD_SECONDS) * NS_PER_S);
	return forced || (!ended && server->process.signal == SIGKILL);
}

void server_process_destroy(struct server_process *server)
{
	process_destroy(&server->process);
	foreign_launch_destroy(&server->launch);
}
