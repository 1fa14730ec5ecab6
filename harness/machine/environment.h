/*
 * What a result depends on: the machine, its kernel, its limits and the libraries.
 */
#ifndef TENK_ENVIRONMENT_H
#define TENK_ENVIRONMENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The object "environment" of results/SCHEMA.md. What could not be had is null, never a guess;
 * `descriptor_limit` is the hard limit, which servers and generator raise their own to. `libraries`
 * holds those that this program is linked with. New reference; NULL when out of memory.
 */
json_t *environment_read(void);

/* The same with /proc, /sys, /etc and /boot looked up under `root`. */
json_t *environment_read_under(const char *root);

/*
 * Adds a library (a server's own, as told by its --describe) and renews the fingerprint.
 * 0 or -ENOMEM.
 */
int environment_add_library(json_t *environment, const char *name, const char *version);

/*
 * FNV-1a, 64 bits, in 16 hexadecimal digits, over the object's canonical JSON without the
 * fingerprint itself and what was only observed: equal for equal machines, whatever the order of keys.
 * (Fowler, Noll, Vo: draft-eastlake-fnv.) 0 or -ENOMEM.
 */
int environment_fingerprint(const json_t *environment, char fingerprint[17]);

/* Whether this is known to be a virtual machine. */
bool environment_is_virtual(const char *root);

/* How many threads share a physical core: 1 without SMT, 0 when unknown. */
unsigned environment_threads_per_core(const char *root);

/*
 * How the kernel counts the time of interrupts: "tick", "irq_time" or "virt" (results/SCHEMA.md);
 * NULL when its configuration cannot be read. `options` as from machine_kernel_options.
 */
const char *environment_interrupt_accounting(const char *root, const char *options);

/* Whether an environment says so of its machine: "irq_time". */
bool environment_keeps_interrupts_apart(const json_t *environment);

/* "2 cores, 23.5 GiB, Linux 6.18; steal 0.1 % since boot; 20,000 descriptors". Returns `text`. */
char *environment_summary(char *text, size_t size);

#endif
