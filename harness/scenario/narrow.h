/* What of a scenario one claim needs, for a run that measures nothing else. */
#ifndef TENK_SCENARIO_NARROW_H
#define TENK_SCENARIO_NARROW_H

#include "harness/scenario/scenario.h"

/* A claim, where it stands, and the cells that it is about. */
struct claim_scope {
	char *scenario, *part;
	json_t *claim;
	json_t *cells; /* each {"scenario", "part", "server", "point"} */
	const char *
		home; /* the scenario that keeps it: its own if that has a cell, else that of the first */
	bool slope; /* of its metrics one is a slope over connections, so all of these are needed */
};

/*
 * Looks in a scenario for the claim of that id. True with the needs set if it has one; destroy them then.
 * `metrics` are descriptors as scenario_read takes them.
 */
bool claim_scope_find(struct claim_scope *needs, const struct scenario *scenario, const char *id,
		      const json_t *metrics);
void claim_scope_destroy(struct claim_scope *needs);

/*
 * Takes out of a scenario all that the claim does not need: parts, servers, values of axes, other claims.
 * An axis along which the claim runs, or for which a cell has no value, and the connections of a ladder, stay
 * whole. The claim itself stays in one part. 0, or -ENOMEM.
 */
int scenario_narrow(struct scenario *scenario, const struct claim_scope *needs);

#endif
