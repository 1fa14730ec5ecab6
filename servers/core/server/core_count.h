/* How many cores this process may run on: what models with several threads start by default. */
#ifndef TENK_CORE_COUNT_H
#define TENK_CORE_COUNT_H

/* By its affinity, at least 1. */
unsigned core_count(void);

#endif
