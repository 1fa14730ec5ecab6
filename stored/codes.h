/* How a stored trial ended and why: the words that its record has for it (results/SCHEMA.md). */
#ifndef TENK_CODES_H
#define TENK_CODES_H

#include <jansson.h>
#include <stdbool.h>

enum outcome {
	OUTCOME_OK,
	OUTCOME_SATURATED,
	OUTCOME_FAILED,
	OUTCOME_INVALID,
	OUTCOME_SKIPPED, /* it was not run: a step of a ladder at its end or above, a program that cannot observe here */
};

const char *outcome_name(enum outcome outcome);

/* Codes of reasons: more than the machine can hold, and than the server's own model can. */
#define TRIAL_CODE_MACHINE "limits"
#define TRIAL_CODE_MODEL   "model_limit"
/* The kernel has ended the generator: the machine's memory, too. */
#define TRIAL_CODE_LOAD_MEMORY "generator_memory"
/* The generator could not write its files: the disk is full, say. It is not stored. */
#define TRIAL_CODE_STORAGE "storage"
/* The world stood still while it ran. */
#define TRIAL_CODE_SUSPENDED "suspended"
/* A step of a ladder that is not run. */
#define TRIAL_CODE_LADDER "ladder"
/* It was ended because it left too little memory free. */
#define TRIAL_CODE_MEMORY "memory_guard"

/* What a program that observes itself needs is not installed; and it did not print what it should. */
#define TRIAL_CODE_MISSING     "missing"
#define TRIAL_CODE_OBSERVATION "observation"

bool trial_ended_as(const json_t *trial, enum outcome outcome);

/* Whether any of its reasons has this code. */
bool trial_has_code(const json_t *trial, const char *code);

/* The text of its first reason, borrowed; "" if it has none. */
const char *trial_first_reason(const json_t *trial);

#endif
