#include "harness/machine/cores.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int parse_list(const char *text, const cpu_set_t *allowed, cpu_set_t *set,
		      struct error *error)
{
	const char *at = text;

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
						 "may use here",
						 core, text);
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

static void halve(const cpu_set_t *allowed, struct cores *cores)
{
	int count = CPU_COUNT(allowed), seen = 0;

	cores->shared = count < 2;
	for (int core = 0; core < CPU_SETSIZE; core++) {
		if (!CPU_ISSET(core, allowed))
			continue;
		if (cores->shared || seen < count / 2)
			CPU_SET(core, &cores->server);
		if (cores->shared || seen >= count / 2)
			CPU_SET(core, &cores->load);
		seen++;
	}
}

int cores_choose(struct cores *cores, const char *server, const char *load, struct error *error)
{
	cpu_set_t allowed, both;
	int result = 0;

	memset(cores, 0, sizeof *cores);
	if (sched_getaffinity(0, sizeof allowed, &allowed) < 0)
		return error_set(error, "cannot tell which cores there are");
	halve(&allowed, cores);
	if (server)
		result = parse_list(server, &allowed, &cores->server, error);
	if (result == 0 && load)
		result = parse_list(load, &allowed, &cores->load, error);
	if (result < 0)
		return result;
	CPU_AND(&both, &cores->server, &cores->load);
	if (CPU_COUNT(&both) && !cores->shared)
		return error_set(error, "server and generator would share a core: give each its "
					"own with --server-cores and --load-cores");
	return 0;
}

void cores_first(const cpu_set_t *set, unsigned count, cpu_set_t *first)
{
	*first = *set;
	for (int core = CPU_SETSIZE; core-- > 0;)
		if (count > 0 && CPU_ISSET(core, first) && CPU_COUNT(first) > (int)count)
			CPU_CLR(core, first);
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
	return json_pack("{s:o, s:o, s:b}", "server", list(&cores->server), "load",
			 list(&cores->load), "shared", cores->shared);
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
	cores->shared = json_is_true(json_object_get(json, "shared"));
	if (sched_getaffinity(0, sizeof allowed, &allowed) < 0)
		return error_set(error, "cannot tell which cores there are");
	CPU_OR(&wanted, &cores->server, &cores->load);
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
