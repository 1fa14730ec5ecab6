/* The machine on which the servers run: that of the command line, else the one that scenarios name, else this one. */
#include "harness/run/parts.h"

#include "harness/machine/environment.h"
#include "lib/clock.h"
#include "lib/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GROUPS_NS (10 * NS_PER_S)

bool run_has_server_host(const struct run *run)
{
	return *run->host.name != '\0';
}

/* One run has one machine for its servers: figures of two are not comparable. */
static int find_name(struct run *run, const struct run_request *request, const char **name,
		     struct error *error)
{
	*name = NULL;
	for (size_t i = 0; i < run->scenario_count; i++)
		for (size_t j = 0; j < run->scenarios[i].part_count; j++) {
			struct load *load = &run->scenarios[i].parts[j].load;

			if (request->server_host &&
			    snprintf(load->server_host, sizeof load->server_host, "%s",
				     request->server_host) >= (int)sizeof load->server_host)
				return error_set(error, "--server-host: the name is too long");
			if ((i > 0 || j > 0) && strcmp(*name, load->server_host) != 0)
				return error_set(error,
						 "part \"%s\" has its servers on %s, and others on "
						 "%s: a run has all of them on one machine",
						 run->scenarios[i].parts[j].name,
						 *load->server_host ? load->server_host
								    : "this machine",
						 **name ? *name : "this machine");
			*name = load->server_host;
		}
	return 0;
}

/* What is not there yet: files and backends are made here, and other people's servers listen on loopback. */
static int check_part(const struct run *run, const struct scenario_part *part, struct error *error)
{
	if (part->observes)
		return error_set(error,
				 "part \"%s\" runs programs that observe themselves, which is done "
				 "on this machine only: leave out --server-host",
				 part->name);
	if (part->backends || part->file_count > 0)
		return error_set(error,
				 "part \"%s\" needs %s, which tenk makes on this machine only: its "
				 "servers cannot be on another one",
				 part->name, part->backends ? "a backend" : "files");
	for (size_t i = 0; i < part->server_count; i++) {
		const struct server_entry *entry = catalogue_find(&run->catalogue,
								  part->servers[i]);

		if (entry && (!server_entry_is_own(entry) || entry->label))
			return error_set(
				error,
				"%s cannot be measured on another machine: only tenk's own servers "
				"of this build listen for others, say --servers models",
				part->servers[i]);
	}
	return 0;
}

static uint64_t lower(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t sum(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* What both ends take together the machines have together; a process is on one; threads and cores are the server's. */
static void join_limits(struct run *run)
{
	struct machine_limits *limits = &run->limits;
	const struct machine_limits *there = &run->host.limits;

	limits->descriptors = lower(limits->descriptors, there->descriptors);
	limits->memory_bytes = sum(limits->memory_bytes, there->memory_bytes);
	limits->files = sum(limits->files, there->files);
	limits->threads = there->threads;
	limits->threads_by = there->threads_by;
	limits->cores = there->cores;
}

/* Those that a run has which goes on; a new one chooses from what is there. */
static int check_cores(const struct run *run, struct error *error)
{
	cpu_set_t both;

	CPU_AND(&both, &run->cores.server, &run->host.cores);
	if (!run->cores.apart || CPU_EQUAL(&both, &run->cores.server))
		return 0;
	return error_set(error, "the run's cores are not all ones that tenk may use on %s now",
			 run->host.name);
}

int run_choose_server_host(struct run *run, const struct run_request *request, struct error *error)
{
	const char *name;
	int result = find_name(run, request, &name, error);

	if (result < 0 || !name || !*name)
		return result;
	result = server_host_name(&run->host, name, error);
	for (size_t i = 0; i < run->scenario_count && result == 0; i++)
		for (size_t j = 0; j < run->scenarios[i].part_count && result == 0; j++)
			result = check_part(run, &run->scenarios[i].parts[j], error);
	if (result == 0 && json_is_string(json_object_get(run->json, "server_folder")))
		result = error_set(error,
				   "--server-dir names a folder of this machine: its servers "
				   "cannot be measured on another one");
	if (result == 0)
		result = server_host_reach(&run->host, error);
	if (result == 0)
		result = check_cores(run, error);
	if (result < 0)
		return result;
	join_limits(run);
	return 0;
}

/* Of that machine what a person would ask for, and what tells it from others. */
static json_t *describe_host(const struct run *run)
{
	static const char *const keys[] = {"kernel", "os", "cpu_model", "cores_online",
					   "memory_bytes"};
	json_t *host = json_pack("{s:s, s:s}", "host", run->host.name, "all",
				 json_string_of(run->host.environment, "fingerprint"));

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		json_object_set(host, keys[i], json_object_get(run->host.environment, keys[i]));
	return host;
}

json_t *run_environment(const struct run *run)
{
	json_t *environment = environment_read();
	char fingerprint[17];

	if (!environment || !run_has_server_host(run))
		return environment;
	json_object_set_new(environment, "server_machine", describe_host(run));
	if (environment_fingerprint(environment, fingerprint) == 0)
		json_object_set_new(environment, "fingerprint", json_string(fingerprint));
	return environment;
}

void run_describe_memory_there(struct run *run)
{
	const struct host_request request = {.order = HOST_GROUPS};
	struct host_answer *answer = calloc(1, sizeof *answer);

	if (answer && run_has_server_host(run) &&
	    server_host_ask(&run->host, &request, answer, GROUPS_NS) == 0)
		json_object_set_new(run->json, "memory_source",
				    json_pack("{s:s, s:s?}", "name",
					      memory_source_name(answer->groups.source), "why",
					      *answer->groups.why ? answer->groups.why : NULL));
	free(answer);
}
