/*
 * Which way to serve connections is to be taken, from what stored runs have measured. Nothing is measured or
 * extrapolated here: each figure is of one cell of one run, and where there is none that is what is said.
 *
 * What is asked for needs three figures: what a request costs, what memory the connections take, and how long
 * requests take at a rate that is offered. Each has a place, a point of a part of a run, at which all servers
 * were measured together, so that they can be compared within blocks (stored/blocks).
 */
#ifndef TENK_CHOICE_H
#define TENK_CHOICE_H

#include "report/part.h"
#include "stored/blocks/ratio.h"

#include <stdio.h>

struct choice_needs {
	double connections;
	const char *work;    /* as choice_work has it: "wait" */
	double cores;	     /* of the server; 0: however many */
	double cores_here;   /* of the machine on which commands are advised; 0: not known */
	double memory_bytes; /* of server and kernel together; 0: without a limit */
};

/* What was measured of connections up to so many times as many, or as few, is taken for what is asked. */
#define CHOICE_NEAR 2.0

/* The figures. */
enum choice_column {
	CHOICE_WORK,   /* requests in a closed loop: their rate, or the CPU that one takes */
	CHOICE_MEMORY, /* all of it, the kernel's share included */
	CHOICE_TAIL,   /* p99 at a rate of requests that does not wait for answers */
	CHOICE_COLUMNS
};

/* A run that may be asked. */
struct choice_run {
	const struct results *results; /* borrowed */
	bool published;
	char changes[512]; /* what differs from here, as environments_differ has it; "": nothing */
	struct part *parts;
	size_t part_count;
};

/* Opens the parts of a run. 0 or -ENOMEM. Close it in any case. */
int choice_run_open(struct choice_run *run, const struct results *results, bool published);
void choice_run_close(struct choice_run *run);

/* Where a figure was measured. */
struct choice_place {
	const struct choice_run *run; /* NULL: nowhere */
	const struct part *part;
	const json_t *point;
	const char *metric;
	double connections;
	double cores; /* of the server; NAN: not known */
	bool near;    /* its connections are about those that are asked for (CHOICE_NEAR) */
	bool right_cores;
	bool right_work; /* false only of memory, which idle connections stand for */
	size_t figures;	 /* how many servers have one */
};

struct choice_figure {
	struct summary summary; /* as it was measured; without a count where there is none */
	bool bound;		/* it is "at least" that */
	struct block_ratio
		ratio; /* to the one that is taken; of memory it is that of the measured figures */
	const char *why; /* there is none: a clause */
};

enum choice_fit {
	CHOICE_FITS,
	CHOICE_UNKNOWN, /* what it would be known by is not measured */
	CHOICE_FAILS,
};

struct choice_row {
	const char *server, *family; /* borrowed from the runs: "epoll", "loops" */
	bool own; /* of tenk's, which differ in how they wait and in nothing else */
	/* Those of the choice; but of memory, which is not compared within blocks, where this server was measured. */
	struct choice_place places[CHOICE_COLUMNS];
	struct choice_figure figures[CHOICE_COLUMNS];
	double needs_bytes; /* of the connections that are asked for, by what was measured near; NAN */
	enum choice_fit fit;
	char why[256]; /* a clause, where it does not fit or that is not known */
};

struct choice {
	struct choice_needs needs;
	struct choice_place places[CHOICE_COLUMNS];
	enum choice_column decides; /* the first that was measured; CHOICE_COLUMNS: none */
	bool higher;		    /* what is better of it */
	/*
	 * Of all servers at the place that decides: the one that is taken, then the others, the best first, then those
	 * without a figure.
	 */
	struct choice_row *rows;
	size_t count;
	bool taken; /* the first of them fits, or it is not known that it does not; false: none does */
};

/* From runs that must outlive it. 0 or -ENOMEM. Destroy it in any case. */
int choice_make(struct choice *choice, const struct choice_run *runs, size_t count,
		const struct choice_needs *needs);
void choice_destroy(struct choice *choice);

/*
 * What kind of work a part's requests ask for, the first word of their path: "wait" of "/wait/{wait_ms}". "": it has
 * none, since it observes, or is about nothing that a server would be chosen by (is_plain in place.c). Returns out.
 */
enum { CHOICE_WORD = 32 };
char *choice_work(const struct part *part, char out[CHOICE_WORD]);

/*
 * Where the figure of a column would be measured best: of runs without trials, which scenarios make. False: nowhere.
 */
bool choice_plan(struct choice_place *place, const struct choice_run *scenarios,
		 const struct choice_needs *needs, enum choice_column column);

/*
 * The answer on a terminal: what is to be taken, in a sentence or two; a table of at most a dozen servers, unless `full`;
 * what does not fit, and why; the runs; and the command that measures what is not measured, by one of `scenarios`.
 */
void choice_print(const struct choice *choice, const struct choice_run *scenarios, bool full,
		  bool utf8, FILE *out);

/* The same as in results/SCHEMA.md, of all servers. New reference; NULL: no memory. */
json_t *choice_to_json(const struct choice *choice, const struct choice_run *scenarios);

#endif
