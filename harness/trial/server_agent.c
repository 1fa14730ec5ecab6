#include "harness/trial/server_agent.h"

#include "harness/catalogue/catalogue.h"
#include "harness/machine/cores.h"
#include "harness/machine/environment.h"
#include "harness/machine/free_memory.h"
#include "harness/machine/limits.h"
#include "harness/machine/paths.h"
#include "harness/trial/memory.h"
#include "harness/trial/server_host_wire.h"
#include "harness/trial/server_process.h"
#include "lib/clock.h"

#include <errno.h>
#include <math.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SEND_NS (10 * NS_PER_S)

struct agent {
	struct paths paths;
	struct catalogue catalogue;
	bool has_catalogue, has_groups, has_server;
	struct memory_groups groups;
	struct server_process server;
	cpu_set_t cores; /* the server's */
	uint64_t keep_free_bytes;
	int port_fd; /* open while it is to be tried; -1 */
	/* As much of a trial as its memory is looked at by. */
	struct scenario_part part;
	struct planned_trial planned;
	struct trial_memory memory;
	struct observation seen;
};

/* "client port address port": what sshd tells of the connection by which we were reached. */
static int find_address(char address[SETTING_ADDRESS_BYTES], struct error *error)
{
	const char *connection = getenv("SSH_CONNECTION");

	if (connection && sscanf(connection, "%*s %*s %45s", address) == 1)
		return 0;
	error_set(error, "it was not reached by ssh (SSH_CONNECTION is not set), so nobody knows "
			 "by which address");
	return -EADDRNOTAVAIL;
}

/* For the other side to find out that its connections come as far as this. */
static int open_port(struct agent *agent, struct host_machine *machine, struct error *error)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
				 .ai_flags = AI_NUMERICHOST | AI_PASSIVE};
	struct addrinfo *found = NULL;
	struct sockaddr_storage bound;
	socklen_t size = sizeof bound;
	char port[8] = "0";

	if (getaddrinfo(machine->address, port, &hints, &found) == 0)
		agent->port_fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (agent->port_fd < 0 || bind(agent->port_fd, found->ai_addr, found->ai_addrlen) < 0 ||
	    listen(agent->port_fd, 1) < 0 ||
	    getsockname(agent->port_fd, (struct sockaddr *)&bound, &size) < 0 ||
	    getnameinfo((struct sockaddr *)&bound, size, NULL, 0, port, sizeof port,
			NI_NUMERICSERV) != 0) {
		error_set(error, "no port can be opened at %s there: %s", machine->address,
			  strerror(errno));
		freeaddrinfo(found);
		return -EADDRNOTAVAIL;
	}
	freeaddrinfo(found);
	machine->open_port = (uint16_t)strtoul(port, NULL, 10);
	return 0;
}

static void close_port(struct agent *agent)
{
	if (agent->port_fd >= 0)
		close(agent->port_fd);
	agent->port_fd = -1;
}

static int describe(struct agent *agent, const struct host_request *request,
		    struct host_answer *answer)
{
	struct host_machine *machine = &answer->machine;
	json_t *environment = environment_read();
	int first, last;

	(void)request;
	machine_limits_read(&machine->limits, NULL);
	snprintf(machine->threads_by, sizeof machine->threads_by, "%s",
		 machine->limits.threads_by ? machine->limits.threads_by : "");
	cores_allowed(&machine->cores, &first, &last);
	if (json_dumpb(environment, machine->environment, sizeof machine->environment - 1,
		       JSON_COMPACT) >= sizeof machine->environment)
		machine->environment[0] = '\0';
	machine->interrupts_apart = environment_keeps_interrupts_apart(environment);
	json_decref(environment);
	if (find_address(machine->address, &answer->error) < 0)
		return -EADDRNOTAVAIL;
	return open_port(agent, machine, &answer->error);
}

/* The servers are asked what they are when the first of them is wanted. */
static int read_catalogue(struct agent *agent, struct error *error)
{
	const char *folders[] = {agent->paths.servers, NULL};
	int result = 0;

	if (!agent->has_catalogue) {
		catalogue_destroy(&agent->catalogue);
		agent->catalogue = (struct catalogue){0};
		result = catalogue_read(&agent->catalogue, folders, error);
	}
	agent->has_catalogue = result == 0;
	return result;
}

static int find_server(struct agent *agent, const struct host_request *request,
		       const struct server_entry **entry, struct error *error)
{
	int result = read_catalogue(agent, error);

	if (result < 0)
		return result;
	*entry = catalogue_find(&agent->catalogue, request->server);
	if (!*entry)
		return catalogue_complain(&agent->catalogue, request->server, error);
	if (strcmp((*entry)->build, request->build) != 0)
		return error_set(error,
				 "%s is another build there than here: build the same revision in "
				 "the same way, or copy this one to it",
				 request->server);
	return 0;
}

static void open_groups(struct agent *agent)
{
	if (!agent->has_groups)
		memory_groups_open(&agent->groups, "");
	agent->has_groups = true;
}

static int tell_groups(struct agent *agent, const struct host_request *request,
		       struct host_answer *answer)
{
	(void)request;
	open_groups(agent);
	answer->groups.source = agent->groups.source;
	snprintf(answer->groups.why, sizeof answer->groups.why, "%s", agent->groups.why);
	return 0;
}

/* A trial's memory is looked at as one here does, in as much of a trial as that needs. */
static int begin_memory(struct agent *agent, const struct host_request *request,
			struct error *error)
{
	static char memory[] = "memory";
	static char *charts[] = {memory};

	agent->part = (struct scenario_part){.charts = charts,
					     .chart_count = request->looks_at_memory,
					     .load.idle = request->idle};
	agent->planned = (struct planned_trial){
		.part = &agent->part,
		.order = request->trial,
		.load = {.idle = request->idle, .memory_limit_bytes = request->memory_limit_bytes}};
	agent->seen = (struct observation){.planned = &agent->planned};
	if (request->looks_at_memory || request->idle || request->memory_limit_bytes > 0)
		open_groups(agent);
	return trial_memory_begin(&agent->memory, &agent->groups, &agent->planned, false,
				  &agent->seen, error);
}

/* The agent itself stays off the server's cores, if there are others. */
static void give_way(const struct agent *agent)
{
	cpu_set_t allowed, both, left;
	int first, last;

	cores_allowed(&allowed, &first, &last);
	CPU_AND(&both, &allowed, &agent->cores);
	CPU_XOR(&left, &allowed, &both);
	if (CPU_COUNT(&left) > 0)
		sched_setaffinity(0, sizeof left, &left);
}

static void end_server(struct agent *agent, struct host_stopped *stopped)
{
	struct process *process = &agent->server.process;

	if (!agent->has_server)
		return;
	stopped->forced = server_process_stop(&agent->server);
	stopped->ended = process->ended;
	stopped->exit_code = process->exit_code;
	stopped->signal = process->signal;
	stopped->usage = process->usage;
	process_stderr(process, stopped->said, sizeof stopped->said);
	server_process_destroy(&agent->server);
	trial_memory_end(&agent->memory);
	agent->has_server = false;
}

static int start(struct agent *agent, const struct host_request *request,
		 struct host_answer *answer)
{
	struct server_settings settings = request->settings;
	const struct server_entry *entry;
	struct process_place place = {.cores = &agent->cores};
	struct host_stopped before;
	uint64_t begin_ns;
	int result = find_server(agent, request, &entry, &answer->error);

	answer->is_refused = true;
	if (result == 0)
		result = find_address(settings.address, &answer->error);
	if (result < 0)
		return result;
	end_server(agent, &before);
	agent->keep_free_bytes = request->keep_free_bytes;
	cores_first(&request->cores, (unsigned)request->server_cores, &agent->cores);
	catalogue_allow_start(&agent->catalogue, request->start_timeout_ns);
	give_way(agent);
	result = begin_memory(agent, request, &answer->error);
	place.group_entry = trial_memory_entry(&agent->memory.server);
	answer->is_refused = result < 0;
	begin_ns = clock_now_ns();
	if (result == 0)
		result = server_process_start(&agent->server, entry, &settings, &place,
					      &answer->error);
	if (result < 0) {
		answer->kills = memory_group_kills(&agent->memory.server);
		trial_memory_end(&agent->memory);
		return result;
	}
	agent->has_server = true;
	agent->server.subject.is_idle = request->idle;
	answer->started = (struct host_started){.took_ns = clock_now_ns() - begin_ns,
						.port = agent->server.port,
						.pid = agent->server.pid,
						.cores = agent->cores};
	return 0;
}

static int look(struct agent *agent, const struct host_request *request, struct host_answer *answer)
{
	struct host_look *look = &answer->look;
	const struct subject *subject = &agent->server.subject;
	struct free_memory memory;

	free_memory_read(&memory, agent->keep_free_bytes, "");
	*look = (struct host_look){
		.free_bytes = memory.bytes, .kept_bytes = memory.kept_bytes, .threads = NAN};
	network_counters_read(&look->network);
	if (request->at_leisure)
		kernel_threads_read(&look->kernel_threads);
	if (!agent->has_server)
		return 0;
	look->ended = server_process_has_ended(&agent->server);
	look->kills = memory_group_kills(&agent->memory.server);
	if (!subject->has_tree && !look->ended)
		look->threads = sample_threads(subject->pid);
	return 0;
}

static int sample(struct agent *agent, const struct host_request *request,
		  struct host_answer *answer)
{
	cpu_set_t none;

	(void)request;
	CPU_ZERO(&none);
	sample_take(&answer->sample.sample, SAMPLE_IN_LOAD, &agent->server.subject, &agent->cores,
		    &none);
	if (answer->sample.sample.delay.missing)
		snprintf(answer->sample.no_delay, sizeof answer->sample.no_delay, "%s",
			 answer->sample.sample.delay.missing);
	return 0;
}

static int read_memory(struct agent *agent, const struct host_request *request,
		       struct host_answer *answer)
{
	struct host_memory *memory = &answer->memory;
	struct observation *seen = &agent->seen;

	(void)request;
	trial_memory_read(&agent->memory, &agent->server.subject, seen);
	*memory = (struct host_memory){.has_memory = seen->has_memory,
				       .collects = seen->collects,
				       .memory = seen->memory,
				       .collected = seen->collected,
				       .group = seen->server_group,
				       .collected_group = seen->collected_group};
	if (seen->no_groups)
		snprintf(memory->no_groups, sizeof memory->no_groups, "%s", seen->no_groups);
	return 0;
}

static int stop(struct agent *agent, const struct host_request *request, struct host_answer *answer)
{
	(void)request;
	end_server(agent, &answer->stopped);
	return 0;
}

static int (*const orders[])(struct agent *agent, const struct host_request *request,
			     struct host_answer *answer) = {
	[HOST_DESCRIBE] = describe,  [HOST_START] = start,	  [HOST_LOOK] = look,
	[HOST_SAMPLE] = sample,	     [HOST_MEMORY] = read_memory, [HOST_STOP] = stop,
	[HOST_GROUPS] = tell_groups,
};

static int greet(int to, struct error *error)
{
	char line[64], build[17];
	int length;

	if (!catalogue_hash_build("/proc/self/exe", build))
		return error_set(error, "cannot read its own program: %s", strerror(errno));
	length = snprintf(line, sizeof line, "%s%s\n", HOST_GREETING, build);
	return host_send(to, line, (size_t)length, clock_now_ns() + SEND_NS);
}

int server_agent_run(int from, int to, struct error *error)
{
	struct agent *agent = calloc(1, sizeof *agent);
	struct host_request *request = calloc(1, sizeof *request);
	struct host_answer *answer = calloc(1, sizeof *answer);
	int result = agent && request && answer ? paths_find(&agent->paths, error) : -ENOMEM;

	signal(SIGPIPE, SIG_IGN);
	if (agent)
		agent->port_fd = -1;
	if (result == 0)
		result = greet(to, error);
	while (result == 0 && host_receive(from, request, sizeof *request,
					   clock_now_ns() + HOST_SILENCE_NS) == 0) {
		memset(answer, 0, sizeof *answer);
		close_port(agent);
		answer->result = (size_t)request->order < sizeof orders / sizeof *orders
					 ? orders[request->order](agent, request, answer)
					 : -EINVAL;
		if (host_send(to, answer, sizeof *answer, clock_now_ns() + SEND_NS) < 0)
			break;
	}
	if (agent && answer)
		end_server(agent, &answer->stopped);
	if (agent && agent->has_groups)
		memory_groups_close(&agent->groups);
	if (agent)
		catalogue_destroy(&agent->catalogue);
	free(agent);
	free(request);
	free(answer);
	return result;
}
