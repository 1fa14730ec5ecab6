#include "harness/trial/server_host.h"

#include "harness/catalogue/catalogue.h"
#include "harness/http/http_client.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/text_buffer.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define GREETING_NS (20 * NS_PER_S) /* logging in may take some seconds */
#define DESCRIBE_NS (30 * NS_PER_S) /* it asks its servers what they are */
#define TRY_NS	    (3 * NS_PER_S)
#define LEAVE_NS    (8 * NS_PER_S) /* in which the agent stops its server */
enum { NOISE_BYTES = 65536, BUILD_BYTES = 17, SAID_BYTES = 300 };

int server_host_name(struct server_host *host, const char *text, struct error *error)
{
	const char *path = strstr(text, ":/");
	size_t length = path ? (size_t)(path - text) : strlen(text);

	*host = (struct server_host){.wire = -1, .ssh = {.pidfd = -1, .stderr_fd = -1}};
	if (length == 0 || length >= sizeof host->name || *text == '-' || strpbrk(text, " \t\n'\""))
		return error_set(
			error,
			"\"%.60s\" is no name of a machine: write it as for ssh, "
			"\"b\" or \"me@b\", or with the path of tenk there \"b:/opt/tenk\"",
			text);
	if (path && strlen(path + 1) >= sizeof host->program)
		return error_set(error, "the path of tenk on %.60s is too long", text);
	snprintf(host->name, sizeof host->name, "%.*s", (int)length, text);
	snprintf(host->program, sizeof host->program, "%s", path ? path + 1 : "");
	return 0;
}

/* What ssh, or the agent's shell, had to say. */
static void add_said(const struct server_host *host, char *text, size_t size)
{
	char said[SAID_BYTES];
	size_t length = strlen(text);

	process_stderr(&host->ssh, said, sizeof said);
	for (char *c = said; *c; c++)
		if (*c == '\n' || *c == '\r')
			*c = c[1] ? ' ' : '\0';
	if (*said)
		snprintf(text + length, size - length, "; ssh said: %s", said);
}

static void disconnect(struct server_host *host, uint64_t patience_ns)
{
	if (host->wire >= 0)
		close(host->wire);
	host->wire = -1;
	process_wait(&host->ssh, patience_ns);
	process_stop(&host->ssh, NS_PER_S);
	process_destroy(&host->ssh);
}

static int lose(struct server_host *host, int failure)
{
	/* A reset is an end, too: with what we said unread. */
	const bool ended = failure == -EPIPE || failure == -ECONNRESET;

	snprintf(host->lost, sizeof host->lost, "the machine %s was lost: %s", host->name,
		 ended			 ? "the connection to it ended"
		 : failure == -ETIMEDOUT ? "it does not answer any more"
					 : strerror(-failure));
	add_said(host, host->lost, sizeof host->lost);
	if (!ended) /* its agent may not have seen the end */
		host->busy_until_ns = clock_now_ns() + HOST_SILENCE_NS;
	disconnect(host, 0);
	return -EHOSTUNREACH;
}

/* ssh, with the agent at its other end; TENK_SSH is a command line of its own, which a shell takes apart. */
static int start_ssh(struct server_host *host, int wire, struct error *error)
{
	static const char script[] =
		"exec <&3 >&3 3>&-; exec ${TENK_SSH:-ssh} -T -o BatchMode=yes -o ConnectTimeout=8 "
		"-o ServerAliveInterval=2 -o ServerAliveCountMax=3 \"$@\"";
	struct text_buffer command = {0};
	char *arguments[] = {(char *)"/bin/sh",
			     (char *)"-c",
			     (char *)script,
			     (char *)"ssh",
			     host->name,
			     NULL,
			     NULL};
	struct process_options options = {
		.arguments = arguments, .pass_fd = wire, .environment = environ};
	int result;

	text_append_shell(&command, *host->program ? host->program : host->own_program);
	text_append(&command, " agent");
	arguments[5] = (char *)text_string(&command);
	result = process_spawn(&host->ssh, &options, error);
	text_destroy(&command);
	return result;
}

/* Reads on until a line begins with the greeting. 0 with the build, or -errno. */
static int read_greeting(struct server_host *host, char build[BUILD_BYTES])
{
	uint64_t deadline_ns = clock_now_ns() + GREETING_NS;
	char line[256];
	size_t length = 0;

	for (size_t read = 0; read < NOISE_BYTES; read++) {
		char byte;
		int result = host_receive(host->wire, &byte, 1, deadline_ns);

		if (result < 0)
			return result;
		if (byte != '\n' && length < sizeof line - 1) {
			line[length++] = byte;
			continue;
		}
		line[length] = '\0';
		length = 0;
		if (strncmp(line, HOST_GREETING, strlen(HOST_GREETING)) == 0) {
			snprintf(build, BUILD_BYTES, "%.16s", line + strlen(HOST_GREETING));
			return 0;
		}
	}
	return -EPROTO;
}

static int greet(struct server_host *host, struct error *error)
{
	char theirs[BUILD_BYTES] = "", ours[BUILD_BYTES] = "", text[600] = "";
	int result = read_greeting(host, theirs);

	if (result < 0) {
		process_wait(&host->ssh, NS_PER_S); /* until it has said why */
		add_said(host, text, sizeof text);
		error_set(error,
			  "no tenk answers on %s: %s%s. It is to be there as %s (or say where, "
			  "--server-host %s:/path/to/tenk), and `ssh %s true` is to ask for no "
			  "password",
			  host->name, result == -ETIMEDOUT ? "nothing came in time" : "ssh ended",
			  text, *host->program ? host->program : host->own_program, host->name,
			  host->name);
		return -EHOSTUNREACH;
	}
	if (catalogue_hash_build("/proc/self/exe", ours) && strcmp(ours, theirs) == 0)
		return 0;
	error_set(error,
		  "tenk on %s is another build than this one: build the same revision there in the "
		  "same way, or copy this one to it",
		  host->name);
	return -EPROTO;
}

/* Half a run of one machine and half of another would be a wrong number. */
static int keep_environment(struct server_host *host, const char *text, struct error *error)
{
	json_t *before = host->environment, *now = json_loads(text, 0, NULL);
	bool other = before && strcmp(json_string_of(before, "fingerprint"),
				      json_string_of(now, "fingerprint")) != 0;

	if (other) {
		json_decref(now);
		error_set(error, "%s is not as it was before it was lost: start a new run",
			  host->name);
		return -EPROTO;
	}
	json_decref(before);
	host->environment = now;
	return 0;
}

/* What ssh reaches need not be what the load reaches. */
static int try_port(const struct server_host *host, uint16_t port, struct error *error)
{
	struct http_client client;
	int result = http_client_open(&client, host->address, port, TRY_NS);

	http_client_close(&client);
	if (result == 0)
		return 0;
	error_set(
		error,
		"%s is reached by ssh, but not its port %u at %s, which it calls its own address: %s. Is "
		"there a firewall, or are addresses translated on the way?",
		host->name, port, host->address, strerror(-result));
	return -ENETUNREACH;
}

static int describe(struct server_host *host, struct error *error)
{
	const struct host_request request = {.order = HOST_DESCRIBE};
	struct host_answer *answer = calloc(1, sizeof *answer);
	int result = answer ? server_host_ask(host, &request, answer, DESCRIBE_NS) : -ENOMEM;

	if (result < 0) {
		error_set(error, "%s", answer ? host->lost : "out of memory");
	} else if (answer->result < 0) {
		*error = answer->error;
		error_prefix(error, "%s", host->name);
		result = answer->result;
	} else {
		host->limits = answer->machine.limits;
		memcpy(host->threads_by, answer->machine.threads_by, sizeof host->threads_by);
		host->limits.threads_by = host->threads_by;
		host->cores = answer->machine.cores;
		host->interrupts_apart = answer->machine.interrupts_apart;
		memcpy(host->address, answer->machine.address, sizeof host->address);
		result = keep_environment(host, answer->machine.environment, error);
		if (result == 0)
			result = try_port(host, answer->machine.open_port, error);
	}
	free(answer);
	return result;
}

int server_host_reach(struct server_host *host, struct error *error)
{
	int wires[2], result;

	if (host->wire >= 0 && !server_host_is_lost(host))
		return 0;
	if (!*host->own_program &&
	    readlink("/proc/self/exe", host->own_program, sizeof host->own_program - 1) < 0)
		return error_set(error, "cannot tell where tenk itself is: %s", strerror(errno));
	host->lost[0] = '\0';
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, wires) < 0) {
		result = -errno;
		error_set(error, "cannot make a pair of sockets: %s", strerror(-result));
		return result;
	}
	host->wire = wires[0];
	result = start_ssh(host, wires[1], error);
	close(wires[1]);
	if (result == 0)
		result = greet(host, error);
	if (result == 0)
		result = describe(host, error);
	if (result < 0)
		disconnect(host, 0);
	return result;
}

int server_host_ask(struct server_host *host, const struct host_request *request,
		    struct host_answer *answer, uint64_t timeout_ns)
{
	uint64_t deadline_ns = clock_now_ns() + timeout_ns;
	int result;

	if (host->wire < 0)
		return -EHOSTUNREACH;
	result = host_send(host->wire, request, sizeof *request, deadline_ns);
	if (result == 0)
		result = host_receive(host->wire, answer, sizeof *answer, deadline_ns);
	return result < 0 ? lose(host, result) : 0;
}

bool server_host_is_lost(struct server_host *host)
{
	if (host->wire >= 0 && process_wait(&host->ssh, 0))
		lose(host, -EPIPE);
	return host->wire < 0;
}

void server_host_leave(struct server_host *host)
{
	if (host->wire >= 0) {
		shutdown(host->wire, SHUT_WR); /* upon which the agent ends, and ssh behind it */
		disconnect(host, LEAVE_NS);
	}
	json_decref(host->environment);
	host->environment = NULL;
}
