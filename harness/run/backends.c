/* What servers ask in a run: where it runs, and that it does. */
#include "harness/run/parts.h"

#include "harness/trial/trial.h"

#include <errno.h>

enum { CONNECTIONS_LEAST = 90 };

unsigned run_backends(const struct run *run)
{
	unsigned set = 0;

	for (size_t i = 0; i < run->scenario_count; i++)
		for (size_t j = 0; j < run->scenarios[i].part_count; j++)
			set |= run->scenarios[i].parts[j].backends;
	return set;
}

int run_place_backends(struct run *run, const struct run_request *request, struct error *error)
{
	int result;

	if (run_backends(run) == 0)
		return request->backend_cores
			       ? error_set(error, "--backend-cores: nothing of this run "
						  "has a backend")
			       : 0;
	result = cores_choose_backend(&run->cores, request->backend_cores,
				      !request->server_cores && !request->load_cores, error);
	if (result == 0 && !cores_backend_apart(&run->cores))
		run_warn(run,
			 "what servers ask (backends) has no core of its own here, and shares the "
			 "generator's: rates may be limited by that, and not by the server");
	return result;
}

/* So many connections to a database as all servers of a point may have side by side. */
static unsigned count_connections(const struct run *run)
{
	unsigned most = CONNECTIONS_LEAST;

	for (size_t i = 0; i < run->plan.count; i++) {
		const struct planned_trial *planned = &run->plan.trials[i];
		uint64_t all = planned->load.database_connections * planned->part->server_count;

		most = all > most ? (unsigned)all : most;
	}
	return most;
}

void run_init_backends(struct run *run)
{
	backends_init(&run->backends, &run->catalogue, &run->cores.backend, count_connections(run));
}

int run_require_backends(struct run *run, struct trial_context *context, unsigned set,
			 struct error *error)
{
	int result = backends_require(&run->backends, set, &context->revived, error);

	for (enum backend_kind kind = 0; kind < BACKENDS; kind++)
		context->backends[kind] = (set & 1u << kind) ? &run->backends.each[kind].server
							     : NULL;
	backends_set(&run->backends, set, &context->settings);
	context->backends_on_load = !cores_backend_apart(&run->cores);
	json_object_set_new(run->json, "backends", backends_describe(&run->backends));
	return result;
}
