/* What a trial takes of the machine and of its model, before it is tried. */
#include "harness/trial/trial.h"

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

enum trial_hold trial_fits(const struct planned_trial *planned, const struct catalogue *catalogue,
			   const struct machine_limits *limits, unsigned server_cores,
			   struct limit_reached *reached)
{
	const struct server_entry *entry = catalogue_find(catalogue, planned->server);
	uint64_t connections = planned->load.connections;
	uint64_t most = entry ? server_entry_max_connections(entry) : UINT64_MAX;
	/* Threads of a pool are its workers, however many connections there are. */
	bool thread_each = entry && server_entry_has_trait(entry, "thread-each");
	struct machine_demand demand = {
		.connections = connections,
		.descriptor_tables = entry ? server_entry_descriptor_tables(entry, server_cores)
					   : 1,
		.source_addresses = entry && strchr(entry->host, ':') ? 1 : LOAD_SOURCES,
		.memory_bytes = connections *
				(BYTES_BOTH_ENDS + (thread_each ? BYTES_OF_THREAD : 0)),
		.server_threads = thread_each ? connections : 0,
	};

	*reached = (struct limit_reached){.name = ""};
	/* Its own limit first: no setting of the machine would lift it. */
	if (connections > most) {
		beyond_model(entry, most, reached);
		return TRIAL_BEYOND_MODEL;
	}
	if (demand.memory_bytes < planned->expected_bytes)
		demand.memory_bytes = planned->expected_bytes;
	if (!machine_limits_allow(limits, &demand, reached))
		return TRIAL_BEYOND_MACHINE;
	return TRIAL_FITS;
}

bool trial_has_many_sources(const struct planned_trial *planned,
			    const struct machine_limits *limits, const char *host)
{
	return planned->load.connections > limits->ports / 2 && !strchr(host, ':');
}
