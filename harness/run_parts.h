/* Between the files that set up a run (run_*.c); nobody else includes this. */
#ifndef TENK_RUN_PARTS_H
#define TENK_RUN_PARTS_H

#include "harness/run.h"

/* Keeps a warning in run.json, from where it is shown. */
void run_warn(struct run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* run_setup.c: an empty run; paths, servers and limits; the order of trials. */
void run_clear(struct run *run);
int run_prepare(struct run *run, const char *server_folder, struct error *error);
int run_plan(struct run *run, uint64_t seed, struct error *error);

/* run_scenarios.c: reads what was asked for; puts --servers and --trials in place and checks. */
int run_read_scenarios(struct run *run, const struct run_request *request, struct error *error);
int run_resolve_servers(struct run *run, const struct run_request *request, struct error *error);

/* run_describe.c: fills run->json as it is before the first trial. 0 or -ENOMEM. */
int run_describe(struct run *run, const struct run_request *request, uint64_t seed);

/* The servers of the plan; their libraries are added to the environment. New reference. */
json_t *run_describe_servers(const struct run *run, json_t *environment);

#endif
