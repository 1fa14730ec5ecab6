/*
 * Programs that servers ask while they are measured: a database, a server that delays its answers. The
 * harness starts them before the first trial that needs them, keeps them running, and ends them with
 * the run, however that ends. What they cost is told apart from what servers cost.
 *
 * A kind is one row of a table (backends.c) and one file.
 */
#ifndef TENK_BACKENDS_H
#define TENK_BACKENDS_H

#include "harness/catalogue/catalogue.h"
#include "harness/catalogue/settings.h"
#include "harness/scenario/scenario.h"
#include "harness/trial/server_process.h"

#include <sched.h>

struct backend {
	struct server_process server;
	bool began;		     /* it was started once */
	char address[SETTING_BYTES]; /* as servers are told where it is */
	json_t *description;	     /* its row in run.json; NULL: it was not started */
};

struct backends {
	const struct catalogue *catalogue; /* borrowed; for the one that is a server of ours */
	cpu_set_t cores;		   /* where they run */
	unsigned connections; /* that a database must hold, of all servers side by side */
	struct backend each[BACKENDS];
};

/* None runs yet. */
void backends_init(struct backends *backends, const struct catalogue *catalogue,
		   const cpu_set_t *cores, unsigned connections);

/*
 * Why it cannot be run here, and the command that helps: "PostgreSQL is not installed (...)"; allocated.
 * NULL: it can.
 */
char *backend_missing(enum backend_kind kind, const struct catalogue *catalogue);

/*
 * Has all of a set (1 << enum backend_kind) run, and those that had ended run again: these are in *revived,
 * if it is not NULL. 0, -EINTR on Ctrl-C, or -errno with a message.
 */
int backends_require(struct backends *backends, unsigned set, unsigned *revived,
		     struct error *error);

/* Tells servers where those of a set are, and nothing of the others. */
void backends_set(const struct backends *backends, unsigned set, struct server_settings *settings);

/* What was started, for run.json. New reference. */
json_t *backends_describe(const struct backends *backends);

/* Ends them. */
void backends_stop(struct backends *backends);

#endif
