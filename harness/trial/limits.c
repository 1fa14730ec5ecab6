/* What a trial takes of the machine and of its model, before it is tried. */
#include "harness/trial/trial.h"

#include "harness/trial/load_hosts.h"
#include "harness/trial/load_process.h"
#include "lib/units.h"

#include <stdio.h>
#include <string.h>

/* A connection's in the kernel, at both ends; and what a thread has beside it. */
enum { BYTES_BOTH_ENDS = 9000, BYTES_OF_THREAD = 40000 };

static void beyond_model(const struct server_entry *entry, uint64_t most,
			 struct limit_reached *reached)
{
	const char *by = server_entry_limited_by(entry);
	char most_text[32];

	reached->name = *by ? by : "the model";
	snprintf(reached->text, sizeof reached->text,
		 "this model serves %s connections at once%s%s; the others would wait until one "
		 "of them closes, or be refused",
		 units_format_count(most, most_text), *by ? ", limited by " : "", by);
	snprintf(reached->remedy, sizeof reached->remedy, "%s", server_entry_lifted_by(entry));
}

/* Of this machine there are as many as it likes on loopback alone, of others one each. */
static unsigned count_sources(const struct planned_trial *planned, const struct server_entry *entry)
{
	if (*planned->load.hosts)
		return load_hosts_count(planned->load.hosts);
	if (*planned->load.server_host || (entry && strchr(entry->host, ':')))
		return 1;
	return LOAD_SOURCES;
}

/* What the server and its generator need; connections are 0 if no such server is known. */
static struct machine_demand demand_of(const struct planned_trial *planned,
				       const struct server_entry *entry, unsigned server_cores)
{
	uint64_t connections = planned->load.connections;
	/* Threads of a pool are its workers, however many connections there are. */
	bool thread_each = entry && server_entry_has_trait(entry, "thread-each");

	return (struct machine_demand){
		.connections = connections,
		.descriptor_tables = entry ? server_entry_descriptor_tables(entry, server_cores)
					   : 1,
		.source_addresses = count_sources(planned, entry),
		.memory_bytes = connections *
				(BYTES_BOTH_ENDS + (thread_each ? BYTES_OF_THREAD : 0)),
		.server_threads = thread_each ? connections : 0,
	};
}

enum trial_hold trial_fits(const struct planned_trial *planned, const struct catalogue *catalogue,
			   const struct machine_limits *limits, unsigned server_cores,
			   struct limit_reached *reached)
{
	const struct server_entry *entry = catalogue_find(catalogue, planned->server);
	uint64_t most = entry ? server_entry_max_connections(entry) : UINT64_MAX;
	struct machine_demand demand = demand_of(planned, entry, server_cores);

	*reached = (struct limit_reached){.name = ""};
	/* Its own limit first: no setting of the machine would lift it. */
	if (demand.connections > most) {
		beyond_model(entry, most, reached);
		return TRIAL_BEYOND_MODEL;
	}
	if (demand.memory_bytes < planned->expected_bytes)
		demand.memory_bytes = planned->expected_bytes;
	if (!machine_limits_allow(limits, &demand, reached))
		return TRIAL_BEYOND_MACHINE;
	return TRIAL_FITS;
}

bool trial_block_fits(const struct planned_trial *planned, size_t count,
		      const struct catalogue *catalogue, const struct machine_limits *limits,
		      unsigned server_cores, struct limit_reached *reached)
{
	/* Descriptors and ports are each server's own, all else is shared. */
	struct machine_limits shared = *limits;
	struct machine_demand all = {0};

	shared.descriptors = shared.ports = UINT64_MAX;
	for (size_t i = 0; i < count; i++) {
		struct machine_demand one = demand_of(
			&planned[i], catalogue_find(catalogue, planned[i].server), server_cores);

		if (trial_fits(&planned[i], catalogue, limits, server_cores, reached) != TRIAL_FITS)
			continue;
		all.connections += one.connections;
		all.memory_bytes += one.memory_bytes;
		all.server_threads += one.server_threads;
	}
	*reached = (struct limit_reached){.name = ""};
	return machine_limits_allow(&shared, &all, reached);
}

bool trial_has_many_sources(const struct planned_trial *planned,
			    const struct machine_limits *limits, const char *host)
{
	return planned->load.connections > limits->ports / 2 && strncmp(host, "127.", 4) == 0;
}
