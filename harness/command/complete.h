/* What values there are of what is typed, for shells that complete it (lib/command_line.h). */
#ifndef TENK_COMPLETE_H
#define TENK_COMPLETE_H

/* Servers, scenarios, metrics, claims and runs that are here, as command_line_values has it. */
void complete_values(const char *option, const char *kind, const char *begun);

#endif
