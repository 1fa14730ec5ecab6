/*
 * Is this server's answer right, byte for byte, before anybody times it?
 */
#ifndef TENK_PROBE_H
#define TENK_PROBE_H

#include "harness/scenario/scenario.h"
#include "lib/error.h"

#include <stdint.h>

/*
 * The body that our routes answer to it, malloc'ed; NULL with *length 0 where it is not known
 * (then any good answer will do). `body` is what the request sends.
 */
char *probe_expected_body(const char *target, const char *body, size_t body_bytes, size_t *length);

/* Sends one request and compares. 0, or -errno with what came instead. */
int probe_server(const char *host, uint16_t port, const struct load *load, struct error *error);

/* The request's own body: `bytes` times 'x', malloc'ed, NUL terminated; NULL: no memory. */
char *probe_request_body(uint64_t bytes);

#endif
