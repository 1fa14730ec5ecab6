#include "harness/machine/cores.h"

#include <errno.h>
#include <hwloc.h>
#include <hwloc/glibc-sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int parse_list(const char *text, const cpu_set_t *allowed, cpu_set_t *set,
		      struct error *error)
{
	const char *at = text;
	char usable[160];

	CPU_ZERO(set);
	do {
		char *end;
		unsigned long first = strtoul(at, &end, 10), last = first;

		if (end == at)
			break;
		if (*end == '-') {
			at = end + 1;
			last = strtoul(at, &end, 10);
			if (end == at || last < first)
				break;
		}
		for (unsigned long core = first; core <= last; core++) {
			if (core >= CPU_SETSIZE || !CPU_ISSET(core, allowed))
				return error_set(error,
						 "core %lu of \"%s\" is not one that tenk "
						 "may use here: it may use %s",
						 core, text,
						 cores_format(allowed, usable, sizeof usable));
			CPU_SET(core, set);
		}
		if (!*end)
			return 0;
		if (*end != ',')
			break;
		at = end + 1;
	} while (true);
	return error_set(error, "\"%s\" is no list of cores; write for instance 0 or 0-1,4", text);
}

static cpu_set_t to_set(hwloc_topology_t topology, hwloc_const_cpuset_t cpus)
{
	cpu_set_t set;

	if (hwloc_cpuset_to_glibc_sched_affinity(topology, cpus, &set, sizeof set) < 0)
		CPU_ZERO(&set);
	return set;
}

static unsigned count_kind(hwloc_topology_t topology, hwloc_obj_type_t kind)
{
	int count = hwloc_get_nbobjs_by_type(topology, kind);

	return count > 0 ? (unsigned)count : 0;
}

/*
 * The first half of what there is of one kind goes to the server. Threads of one physical core share
 * what computes, so whole cores are dealt out, as long as there are two.
 */
static void halve(hwloc_topology_t topology, struct cores *cores)
{
	hwloc_obj_type_t kind = count_kind(topology, HWLOC_OBJ_CORE) >= 2 ? HWLOC_OBJ_CORE
									  : HWLOC_OBJ_PU;
	unsigned count = count_kind(topology, kind);

	cores->shared = count < 2;
	for (unsigned i = 0; i < count; i++) {
		cpu_set_t one = to_set(topology, hwloc_get_obj_by_type(topology, kind, i)->cpuset);

		if (cores->shared || i < count / 2)
			CPU_OR(&cores->server, &cores->server, &one);
		if (cores->shared || i >= count / 2)
			CPU_OR(&cores->load, &cores->load, &one);
	}
}

/* What is left of all beside one set; without the threads of its physical cores, if that is anything. */
static cpu_set_t left_beside(hwloc_topology_t topology, const cpu_set_t *allowed,
			     const cpu_set_t *set)
{
	cpu_set_t left, apart, both;

	CPU_XOR(&left, allowed, set);
	apart = left;
	for (unsigned i = 0; i < count_kind(topology, HWLOC_OBJ_CORE); i++) {
		cpu_set_t core = to_set(topology,
					hwloc_get_obj_by_type(topology, HWLOC_OBJ_CORE, i)->cpuset);

		CPU_AND(&both, &core, set);
		if (CPU_COUNT(&both) == 0)
			continue;
		CPU_AND(&both, &core, &apart);
		CPU_XOR(&apart, &apart, &both);
	}
	return CPU_COUNT(&apart) ? apart : left;
}

/* Whether a thread that serves and one that loads are of the same physical core. */
static bool are_siblings(hwloc_topology_t topology, const struct cores *cores)
{
	for (unsigned i = 0; i < count_kind(topology, HWLOC_OBJ_CORE); i++) {
		cpu_set_t core = to_set(topology,
					hwloc_get_obj_by_type(topology, HWLOC_OBJ_CORE, i)->cpuset),
			  server, load;

		CPU_AND(&server, &core, &cores->server);
		CPU_AND(&load, &core, &cores->load);
		if (CPU_COUNT(&server) && CPU_COUNT(&load))
			return true;
	}
	return false;
}

int cores_choose_of(struct hwloc_topology *topology, struct cores *cores, const char *server,
		    const char *load, struct error *error)
{
	cpu_set_t allowed = to_set(topology, hwloc_topology_get_topology_cpuset(topology)), both;
	int result = 0;

	memset(cores, 0, sizeof *cores);
	halve(topology, cores);
	if (server)
		result = parse_list(server, &allowed, &cores->server, error);
	if (result == 0 && load)
		result = parse_list(load, &allowed, &cores->load, error);
	if (result < 0)
		return result;
	if (server && !load && !cores->shared)
		cores->load = left_beside(topology, &allowed, &cores->server);
	if (load && !server && !cores->shared)
		cores->server = left_beside(topology, &allowed, &cores->load);
	if (CPU_COUNT(&cores->load) == 0 || CPU_COUNT(&cores->server) == 0)
		return error_set(error,
				 "\"%s\" are all cores that there are: leave the %s at least one",
				 server ? server : load, server ? "generator" : "server");
	CPU_AND(&both, &cores->server, &cores->load);
	if (CPU_COUNT(&both) && !cores->shared)
		return error_set(error, "server and generator would share a core: give each its "
					"own with --server-cores and --load-cores");
	cores->unknown = !cores->shared && count_kind(topology, HWLOC_OBJ_CORE) == 0;
	cores->siblings = !cores->shared && are_siblings(topology, cores);
	return 0;
}

/* A third of the physical cores for each side; the backends have what remains. */
static void deal_thirds(hwloc_topology_t topology, struct cores *cores)
{
	unsigned count = count_kind(topology, HWLOC_OBJ_CORE), third = count / 3;

	CPU_ZERO(&cores->server);
	CPU_ZERO(&cores->load);
	for (unsigned i = 0; i < count; i++) {
		cpu_set_t one = to_set(topology,
				       hwloc_get_obj_by_type(topology, HWLOC_OBJ_CORE, i)->cpuset);
		cpu_set_t *side = i < third	  ? &cores->server
				  : i < 2 * third ? &cores->load
						  : &cores->backend;

		CPU_OR(side, side, &one);
	}
}

int cores_choose_backend_of(struct hwloc_topology *topology, struct cores *cores,
			    const char *backend, bool dealt, struct error *error)
{
	cpu_set_t allowed = to_set(topology, hwloc_topology_get_topology_cpuset(topology));
	cpu_set_t taken, both;

	CPU_ZERO(&cores->backend);
	CPU_OR(&taken, &cores->server, &cores->load);
	if (backend) {
		if (parse_list(backend, &allowed, &cores->backend, error) < 0)
			return -EINVAL;
		CPU_AND(&both, &cores->backend, &taken);
		if (!cores->shared && CPU_COUNT(&both) > 0)
			return error_set(
				error, "backends would share a core with server or generator: give "
				       "each its own with --server-cores, --load-cores and "
				       "--backend-cores");
	} else if (dealt && count_kind(topology, HWLOC_OBJ_CORE) >= 3) {
		deal_thirds(topology, cores);
	} else {
		cores->backend = left_beside(topology, &allowed, &taken);
	}
	if (CPU_COUNT(&cores->backend) == 0)
		cores->backend = cores->load;
	return 0;
}

bool cores_backend_apart(const struct cores *cores)
{
	return CPU_COUNT(&cores->backend) > 0 && !CPU_EQUAL(&cores->backend, &cores->load);
}

/* Which cores are hardware threads of the same physical one; NULL if that cannot be told. */
static hwloc_topology_t load_topology(unsigned long flags)
{
	hwloc_topology_t topology;

	setenv("HWLOC_HIDE_ERRORS", "2", 0); /* what it cannot tell is told by who asks */
	if (hwloc_topology_init(&topology) < 0)
		return NULL;
	/*
	 * Asking each processor itself would mean to run on it: what Linux says of them is enough. Where processors
	 * are none of x86 there is nobody to leave out, which is no failure.
	 */
	hwloc_topology_set_components(topology, HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST, "x86");
	if (hwloc_topology_set_flags(topology, HWLOC_TOPOLOGY_FLAG_IS_THISSYSTEM | flags) == 0 &&
	    hwloc_topology_set_all_types_filter(topology, HWLOC_TYPE_FILTER_KEEP_NONE) == 0 &&
	    hwloc_topology_set_type_filter(topology, HWLOC_OBJ_CORE, HWLOC_TYPE_FILTER_KEEP_ALL) ==
		    0 &&
	    hwloc_topology_load(topology) == 0)
		return topology;
	hwloc_topology_destroy(topology);
	return NULL;
}

int cores_choose(struct cores *cores, const char *server, const char *load, struct error *error)
{
	hwloc_topology_t topology = load_topology(HWLOC_TOPOLOGY_FLAG_RESTRICT_TO_CPUBINDING);
	int result;

	if (!topology)
		return error_set(error, "cannot tell which cores there are");
	result = cores_choose_of(topology, cores, server, load, error);
	hwloc_topology_destroy(topology);
	return result;
}

int cores_choose_apart(struct cores *cores, const cpu_set_t *there, const char *server,
		       const char *load, struct error *error)
{
	cpu_set_t here;
	int first, last, result = 0;

	memset(cores, 0, sizeof *cores);
	cores->apart = true;
	cores_allowed(&here, &first, &last);
	cores->server = *there;
	cores->load = here;
	if (server)
		result = parse_list(server, there, &cores->server, error);
	if (result == 0 && load)
		result = parse_list(load, &here, &cores->load, error);
	return result;
}

int cores_choose_backend(struct cores *cores, const char *backend, bool dealt, struct error *error)
{
	hwloc_topology_t topology = load_topology(HWLOC_TOPOLOGY_FLAG_RESTRICT_TO_CPUBINDING);
	int result;

	if (!topology)
		return error_set(error, "cannot tell which cores there are");
	result = cores_choose_backend_of(topology, cores, backend, dealt, error);
	hwloc_topology_destroy(topology);
	return result;
}

/* The one with this number, from 0, of those of a physical core that are in the set; -1: it has fewer. */
static int hardware_thread(const cpu_set_t *core, const cpu_set_t *set, unsigned number)
{
	cpu_set_t both;

	CPU_AND(&both, core, set);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &both) && number-- == 0)
			return cpu;
	return -1;
}

/* Rounds: the first hardware thread of each physical core, then the second of each. */
void cores_first_of(struct hwloc_topology *topology, const cpu_set_t *set, unsigned count,
		    cpu_set_t *first)
{
	bool any = true;

	CPU_ZERO(first);
	for (unsigned round = 0; any && (unsigned)CPU_COUNT(first) < count; round++) {
		any = false;
		for (unsigned i = 0; i < count_kind(topology, HWLOC_OBJ_CORE); i++) {
			cpu_set_t core =
				to_set(topology,
				       hwloc_get_obj_by_type(topology, HWLOC_OBJ_CORE, i)->cpuset);
			int cpu = hardware_thread(&core, set, round);

			any |= cpu >= 0;
			if (cpu >= 0 && (unsigned)CPU_COUNT(first) < count)
				CPU_SET(cpu, first);
		}
	}
	/* What is known of no core: by number. */
	for (int cpu = 0; cpu < CPU_SETSIZE && (unsigned)CPU_COUNT(first) < count; cpu++)
		if (CPU_ISSET(cpu, set))
			CPU_SET(cpu, first);
}

void cores_first(const cpu_set_t *set, unsigned count, cpu_set_t *first)
{
	hwloc_topology_t topology;

	*first = *set;
	if (count == 0 || count >= (unsigned)CPU_COUNT(set))
		return;
	topology = load_topology(0); /* the set need not be where we are ourselves */
	if (!topology)
		return;
	cores_first_of(topology, set, count, first);
	hwloc_topology_destroy(topology);
}

unsigned cores_count_first(const cpu_set_t *set, uint64_t count)
{
	unsigned all = (unsigned)CPU_COUNT(set);

	return count > 0 && count < all ? (unsigned)count : all;
}

static json_t *list(const cpu_set_t *set)
{
	json_t *array = json_array();

	for (int core = 0; core < CPU_SETSIZE; core++)
		if (CPU_ISSET(core, set))
			json_array_append_new(array, json_integer(core));
	return array;
}

json_t *cores_to_json(const struct cores *cores)
{
	json_t *json = json_pack("{s:o, s:o, s:b, s:b}", "server", list(&cores->server), "load",
				 list(&cores->load), "shared", cores->shared, "siblings",
				 cores->siblings);

	if (cores->apart)
		json_object_set_new(json, "apart", json_true());
	if (CPU_COUNT(&cores->backend) > 0)
		json_object_set_new(json, "backend", list(&cores->backend));
	return json;
}

static void list_to_set(const json_t *array, cpu_set_t *set)
{
	const json_t *core;
	size_t i;

	CPU_ZERO(set);
	json_array_foreach(array, i, core) if (json_integer_value(core) >= 0 &&
					       json_integer_value(core) < CPU_SETSIZE)
		CPU_SET((int)json_integer_value(core), set);
}

int cores_from_json(struct cores *cores, const json_t *json, struct error *error)
{
	cpu_set_t allowed, wanted, there;

	list_to_set(json_object_get(json, "server"), &cores->server);
	list_to_set(json_object_get(json, "load"), &cores->load);
	list_to_set(json_object_get(json, "backend"), &cores->backend);
	cores->shared = json_is_true(json_object_get(json, "shared"));
	cores->siblings = json_is_true(json_object_get(json, "siblings"));
	cores->apart = json_is_true(json_object_get(json, "apart"));
	if (sched_getaffinity(0, sizeof allowed, &allowed) < 0)
		return error_set(error, "cannot tell which cores there are");
	CPU_OR(&wanted, &cores->load, &cores->backend);
	if (!cores->apart)
		CPU_OR(&wanted, &wanted, &cores->server);
	CPU_AND(&there, &wanted, &allowed);
	if (!CPU_COUNT(&cores->server) || !CPU_COUNT(&cores->load) || !CPU_EQUAL(&there, &wanted))
		return error_set(error, "the run's cores are not all ones that tenk may use now");
	return 0;
}

char *cores_format(const cpu_set_t *set, char *text, size_t size)
{
	size_t length = 0;

	text[0] = '\0';
	for (int core = 0; core < CPU_SETSIZE && length < size; core++) {
		int last = core;

		if (!CPU_ISSET(core, set))
			continue;
		while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, set))
			last++;
		length += (size_t)snprintf(text + length, size - length,
					   last > core ? "%s%d-%d" : "%s%d", length ? "," : "",
					   core, last);
		core = last;
	}
	return text;
}

unsigned cores_allowed(cpu_set_t *allowed, int *first, int *last)
{
	unsigned count = 0;

	*first = *last = -1;
	if (sched_getaffinity(0, sizeof *allowed, allowed) < 0)
		CPU_ZERO(allowed);
	for (int core = 0; core < CPU_SETSIZE; core++)
		if (CPU_ISSET(core, allowed)) {
			*first = *first < 0 ? core : *first;
			*last = core;
			count++;
		}
	return count;
}
