#include "loadgen/interval_log.h"

#include <errno.h>
#include <stdlib.h>

int interval_log_init(struct interval_log *log, FILE *file, uint64_t period_ns)
{
	*log = (struct interval_log){.file = file, .period_ns = period_ns};
	if (!file)
		return 0;
	log->line = malloc(sizeof(*log->line));
	log->spare = malloc(sizeof(*log->spare));
	if (!log->line || !log->spare)
		return -ENOMEM;
	histogram_init(log->line);
	histogram_init(log->spare);
	return 0;
}

void interval_log_destroy(struct interval_log *log)
{
	free(log->line);
	free(log->spare);
}

/* The first problem is the one that is told. */
static void note(struct interval_log *log, int result)
{
	if (result < 0 && log->problem == 0)
		log->problem = result;
}

void interval_log_begin(struct interval_log *log, uint64_t base_ns, double start_s)
{
	if (!log->file)
		return;
	log->base_ns = log->since_ns = base_ns;
	note(log, histogram_begin_log(log->file, start_s));
}

void interval_log_end_line(struct interval_log *log, uint64_t now_ns)
{
	note(log, histogram_add_to_log(log->line, log->file,
				       (double)(log->since_ns - log->base_ns) / 1e9,
				       (double)(now_ns - log->since_ns) / 1e9));
	log->since_ns = now_ns;
	histogram_init(log->line);
}
