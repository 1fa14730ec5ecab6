/* What a person is told on stderr before and after trials run, by whichever command. */
#ifndef TENK_TELL_H
#define TENK_TELL_H

#include "harness/run/run.h"

/* What is about to be measured, by "run" or another command. */
void tell_heading(const struct run *run, const char *command);

/* Those of run.json. */
void tell_warnings(const struct run *run);

/* What came of the apparatus, with the remedy. */
void tell_spoiled(const struct run *run, const struct run_tally *tally);

/* That all trials are kept, and how to have their report. */
void tell_no_report(const struct run *run);

/* What is kept, and how to go on. */
void tell_interrupted(const struct run *run, const struct run_tally *tally);

#endif
