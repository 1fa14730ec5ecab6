/* What tenk choose can be asked about: the kinds of work that scenarios ask for, for it and for completion. */
#ifndef TENK_COMMAND_CHOOSE_H
#define TENK_COMMAND_CHOOSE_H

#include "lib/error.h"
#include "report/choice/choice.h"

/* The scenarios that tenk brings along, as a run that has not begun. */
struct choose_scenarios {
	struct results results;
	struct choice_run run;
};

/* 0 or -errno with a message. Close it in any case. */
int choose_scenarios_open(struct choose_scenarios *scenarios, struct error *error);
void choose_scenarios_close(struct choose_scenarios *scenarios);

/* Whether the index-th part of a run is the first that asks for its kind of work, which `out` is then. */
bool choose_is_new_work(const struct choice_run *run, size_t index, char out[CHOICE_WORD]);

#endif
