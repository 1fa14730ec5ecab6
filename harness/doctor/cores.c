/* The cores: how many, whose, and how steady. */
#include "harness/doctor/checks.h"

#include "harness/machine/cores.h"
#include "harness/machine/environment.h"
#include "harness/machine/machine_files.h"
#include "harness/machine/quota.h"
#include "lib/clock.h"
#include "lib/libc.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_BYTES = 256 };

/* Steal is seen only by who wants to run, and counted in ticks of 10 ms: a second of work. */
#define STEAL_WATCH_NS NS_PER_S

/* Above: a note, then a warning. A trial in which 5 % are stolen is invalid. */
#define STEAL_NOTE_RATIO    0.005
#define STEAL_WARNING_RATIO 0.02

void doctor_check_cores(struct doctor_context *context, struct doctor_finding *finding)
{
	double quota = quota_cores(context->root);
	unsigned long long cores = context->limits.cores;
	char model[VALUE_BYTES] = "model not shown";

	machine_read_field(context->root, "/proc/cpuinfo", "model name", model, sizeof model);
	doctor_set_value(finding, "%llu (%s)", cores, model);
	if (quota < (double)cores) { /* as much as there is stops nobody */
		doctor_set_value(finding, "%llu (%s), of which we may use %.2f", cores, model,
				 quota);
		doctor_set_effect(
			finding, DOCTOR_WARNING,
			"A quota stops everything for the rest of each period: the tail "
			"shows the quota, not the server. Trials in which that happens are "
			"marked invalid.");
		doctor_set_remedy(finding, "%s", quota_remedy);
	} else if (cores < 2) {
		doctor_set_effect(
			finding, DOCTOR_WARNING,
			"Server and generator share one core: every rate is that of both, "
			"and latencies hold the other's turn.");
		doctor_set_remedy(finding, "give the machine a second core, or taskset(1) more");
	}
}

void doctor_check_smt(struct doctor_context *context, struct doctor_finding *finding)
{
	unsigned threads = environment_threads_per_core(context->root);

	if (threads == 0) {
		doctor_set_value(finding, "unknown");
		doctor_set_effect(finding, DOCTOR_NOTE,
				  "Two cores of the list may be one core in truth.");
		return;
	}
	if (threads == 1) {
		doctor_set_value(
			finding, "none: each core is a core%s",
			environment_is_virtual(context->root) ? ", as far as a guest can see" : "");
		return;
	}
	doctor_set_value(finding, "%u threads share a core", threads);
	doctor_set_effect(
		finding, DOCTOR_NOTE,
		"If server and generator are siblings, each slows the other by a third and "
		"more. tenk run gives each physical cores of its own, if there are two, and "
		"warns if not.");
	doctor_set_remedy(finding, "if you choose cores, then no siblings (lscpu -e); or: "
				   "echo off > /sys/devices/system/cpu/smt/control");
}

void doctor_check_governor(struct doctor_context *context, struct doctor_finding *finding)
{
	char governor[VALUE_BYTES];

	if (machine_read_text(context->root,
			      "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", governor,
			      sizeof governor) <= 0) {
		doctor_set_value(finding, "not shown");
		doctor_set_effect(finding, DOCTOR_NOTE,
				  "The clock of the cores is not ours to see: it is the host's, or "
				  "fixed. Interleaved trials keep slow drift out of comparisons.");
		return;
	}
	doctor_set_value(finding, "%s", governor);
	if (strcmp(governor, "performance") == 0)
		return;
	doctor_set_effect(
		finding, DOCTOR_WARNING,
		"The clock follows the load: light load looks slower than heavy load, and "
		"CPU per request says less.");
	doctor_set_remedy(finding, "cpupower frequency-set -g performance");
}

static void *keep_busy(void *deadline)
{
	while (clock_now_ns() < *(const uint64_t *)deadline)
		;
	return NULL;
}

/* Wants to run on every core that we may use until the deadline. Returns the threads that did. */
static unsigned occupy_cores(uint64_t deadline_ns)
{
	cpu_set_t allowed;
	int first, last;
	unsigned wanted = cores_allowed(&allowed, &first, &last), started = 0;
	pthread_t *threads = calloc(wanted ? wanted : 1, sizeof *threads);

	if (!threads)
		return 0;
	for (int core = first; core >= 0 && core <= last; core++) {
		pthread_attr_t attributes;
		cpu_set_t one;

		if (!CPU_ISSET(core, &allowed) || pthread_attr_init(&attributes) != 0)
			continue;
		CPU_ZERO(&one);
		CPU_SET(core, &one);
		if (pthread_attr_setaffinity_np(&attributes, sizeof one, &one) == 0 &&
		    pthread_create(&threads[started], &attributes, keep_busy, &deadline_ns) == 0)
			started++;
		pthread_attr_destroy(&attributes);
	}
	for (unsigned i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	free(threads);
	return started;
}

void doctor_check_steal(struct doctor_context *context, struct doctor_finding *finding)
{
	uint64_t steal[2], total[2];
	double now, ever;

	if (!machine_read_steal(context->root, &steal[0], &total[0]) ||
	    occupy_cores(clock_now_ns() + STEAL_WATCH_NS) == 0 ||
	    !machine_read_steal(context->root, &steal[1], &total[1])) {
		doctor_set_value(finding, "unknown");
		doctor_set_effect(finding, DOCTOR_NOTE, "The host may take time unseen.");
		return;
	}
	now = total[1] > total[0] ? (double)(steal[1] - steal[0]) / (double)(total[1] - total[0])
				  : 0;
	ever = (double)steal[1] / (double)total[1];
	doctor_set_value(finding, "%.1f %% over a busy second, %.1f %% since boot", now * 100,
			 ever * 100);
	if (now < STEAL_NOTE_RATIO && ever < STEAL_NOTE_RATIO)
		return;
	doctor_set_effect(
		finding,
		now >= STEAL_WARNING_RATIO || ever >= STEAL_WARNING_RATIO ? DOCTOR_WARNING
									  : DOCTOR_NOTE,
		"The host gives our cores to others: rates fall and tails grow by chance. "
		"Trials with more than 5 %% are marked invalid.");
	doctor_set_remedy(finding, "run at a quiet hour, use dedicated cores, take more trials");
}

void doctor_check_other_load(struct doctor_context *context, struct doctor_finding *finding)
{
	char text[VALUE_BYTES];
	double load;
	char *end;

	if (machine_read_text(context->root, "/proc/loadavg", text, sizeof text) <= 0) {
		doctor_set_value(finding, "unknown");
		doctor_set_effect(finding, DOCTOR_NOTE, "Others may be running unseen.");
		return;
	}
	load = strtod(text, &end);
	doctor_set_value(finding, "%.2f threads running or waiting for a core, over a minute",
			 load);
	if (load < 0.5)
		return;
	doctor_set_effect(finding, load >= 1 ? DOCTOR_WARNING : DOCTOR_NOTE,
			  "What else runs takes cores and caches from server and generator.");
	doctor_set_remedy(finding, "see who it is with top(1), stop it or wait");
}
