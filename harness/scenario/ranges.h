/* How far the numbers of a load may go, fixed or varied. */
#ifndef TENK_SCENARIO_RANGES_H
#define TENK_SCENARIO_RANGES_H

#include "lib/clock.h"

#define CONNECTIONS_HIGHEST 2e6
#define RATE_LOWEST	    0.1 /* one request in ten seconds */
#define RATE_HIGHEST	    1e8
#define BODY_HIGHEST	    1073741824.0 /* 1 GiB */
#define WAIT_HIGHEST_NS	    (60.0 * NS_PER_S)
#define CPU_LOWEST_NS	    (1.0 * NS_PER_US)
#define CPU_HIGHEST_NS	    (10.0 * NS_PER_S) /* well below XORSHIFT_MOST */
#define SHARE_HIGHEST	    1000	      /* per cent */
#define ACTIVE_HIGHEST	    100		      /* per cent */
#define PIPELINING_HIGHEST  1000	      /* as tenk-load takes */
#define DATABASE_HIGHEST    1000	      /* connections */
#define CORES_HIGHEST	    1024
#define PROGRAM_LOWEST_NS   (10.0 * NS_PER_MS)
#define PROGRAM_HIGHEST_NS  (3600.0 * NS_PER_S) /* of one that observes itself */
#define THREADS_HIGHEST	    4096		/* of a server: as many as ours take */

#endif
