#include "servers/core/tasks/database/database_gate.h"

#include <stdatomic.h>

bool database_gate_pass(struct database_gate *gate, uint64_t now_ns)
{
	uint64_t until_ns = atomic_load(&gate->shut_until_ns), pause_ns, longer_ns;

	if (until_ns == 0)
		return true;
	if (now_ns < until_ns)
		return false;
	pause_ns = atomic_load(&gate->pause_ns);
	if (!atomic_compare_exchange_strong(&gate->shut_until_ns, &until_ns, now_ns + pause_ns))
		return until_ns == 0; /* somebody else goes, or has just been let in */
	longer_ns = 2 * pause_ns;
	atomic_store(&gate->pause_ns,
		     longer_ns < DATABASE_RETRY_MOST_NS ? longer_ns : DATABASE_RETRY_MOST_NS);
	return true;
}

bool database_gate_failed(struct database_gate *gate, uint64_t now_ns)
{
	uint64_t open = 0;

	if (atomic_load(&gate->shut_until_ns) != 0)
		return false;
	atomic_store(&gate->pause_ns, 2 * DATABASE_RETRY_FIRST_NS);
	return atomic_compare_exchange_strong(&gate->shut_until_ns, &open,
					      now_ns + DATABASE_RETRY_FIRST_NS);
}

bool database_gate_succeeded(struct database_gate *gate)
{
	return atomic_exchange(&gate->shut_until_ns, 0) != 0;
}
