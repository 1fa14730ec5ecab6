/*
 * Input that came after core had enough, for models that cannot stop what is on its way.
 * The storage is a pointer, NULL while there is nothing: an idle connection holds no more.
 */
#ifndef TENK_LATE_INPUT_H
#define TENK_LATE_INPUT_H

#include "servers/core/http/http.h"

struct late_input;

/* Feeds what came before, then `data`; keeps what core does not take. False: out of memory. */
bool late_input_feed(struct late_input **late, struct http *http, const char *data, size_t length);

void late_input_free(struct late_input **late);

#endif
