#include "loadgen/interval_log.h"

#include <errno.h>
#include <stdlib.h>

static struct histogram *make_histogram(void)
{
	struct histogram *histogram = malloc(sizeof(*histogram));

	if (histogram)
		histogram_init(histogram);
	return histogram;
}

int interval_log_init(struct interval_log *log, FILE *file, uint64_t period_ns,
		      const struct mix *mix)
{
	*log = (struct interval_log){.file = file, .period_ns = period_ns, .mix = mix};
	if (!file)
		return 0;
	log->spare = make_histogram();
	if (!log->spare)
		return -ENOMEM;
	for (size_t count = mix->count > 1 ? 1 + mix->count : 1; log->count < count; log->count++) {
		log->line[log->count] = make_histogram();
		if (!log->line[log->count])
			return -ENOMEM;
	}
	return 0;
}

void interval_log_destroy(struct interval_log *log)
{
	for (size_t i = 0; i < log->count; i++)
		free(log->line[i]);
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
	for (size_t i = 0; i < log->count; i++) {
		note(log, histogram_add_tagged_to_log(log->line[i], log->file,
						      i > 0 ? log->mix->request[i - 1].name : NULL,
						      (double)(log->since_ns - log->base_ns) / 1e9,
						      (double)(now_ns - log->since_ns) / 1e9));
		histogram_init(log->line[i]);
	}
	log->since_ns = now_ns;
}
