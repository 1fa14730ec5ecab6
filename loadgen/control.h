/*
 * The thread that conducts a run: starts the workers, moves them from phase to phase, looks at
 * their counters every 100 ms, and sees when the server is gone or somebody interrupts.
 */
#ifndef TENK_CONTROL_H
#define TENK_CONTROL_H

#include "lib/error.h"
#include "loadgen/events.h"
#include "loadgen/live.h"
#include "loadgen/run.h"

/*
 * Runs the load that run->options, target and request describe and fills in the rest of `run`
 * (run->total is the caller's to free). SIGINT and SIGTERM end it early and orderly; they stay
 * blocked afterwards. In slices it takes its orders from options->slices_fd; if they make no sense, or
 * none comes any more, it ends orderly too, and run->halted says why. Returns 0 however the load went,
 * or -errno and a message if it could not begin.
 */
int control_run(struct run *run, struct events *events, struct live *live, struct error *error);

#endif
