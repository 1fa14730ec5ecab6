/*
 * A process between tenk and a server that others wrote, so that nothing of that server is ever
 * left behind: whatever it starts, and however that detaches itself, ends with it.
 *
 * The guard adopts orphans (PR_SET_CHILD_SUBREAPER), so all that the server started is below it.
 * It stops the server on SIGTERM, which it also gets when tenk dies; it ends what is left when the
 * server ends by itself; then it ends in the same way as the server, with its resource usage.
 */
#ifndef TENK_GUARD_H
#define TENK_GUARD_H

#include <stdint.h>
#include <sys/types.h>

struct guard_options {
	uint64_t grace_ns;  /* from SIGTERM to SIGKILL */
	const char *folder; /* removed at the end; "": none */
	int stop_signal;    /* that the server ends upon; 0: SIGTERM */
};

/*
 * To be called in a child that `parent` has just forked. It becomes the guard and forks once more: this
 * returns in the new process, the leader of a session of its own, with the guard's pid. The
 * guard writes that process's pid to report_fd; it never returns.
 */
pid_t guard_start(const struct guard_options *options, int report_fd, pid_t parent);

#endif
