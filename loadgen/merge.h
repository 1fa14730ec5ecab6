/* tenk-load merge: stored results put together as one. */
#ifndef TENK_MERGE_H
#define TENK_MERGE_H

/* The command, from the word "merge" on; returns the exit status. */
int merge_main(int argc, char **argv);

#endif
