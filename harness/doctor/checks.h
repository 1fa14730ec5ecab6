/* The checks of the doctor and what they share; for doctor*.c only. */
#ifndef TENK_DOCTOR_CHECKS_H
#define TENK_DOCTOR_CHECKS_H

#include "harness/doctor/doctor.h"

#include <sched.h>

/* What tenk is about: cells of ten thousand connections should be possible. */
enum { DOCTOR_CONNECTIONS = 10000, DOCTOR_DESCRIPTORS_KEPT = 64 };

struct doctor_context {
	const struct doctor_options *options;
	const char *root;
	struct doctor_limits limits;
	char *kernel_options; /* NULL: not readable */
};

void doctor_set_value(struct doctor_finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Also raises the verdict. */
void doctor_set_effect(struct doctor_finding *finding, enum doctor_verdict verdict,
		       const char *format, ...) __attribute__((format(printf, 3, 4)));
void doctor_set_remedy(struct doctor_finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Cores that we may run on; the first and the last of them, or -1. */
unsigned doctor_allowed_cores(cpu_set_t *allowed, int *first, int *last);

/* What lets more threads be started, by the setting that limits them. */
const char *doctor_threads_remedy(const char *threads_by);

/* Ticks that the host took, of all, since boot. False if /proc/stat does not say. */
bool doctor_read_steal(const char *root, uint64_t *steal, uint64_t *total);

/* Limits: doctor_limits.c. */
void doctor_check_descriptors(struct doctor_context *context, struct doctor_finding *finding);
void doctor_check_ports(struct doctor_context *context, struct doctor_finding *finding);
void doctor_check_threads(struct doctor_context *context, struct doctor_finding *finding);
void doctor_check_memory(struct doctor_context *context, struct doctor_finding *finding);
void doctor_check_backlog(struct doctor_context *context, struct doctor_finding *finding);
void doctor_check_time_wait(struct doctor_context *context, struct doctor_finding *finding);
void doctor_check_socket_memory(struct doctor_context *context, struct doctor_finding *finding);

/* The processor: doctor_cores.c. */
void doctor_check_cores(struct doctor_context *context, struct doctor_finding *finding);
void doctor_check_smt(struct doctor_context *context, struct doctor_finding *finding);
void doctor_check_governor(struct doctor_context *context, struct doctor_finding *finding);
void doctor_check_steal(struct doctor_context *context, struct doctor_finding *finding);
void doctor_check_other_load(struct doctor_context *context, struct doctor_finding *finding);

/* How the kernel counts and what it lets us see: doctor_kernel.c. */
void doctor_check_interrupts(struct doctor_context *context, struct doctor_finding *finding);
void doctor_check_tick(struct doctor_context *context, struct doctor_finding *finding);
void doctor_check_huge_pages(struct doctor_context *context, struct doctor_finding *finding);
void doctor_check_cgroup(struct doctor_context *context, struct doctor_finding *finding);

/* Measured: doctor_switch.c, doctor_calibration.c. */
void doctor_check_switch(struct doctor_context *context, struct doctor_finding *finding);
void doctor_check_generator(struct doctor_context *context, struct doctor_finding *finding);

#endif
