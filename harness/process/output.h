/*
 * Where we write to when nobody reads it any more: a terminal that was closed, a pipe whose reader has ended. What
 * follows then goes into a file.
 */
#ifndef TENK_OUTPUT_H
#define TENK_OUTPUT_H

#include <stdbool.h>

/*
 * Looks at standard output and standard error; has those that are lost go on into the file, behind what it has. True: one
 * of them was.
 */
bool output_keep(const char *path);

#endif
