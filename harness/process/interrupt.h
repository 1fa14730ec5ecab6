/* Ctrl-C, SIGTERM and SIGHUP, as a flag that the loops of a run look at. */
#ifndef TENK_INTERRUPT_H
#define TENK_INTERRUPT_H

#include <stdbool.h>

void interrupt_watch(void); /* from now on these signals set the flag; system calls see EINTR */
bool interrupt_seen(void);

#endif
