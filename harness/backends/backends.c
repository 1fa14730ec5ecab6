#include "harness/backends/backends.h"

#include "harness/backends/parts.h"
#include "harness/machine/cores.h"
#include "lib/clock.h"

#include <string.h>

#define STOP_NS (5 * NS_PER_S)

static const struct {
	char *(*missing)(const struct catalogue *catalogue);
	int (*start)(const struct backends *backends, struct backend *backend, struct error *error);
	enum server_setting setting; /* where it is */
} kinds[BACKENDS] = {
	[BACKEND_POSTGRESQL] = {postgresql_missing, postgresql_start, SETTING_DATABASE},
	[BACKEND_DELAY] = {delay_missing, delay_start, SETTING_BACKEND},
};

static const struct server_process absent = {.process = {.pidfd = -1, .stderr_fd = -1}};

void backends_init(struct backends *backends, const struct catalogue *catalogue,
		   const cpu_set_t *cores, unsigned connections)
{
	*backends = (struct backends){
		.catalogue = catalogue, .cores = *cores, .connections = connections};
	for (enum backend_kind kind = 0; kind < BACKENDS; kind++)
		backends->each[kind].server = absent;
}

char *backend_missing(enum backend_kind kind, const struct catalogue *catalogue)
{
	return kinds[kind].missing(catalogue);
}

/* Forgets one that has ended, or never began. */
static void clear(struct backend *backend)
{
	server_process_destroy(&backend->server);
	json_decref(backend->description);
	*backend = (struct backend){.server = absent, .began = backend->began};
}

static bool runs(struct backend *backend)
{
	return backend->server.process.pid > 0 && !process_wait(&backend->server.process, 0);
}

int backends_require(struct backends *backends, unsigned set, unsigned *revived,
		     struct error *error)
{
	int result = 0;

	if (revived)
		*revived = 0;
	for (enum backend_kind kind = 0; result == 0 && kind < BACKENDS; kind++) {
		struct backend *backend = &backends->each[kind];

		if (!(set & 1u << kind) || runs(backend))
			continue;
		if (backend->began) {
			clear(backend);
			if (revived)
				*revived |= 1u << kind;
		}
		result = kinds[kind].start(backends, backend, error);
		if (result < 0) {
			clear(backend);
			error_prefix(error, "%s", scenario_backend_name(kind));
		}
		backend->began = true;
	}
	return result;
}

void backends_set(const struct backends *backends, unsigned set, struct server_settings *settings)
{
	for (enum backend_kind kind = 0; kind < BACKENDS; kind++)
		server_settings_set(settings, kinds[kind].setting,
				    (set & 1u << kind) ? backends->each[kind].address : "");
}

json_t *backends_describe(const struct backends *backends)
{
	json_t *list = json_array(), *own;
	char cores[160];

	for (enum backend_kind kind = 0; kind < BACKENDS; kind++) {
		if (!backends->each[kind].description)
			continue;
		own = json_pack("{s:s, s:s}", "name", scenario_backend_name(kind), "cores",
				cores_format(&backends->cores, cores, sizeof cores));
		json_object_update(own, backends->each[kind].description);
		json_array_append_new(list, own);
	}
	return list;
}

void backends_stop(struct backends *backends)
{
	for (enum backend_kind kind = 0; kind < BACKENDS; kind++) {
		struct backend *backend = &backends->each[kind];

		if (backend->server.process.pid <= 0)
			continue;
		process_stop(&backend->server.process, STOP_NS);
		clear(backend);
	}
}
