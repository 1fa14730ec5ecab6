/* What a trial takes of the machine and of its model, before it is tried. */
#include "harness/trial.h"

#include "harness/load_process.h"

#include <stdio.h>
#include <string.h>

/* A connection's in the kernel, at both ends; and what a thread has beside it. */
enum { BYTES_BOTH_ENDS = 9000, BYTES_OF_THREAD = 40000 };

enum trial_hold trial_fits(const struct planned_trial *planned, const struct catalogue *catalogue,
			   const struct doctor_limits *limits, char *reason, size_t size)
{
	const struct server_entry *entry = catalogue_find(catalogue, planned->server);
	uint64_t connections = planned->load.connections;
	uint64_t most = entry ? server_entry_max_connections(entry) : UINT64_MAX;
	bool thread_each = entry && server_entry_has_trait(entry, "blocking");
	struct doctor_demand demand = {
		.connections = connections,
		.descriptor_tables = entry ? server_entry_descriptor_tables(entry) : 1,
		.source_addresses = entry && strchr(entry->host, ':') ? 1 : LOAD_SOURCES,
		.memory_bytes = connections *
				(BYTES_BOTH_ENDS + (thread_each ? BYTES_OF_THREAD : 0)),
		.server_threads = !thread_each	       ? 0
				  : connections < most ? connections
						       : most,
	};

	if (!doctor_limits_allow(limits, &demand, reason, size))
		return TRIAL_BEYOND_MACHINE;
	if (connections <= most)
		return TRIAL_FITS;
	snprintf(reason, size,
		 "this model serves %llu connections at once; the others would wait "
		 "until one of them closes, or be refused",
		 (unsigned long long)most);
	return TRIAL_BEYOND_MODEL;
}

bool trial_has_many_sources(const struct planned_trial *planned, const struct doctor_limits *limits,
			    const char *host)
{
	return planned->load.connections > limits->ports / 2 && !strchr(host, ':');
}
