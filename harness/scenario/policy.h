/*
 * A project's policy of its gate, read from YAML:
 *
 *   smallest-difference:
 *     server_cpu_per_request_ns: 3%
 *     total_per_connection_bytes: 64 B
 *   gate:
 *     - {scenario: gate, server: "epoll*"}
 *     - {scenario: memory, metric: total_per_connection_bytes}
 *   accepted:
 *     - metric: server_cpu_per_request_ns
 *       server: epoll
 *       up-to: 10%
 *       reason: bodies are checked now
 *       until: 2026-12-31
 *   budget: 8m
 *   inconclusive: fail
 *
 * Errors name file, line and column as those of a scenario do.
 */
#ifndef TENK_SCENARIO_POLICY_H
#define TENK_SCENARIO_POLICY_H

#include "lib/error.h"
#include "stored/comparison/policy.h"

/* Where a policy is looked for if none is named. */
#define POLICY_FILE "tenk.yaml"

/*
 * Reads a policy about `metrics`, their descriptors as in run.json, borrowed while it reads. 0, or -EINVAL
 * (wrong content), -ENOENT ... with the message to show. Destroy it in any case.
 */
int policy_read(struct policy *policy, const char *file, const json_t *metrics,
		struct error *error);

#endif
