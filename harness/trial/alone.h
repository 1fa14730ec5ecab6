/* How long a server takes for a request when there is no other. */
#ifndef TENK_TRIAL_ALONE_H
#define TENK_TRIAL_ALONE_H

#include "harness/scenario/scenario.h"

/*
 * What the work of a load (its cpu_ns) takes in this server, in nanoseconds: the median of a few requests for
 * it, alone, less that of as many for /plaintext. NAN if they are not answered.
 */
double trial_work_alone_ns(const char *host, uint16_t port, const struct load *load);

#endif
