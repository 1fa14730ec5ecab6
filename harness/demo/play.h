/* A demonstration from its beginning to its end. */
#ifndef TENK_DEMO_PLAY_H
#define TENK_DEMO_PLAY_H

#include "harness/demo/demonstration.h"
#include "lib/error.h"

#include <stdio.h>

/*
 * Plays it for so many seconds, 1 to DEMO_SECONDS_MOST, and tells on `out` what was shown: drawn in
 * place where that is a terminal, else a line for each side and column. 0, or with a message -EINTR (the
 * person interrupts; what was shown until then is told) or another -errno. Nothing stays behind.
 */
int demo_play(const struct demonstration *kind, unsigned seconds, FILE *out, struct error *error);

#endif
