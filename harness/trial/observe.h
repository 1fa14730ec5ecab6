/* A trial of a part that observes: one process of a program whose output is the observation. */
#ifndef TENK_TRIAL_OBSERVE_H
#define TENK_TRIAL_OBSERVE_H

#include "harness/trial/parts.h"

/*
 * Runs the trial's program to its end, on the server's cores, and keeps what it printed:
 *
 *   {"metrics": {"timer_first_ratio": 0.75}, "observed_order": {"timer io": 750, "io timer": 250},
 *    "versions": {"libuv": "1.44.2"}}
 *
 * `metrics` has to be there, with keys of harness/measure/metrics_programs.c; the others need not. One that
 * cannot observe here ends with exit code OBSERVE_NOT_HERE and a reason on stderr. The verdict is the trial's; there
 * is none if the person interrupts.
 */
void trial_observe(struct trial *trial);

enum { OBSERVE_NOT_HERE = 77 };

#endif
