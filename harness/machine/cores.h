/* Which cores serve and which load: lists such as "0-1,4", and a default that keeps them apart. */
#ifndef TENK_CORES_H
#define TENK_CORES_H

#include "lib/error.h"

#include <jansson.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cores {
	cpu_set_t server, load;
	cpu_set_t
		backend; /* of what servers ask; those of the generator if it has none of its own, else none */
	bool shared;   /* there is only one core for both */
	bool unknown;  /* which of them are hardware threads of one physical core */
	bool siblings; /* hardware threads of one physical core are on both sides */
	bool apart;    /* the server's are of another machine, by its numbers */
};

/*
 * Halves of the physical cores that this process may use, the first for the server, each with all
 * of its hardware threads; of a single core, halves of its threads. "server" and "load" (NULL: the
 * default) name others; if one is named, the other is what it leaves. Cores that are not there, or
 * that overlap, are an error.
 */
int cores_choose(struct cores *cores, const char *server, const char *load, struct error *error);

/*
 * The same where the server is on another machine with these cores: it has all of them, or those that are named, and the
 * generator all or those of this one.
 */
int cores_choose_apart(struct cores *cores, const cpu_set_t *there, const char *server,
		       const char *load, struct error *error);

/*
 * Finds cores for backends too, after those: of three physical cores and more each side gets a third, the
 * backends with what remains, if nobody has said what "server" and "load" get (`dealt`); else what these
 * leave. "backend" (NULL: the default) names others, apart from those. Where there are none they share
 * those of the generator.
 */
int cores_choose_backend(struct cores *cores, const char *backend, bool dealt, struct error *error);

/* Whether backends have cores of their own. */
bool cores_backend_apart(const struct cores *cores);

/* The same of a machine that hwloc describes (hwloc_topology_t, loaded). */
struct hwloc_topology;
int cores_choose_of(struct hwloc_topology *topology, struct cores *cores, const char *server,
		    const char *load, struct error *error);
int cores_choose_backend_of(struct hwloc_topology *topology, struct cores *cores,
			    const char *backend, bool dealt, struct error *error);

/*
 * The first `count` of a set, of different physical cores as long as there are such; all of it for 0.
 * cores_first_of: the same of a machine that hwloc describes, and not for 0.
 */
void cores_first(const cpu_set_t *set, unsigned count, cpu_set_t *first);
void cores_first_of(struct hwloc_topology *topology, const cpu_set_t *set, unsigned count,
		    cpu_set_t *first);

/* How many these are. */
unsigned cores_count_first(const cpu_set_t *set, uint64_t count);

/* {"server":[0],"load":[1],"shared":false}, "backend" if there is one, "apart" if it is so. New reference. */
json_t *cores_to_json(const struct cores *cores);

/* Back again; the cores must still be there. */
int cores_from_json(struct cores *cores, const json_t *json, struct error *error);

/* "0,2-3". Returns `text`. */
char *cores_format(const cpu_set_t *set, char *text, size_t size);

/* Cores that we may run on: how many, and the first and the last of them, or -1. */
unsigned cores_allowed(cpu_set_t *allowed, int *first, int *last);

#endif
