/* What of scenarios some claims need, for a run that measures nothing else. */
#ifndef TENK_SCENARIO_NARROW_H
#define TENK_SCENARIO_NARROW_H

#include "harness/scenario/scenario.h"

/* Claims, where they stand, and the cells that they are about. All zero: of none. */
struct claim_scope {
	/*
	 * Each {"scenario", "part", "home", "claim"}. The home is the scenario that keeps it: its own if that
	 * has a cell, or if the claim has none at all, else that of the first.
	 */
	json_t *claims;
	/*
	 * Each {"scenario", "part", "server", "point", "along", "slope"}: along which axis its claim runs, and
	 * whether one of its metrics is a slope over connections, so that all of these are needed.
	 */
	json_t *cells;
};

/*
 * Adds what a scenario's claim of that id needs, or with NULL all of its claims. How many there were, or
 * -ENOMEM. `metrics` are descriptors as scenario_read takes them. Destroy the scope in any case.
 */
long claim_scope_add(struct claim_scope *scope, const struct scenario *scenario, const char *id,
		     const json_t *metrics);
void claim_scope_destroy(struct claim_scope *scope);

/*
 * Takes out of a scenario all that the claims do not need: parts, servers, values of axes, other claims.
 * An axis along which a claim runs, or for which a cell has no value, and the connections of a ladder, stay
 * whole in the part of its cells. A claim itself stays in one part. 0, or -ENOMEM.
 */
int scenario_narrow(struct scenario *scenario, const struct claim_scope *scope);

#endif
