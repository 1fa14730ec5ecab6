/* Sleeping, for tasks that block. */
#ifndef TENK_SLEEP_H
#define TENK_SLEEP_H

#include <stdint.h>

/* Keeps this thread so long, whatever signals come; never less. */
void sleep_for(uint64_t ns);

#endif
