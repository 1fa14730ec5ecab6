/*
 * A run: what `tenk run` was asked for, resolved, planned and on its way to disk.
 *
 * setup.c makes it, from scenarios or from the folder of an interrupted run; runner.c carries
 * it out; command/run.c is what a person types.
 */
#ifndef TENK_RUN_H
#define TENK_RUN_H

#include "harness/backends/backends.h"
#include "harness/catalogue/foreign_request.h"
#include "harness/catalogue/catalogue.h"
#include "harness/machine/cores.h"
#include "harness/machine/limits.h"
#include "harness/machine/paths.h"
#include "harness/process/kept_folder.h"
#include "harness/process/kept_program.h"
#include "harness/process/mapped_files.h"
#include "harness/scenario/plan.h"
#include "harness/scenario/scenario.h"
#include "stored/store.h"
#include "harness/trial/trial.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Base and head. */
enum { RUN_BUILDS = 2 };

/* Two subjects of a run, as comparisons_make takes them; NULL: it is made for no comparison. */
struct run_compared {
	const char *base, *head;
	unsigned looks;
};

/* As typed. Strings are borrowed. */
struct run_request {
	json_t *command; /* an array of all words */
	bool by_command; /* it is repeated by these words, and not by those of tenk run */
	struct run_compared
		compared; /* what it is made for, kept for whoever compares it once more */
	char **scenarios; /* names, or files; none: quick. With of_claims claims follow them */
	size_t scenario_count;
	bool of_claims; /* only what claims need: those named behind the scenarios, or all of these */
	unsigned
		looks; /* at the claims, which share their alpha, kept for whoever judges them; 0: one */
	char **servers; /* instead of those of the scenarios; none: theirs */
	size_t server_count;
	unsigned trials; /* blocks at the most; 0: as the scenarios say */
	/*
	 * Asked after each block of all points but the last, when all of its trials are on disk: whether so
	 * many blocks are enough, so that no more are made. NULL: all are made. When to look is the
	 * caller's choice; of a run that is resumed it is asked of the blocks of before too, in their turn.
	 */
	bool (*decided)(void *context, unsigned blocks);
	void *decided_context;
	uint64_t seed;	 /* 0: draw one */
	const char *out; /* the run's folder; NULL: a new one below results/ */
	const char *resume;
	const char *server_cores, *load_cores; /* NULL: halves */
	const char *backend_cores;	       /* NULL: what is left */
	const char *hosts, *hostfile; /* that load the servers, for all parts; NULL: as they say */
	const char *server_host;      /* on which the servers run, likewise; NULL: as they say */
	const char *server_folder;    /* more servers are there; NULL: none */
	struct foreign_request foreign; /* servers of other people */
	struct server_build
		builds[RUN_BUILDS]; /* of which each server is measured; none: tenk's own */
	size_t build_count;
};

struct run {
	struct paths paths;
	struct catalogue catalogue;
	struct kept_program load_generator;
	struct mapped_files mapped; /* that servers have been seen to run */
	struct cores cores;
	struct machine_limits limits;
	uint64_t keep_free_bytes; /* as free_memory_read takes it */
	struct scenario *scenarios;
	size_t scenario_count;
	struct plan plan;
	struct store store;
	json_t *json; /* run.json */
	struct added_server *added;
	size_t added_count;
	const char **chosen; /* instead of the scenarios' servers; borrowed names */
	size_t chosen_count;
	struct server_build builds[RUN_BUILDS]; /* as run.json names them, borrowed from there */
	size_t build_count;
	struct backends backends;   /* that servers ask */
	struct kept_folder files;   /* that servers are to send, by parts */
	struct server_host host;    /* on which the servers run; one without a name: here */
	struct trial_state *states; /* of each planned trial */
	size_t *cells;		    /* the number of its cell, likewise; there are cell_count */
	size_t cell_count;
	size_t repeats; /* trials that may still be made in blocks that are repeated */
	uint64_t line_bytes, file_bytes; /* the most that a trial has left on disk so far */
	size_t next;			 /* the trial with which the schedule goes on */
	bool (*decided)(void *context, unsigned blocks); /* as asked for */
	void *decided_context;
	char title[200]; /* the scenarios' names */
};

/* How far a planned trial is. */
struct trial_state {
	unsigned attempts; /* made so far */
	bool spoiled;	   /* the last of them, by what may pass: its block is worth repeating */
	bool done;
	bool gave_way; /* and was the end of a ladder */
};

/* A block is made so often at the most. */
enum { RUN_ATTEMPTS = 3 };

/*
 * Makes the run and its folder. 0, or -errno with a message: -EINVAL for what was asked wrongly.
 * Destroy it in any case.
 */
int run_create(struct run *run, const struct run_request *request, struct error *error);

/* The same for the folder of an interrupted run, which must be of this machine and these servers. */
int run_reopen(struct run *run, const struct run_request *request, struct error *error);

void run_destroy(struct run *run);

/* What a block of all points is expected to take, in seconds. */
double run_block_s(const struct run *run);

/* Has what is lost of standard output and error go on in the run's folder, log.txt. */
void run_keep_output(const struct run *run);

/* How the trials ended, those of an earlier session included. */
struct run_tally {
	size_t ok, saturated, failed, invalid; /* of the planned trials, by their last attempt */
	size_t skipped;			       /* steps of ladders above their ends */
	/*
	 * Failed or invalid, but that is a finding: more than a model says of itself that it can
	 * hold, or the end of a ladder.
	 */
	size_t failed_found, invalid_found;
	size_t empty_cells; /* without one trial that counts, though none failed and it is no finding */
	size_t repeated; /* attempts that were repeated */
	bool interrupted;
};

/*
 * Carries out what is left, each trial on disk before the next begins, progress on stderr, and
 * marks the run complete or aborted. 0 or -errno with a message when it could not go on; the
 * tally is filled in as far as it went.
 */
int run_execute(struct run *run, struct run_tally *tally, struct error *error);

#endif
