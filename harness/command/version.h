/* tenk --version, which is no command. */
#ifndef TENK_COMMAND_VERSION_H
#define TENK_COMMAND_VERSION_H

#include <stdbool.h>

/*
 * `commit`: of what it was built, "": not known. Prints "tenk VERSION" and below it the build, the libraries and the kernel's features, or all as JSON. Returns the
 * program's exit code.
 */
int command_version(const char *commit, bool as_json);

#endif
