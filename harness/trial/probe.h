/*
 * Is this server's answer right, byte for byte, before anybody times it?
 *
 * Bodies may be large (scenarios allow 1 GiB), so none is kept: each repeats a pattern, and is sent and
 * compared as it goes by.
 */
#ifndef TENK_PROBE_H
#define TENK_PROBE_H

#include "harness/scenario/scenario.h"
#include "lib/error.h"

#include <stdint.h>
#include <stdio.h>

/* A body: a pattern, over and over, cut at its length. */
struct probe_body {
	char pattern[80]; /* "": not known, any good answer will do */
	uint64_t bytes;
};

/* What /bytes/N answers, and what a file of that size holds. */
struct probe_body probe_file_body(uint64_t bytes);

/* What the request sends; of no bytes if it is no POST. */
struct probe_body probe_request_body(const struct load *load);

/* What our routes answer to it. */
struct probe_body probe_expected_body(const struct load *load);

/* 0, or -errno: what could not be written. */
int probe_write_body(const struct probe_body *body, FILE *file);

/* Sends one request, or one of each kind of a mix, and compares. 0, or -errno with what came instead. */
int probe_server(const char *host, uint16_t port, const struct load *load, struct error *error);

#endif
