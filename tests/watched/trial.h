/*
 * A trial of the contract of watches: subjects, and the steps of a case.
 */
#ifndef TENK_TRIAL_OF_WATCHES_H
#define TENK_TRIAL_OF_WATCHES_H

#include "lib/clock.h"
#include "servers/core/tasks/tools.h"

#include <stdio.h>
#include <sys/resource.h>

enum { SUBJECTS = 200, STEPS_MOST = 5, TURNS = 5, PATIENCE = 500 };
#define MOMENT_NS (8 * NS_PER_MS)

struct trial;

/* A watch, and what came of it. */
struct subject {
	struct trial *trial;
	struct loop_watch *watch; /* from malloc: to be freed as soon as it was stopped */
	int fd, peer;
	unsigned calls, events; /* all that was told */
	void (*then)(struct subject *subject);
};

typedef void step(struct trial *trial);

struct trial {
	struct task task;
	struct task_tools *tools;
	struct loop_timer timer;
	unsigned turns; /* at least, until the next step */
	unsigned patience;
	step *const *steps; /* those still to come */
	struct subject *subjects;
	bool inside; /* a service */
	uint64_t cpu_ns;
	char wrong[80];
	struct rlimit limit;
};

_Static_assert(sizeof(struct trial) <= TASK_STATE_BYTES, "the state of a task is bounded");

#define EXPECT(trial, condition)                                                                   \
	do {                                                                                       \
		if (!(condition) && !*(trial)->wrong)                                              \
			snprintf((trial)->wrong, sizeof(trial)->wrong, "line %d: %.60s", __LINE__, \
				 #condition);                                                      \
	} while (0)

/* The first thing in a step: it is tried again until that is so, as long as there is patience. */
#define AWAIT(trial, condition)                          \
	do {                                             \
		if (!(condition) && (trial)->patience) { \
			(trial)->patience--;             \
			(trial)->steps--;                \
			return;                          \
		}                                        \
		EXPECT(trial, condition);                \
	} while (0)

/* As the services of the loop; a watch that was stopped is overwritten and freed. */
int subject_start(struct subject *subject, unsigned interest);
void subject_change(struct subject *subject, unsigned interest);
void subject_stop(struct subject *subject);

/* Two sockets, of which `fd` is to be watched; an eventfd, readable if `count` is not 0. */
void subject_open_pair(struct subject *subject);
void subject_open_event(struct subject *subject, unsigned count);

void trial_shut(int *fd);

/* Since the last step the loop has turned once or twice, but not again and again. */
void trial_expect_rest(struct trial *trial);

/* The cases, each of which ends with NULL. */
extern step *const trial_cases[][STEPS_MOST + 1];
extern const size_t trial_case_count;

#endif
