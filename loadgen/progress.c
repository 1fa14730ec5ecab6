#include "loadgen/progress.h"

#include <errno.h>
#include <unistd.h>

void progress_notify(struct progress *progress)
{
	uint64_t one = 1;

	/* The counter cannot overflow in a run, and an eventfd fails in no other way. */
	while (progress->notify_fd >= 0 && write(progress->notify_fd, &one, sizeof(one)) < 0 &&
	       errno == EINTR)
		;
}

void slice_counts_add(struct slice_counts *all, const struct slice_counts *one)
{
	all->due += one->due;
	all->good += one->good;
	all->errors += one->errors;
	all->cpu_ns += one->cpu_ns;
	if (one->rested_ns > all->rested_ns)
		all->rested_ns = one->rested_ns;
}

void progress_rest(struct progress *progress, const struct slice_counts *slice)
{
	progress->slice = *slice;
	atomic_fetch_add_explicit(&progress->rests, 1, memory_order_release);
	progress_notify(progress);
}
