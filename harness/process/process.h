/*
 * Child processes that leave nothing behind: each dies with tenk, is pinned before it runs, and
 * is waited for by descriptor, so that a wait always has an end.
 */
#ifndef TENK_PROCESS_H
#define TENK_PROCESS_H

#include "harness/process/guard.h"
#include "harness/process/kept_program.h"
#include "lib/error.h"

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

struct process {
	pid_t pid;	/* 0: not running */
	pid_t main_pid; /* of what was started: pid, or the child of its guard */
	int pidfd;
	int stderr_fd; /* what it wrote to stderr, in memory */
	bool was_stopped; /* by SIGSTOP or the like, as far as it was looked for; not of one behind a guard */
	/* Once it has ended: */
	bool ended;
	int exit_code; /* -1: ended by a signal */
	int signal;
	struct rusage usage;
};

/* Where it is to run; NULL: as we are. */
struct process_place {
	const cpu_set_t *cores;
	const char *group_entry; /* the file to write "0" into, to enter a control group */
};

struct process_options {
	char *const *arguments; /* [0] is the executable's path; ends with NULL */
	const struct kept_program
		*kept; /* which that is, also when another has its path; NULL: whatever is there */
	struct process_place place;
	int pass_fd;   /* becomes descriptor 3 of the child; -1: none */
	int output_fd; /* becomes its standard output; 0: that is /dev/null */
	/*
	 * NULL, or for a program of somebody else: it gets a guard, a session of its own, every
	 * descriptor we may have and no huge pages, as our own servers take for themselves.
	 */
	const struct guard_options *guard;
	char *const *environment; /* NULL: the small one */
	/* Whom it becomes, if we are root; 0: it stays who we are. */
	uid_t user;
	gid_t group;
};

/* The small environment, the same for all; ends with NULL. */
extern char *const process_environment[];

/*
 * Forks and prepares the child: own process group, killed when tenk dies, pinned, stdin (and stdout,
 * unless it is wanted) on /dev/null, the same small environment for all. 0 or -errno with a message.
 */
int process_spawn(struct process *process, const struct process_options *options,
		  struct error *error);

/* Notes whether it is stopped, or has been since it was looked for last: it must not have ended since. */
void process_look_for_stop(struct process *process);

/* Waits until it has ended or the time is up. True: ended, and reaped. */
bool process_wait(struct process *process, uint64_t timeout_ns);

/*
 * SIGTERM, up to grace_ns of patience, then SIGKILL for its whole group. Returns whether it had to
 * be killed. Does nothing if it has ended. For a guarded one, patience is the guard's, and grace_ns
 * how long the guard itself may take.
 */
bool process_stop(struct process *process, uint64_t grace_ns);

/* Copies the last bytes of what it wrote to stderr, NUL terminated. */
void process_stderr(const struct process *process, char *text, size_t size);

/* Closes what is held; the process must have ended. */
void process_destroy(struct process *process);

#endif
