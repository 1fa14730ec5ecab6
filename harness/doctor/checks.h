/* The checks of the doctor and what they share; for doctor/ only. */
#ifndef TENK_DOCTOR_CHECKS_H
#define TENK_DOCTOR_CHECKS_H

#include "harness/doctor/finding.h"
#include "harness/machine/limits.h"

/* What tenk is about: cells of ten thousand connections should be possible. */
enum { DOCTOR_CONNECTIONS = 10000 };

struct doctor_context {
	const char *server, *load; /* as in struct doctor_options */
	const char *root;
	struct machine_limits limits;
	char *kernel_options; /* NULL: not readable */
};

/* Limits: limits.c. */
void doctor_check_descriptors(struct doctor_context *context, struct doctor_finding *finding);
void doctor_check_ports(struct doctor_context *context, struct doctor_finding *finding);
void doctor_check_threads(struct doctor_context *context, struct doctor_finding *finding);
void doctor_check_memory(struct doctor_context *context, struct doctor_finding *finding);
void doctor_check_backlog(struct doctor_context *context, struct doctor_finding *finding);
void doctor_check_time_wait(struct doctor_context *context, struct doctor_finding *finding);
void doctor_check_socket_memory(struct doctor_context *context, struct doctor_finding *finding);

/* The processor: cores.c. */
void doctor_check_cores(struct doctor_context *context, struct doctor_finding *finding);
void doctor_check_smt(struct doctor_context *context, struct doctor_finding *finding);
void doctor_check_governor(struct doctor_context *context, struct doctor_finding *finding);
void doctor_check_steal(struct doctor_context *context, struct doctor_finding *finding);
void doctor_check_other_load(struct doctor_context *context, struct doctor_finding *finding);

/* How the kernel counts and what it lets us see: kernel.c. */
void doctor_check_interrupts(struct doctor_context *context, struct doctor_finding *finding);
void doctor_check_tick(struct doctor_context *context, struct doctor_finding *finding);
void doctor_check_huge_pages(struct doctor_context *context, struct doctor_finding *finding);
void doctor_check_cgroup(struct doctor_context *context, struct doctor_finding *finding);

/* What scenarios may ask for: backends.c. */
void doctor_check_backends(struct doctor_context *context, struct doctor_finding *finding);

/* Measured: switch.c, calibration.c. */
void doctor_check_switch(struct doctor_context *context, struct doctor_finding *finding);
void doctor_check_generator(struct doctor_context *context, struct doctor_finding *finding);

#endif
