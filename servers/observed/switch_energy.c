/*
 * switch-energy: what energy does it take to switch between threads?
 *
 * Two threads on one core do pieces of work of 10 us in turns, so that there is a switch before each piece. Then one
 * thread does as many pieces by itself. The processor counts the energy that it uses (RAPL); the first figure over
 * the second is what switching makes of the same work. Linux shows the counter under /sys/class/powercap, to root
 * only since 5.10, and most virtual machines have none: then this program says so and ends with code 77.
 *
 * Try: build/release/observe-switch-energy
 */
#include "servers/observed/shared/observed.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNTER	 "/sys/class/powercap/intel-rapl:0/"
#define PIECE_NS (10 * NS_PER_US)
enum { PIECES = 200000 }; /* two seconds */

static sem_t turns[2];

/* A number of the kernel's, or a reason why it cannot be had. */
static double read_counter(const char *path)
{
	FILE *file = fopen(path, "re");
	double value = 0;

	if (!file || fscanf(file, "%lf", &value) != 1) {
		fprintf(stderr, "this machine shows no counter of energy (RAPL): %s: %s\n", path,
			errno ? strerror(errno) : "no number");
		exit(OBSERVATION_NOT_HERE);
	}
	fclose(file);
	return value;
}

/* In microjoules; the counter begins anew at its range. */
static double energy_since(double before)
{
	double used = read_counter(COUNTER "energy_uj") - before;

	return used >= 0 ? used : used + read_counter(COUNTER "max_energy_range_uj");
}

static void await(sem_t *turn)
{
	while (sem_wait(turn) < 0)
		if (errno != EINTR)
			observation_fail("sem_wait", errno);
}

static void *work_in_turns(void *argument)
{
	size_t own = argument != NULL;

	for (size_t i = 0; i < PIECES / 2; i++) {
		await(&turns[own]);
		busy_for_ns(PIECE_NS);
		sem_post(&turns[!own]);
	}
	return NULL;
}

static void work_alone(void)
{
	for (size_t i = 0; i < PIECES; i++)
		busy_for_ns(PIECE_NS);
}

static void work_together(void)
{
	pthread_t other;
	int error;

	sem_init(&turns[0], 0, 1);
	sem_init(&turns[1], 0, 0);
	error = pthread_create(&other, NULL, work_in_turns, turns);
	if (error)
		observation_fail("a thread", error);
	work_in_turns(NULL);
	pthread_join(other, NULL);
}

int main(void)
{
	double before = read_counter(COUNTER "energy_uj"), switched;

	work_together();
	switched = energy_since(before);
	before = read_counter(COUNTER "energy_uj");
	work_alone();
	return observation_tell(
		json_pack("{s:f}", "switching_energy_ratio", switched / energy_since(before)), NULL,
		NULL);
}
