#include "harness/trial/neighbours.h"

#include "harness/measure/process_tree.h"
#include "harness/measure/sampler.h"

#include <errno.h>
#include <stdlib.h>

int neighbours_init(struct neighbours *neighbours, size_t count)
{
	*neighbours = (struct neighbours){
		.count = count,
		.roots = calloc(count, sizeof *neighbours->roots),
		.processes = calloc(count, sizeof *neighbours->processes),
		.process_counts = calloc(count, sizeof *neighbours->process_counts),
		.before_ns = calloc(count, sizeof *neighbours->before_ns),
	};
	return neighbours->roots && neighbours->processes && neighbours->process_counts &&
			       neighbours->before_ns
		       ? 0
		       : -ENOMEM;
}

static void forget(struct neighbours *neighbours)
{
	for (size_t i = 0; neighbours->processes && i < neighbours->count; i++) {
		free(neighbours->processes[i]);
		neighbours->processes[i] = NULL;
	}
}

void neighbours_destroy(struct neighbours *neighbours)
{
	forget(neighbours);
	free(neighbours->roots);
	free(neighbours->processes);
	free(neighbours->process_counts);
	free(neighbours->before_ns);
	*neighbours = (struct neighbours){0};
}

int neighbours_look(struct neighbours *neighbours, const struct trial *trials, size_t count)
{
	forget(neighbours);
	for (size_t i = 0; i < count; i++)
		neighbours->roots[i] = trials[i].over ? 0 : trials[i].server.pid;
	return process_trees_list(neighbours->roots, count, neighbours->processes,
				  neighbours->process_counts);
}

static double read_cpu(const struct neighbours *neighbours, size_t server)
{
	return sample_processes_cpu_ns(neighbours->processes[server],
				       neighbours->process_counts[server]);
}

void neighbours_begin(struct neighbours *neighbours)
{
	for (size_t i = 0; i < neighbours->count; i++)
		neighbours->before_ns[i] = read_cpu(neighbours, i);
}

double neighbours_end(const struct neighbours *neighbours, size_t one)
{
	double sum_ns = 0;

	for (size_t i = 0; i < neighbours->count; i++) {
		double since_ns = i == one ? 0 : read_cpu(neighbours, i) - neighbours->before_ns[i];

		if (since_ns > 0) /* else one of its processes has ended */
			sum_ns += since_ns;
	}
	return sum_ns;
}
