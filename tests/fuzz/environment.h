/*
 * What a fuzz target decides in the place of the world: time, memory, and what chance would. All
 * of it comes from the input, so that each input always does the same.
 */
#ifndef TENK_FUZZ_ENVIRONMENT_H
#define TENK_FUZZ_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Linked with --wrap of clock_gettime, malloc, calloc and realloc, which look here first. */
struct environment {
	uint64_t now_ns;		/* every clock; 0: they are the kernel's */
	unsigned long allocations_left; /* the last of them fails, later ones do not; 0: none */
};
extern struct environment environment;

/* malloc that never looks there. */
void *environment_allocate(size_t size);

enum { SCHEDULE_MOST = 64 };

/* The first line of an input: a source of decisions. */
struct schedule {
	const uint8_t *bytes;
	size_t length, all; /* without and with the end of the line */
	uint64_t drawn;
};

/* Empty where the first SCHEDULE_MOST bytes have no end of a line. */
struct schedule schedule_read(const uint8_t *data, size_t size);

/* 0 to below - 1. An empty schedule draws 0 always. */
unsigned schedule_draw(struct schedule *schedule, unsigned below);
bool schedule_chance(struct schedule *schedule, unsigned one_in);

/* 1 to `most`: a few, some, or all. */
size_t schedule_size(struct schedule *schedule, size_t most);

#endif
