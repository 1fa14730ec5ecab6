#include "loadgen/recent.h"

#include <errno.h>
#include <stdlib.h>

int recent_init(struct recent *recent, bool wanted)
{
	*recent = (struct recent){.wanted = wanted};
	pthread_mutex_init(&recent->lock, NULL);
	if (!wanted)
		return 0;
	recent->samples = malloc(sizeof(*recent->samples));
	if (!recent->samples)
		return -ENOMEM;
	histogram_init(recent->samples);
	return 0;
}

void recent_destroy(struct recent *recent)
{
	pthread_mutex_destroy(&recent->lock);
	free(recent->samples);
}

void recent_record(struct recent *recent, uint64_t latency_ns)
{
	if (!recent->wanted)
		return;
	pthread_mutex_lock(&recent->lock);
	histogram_record(recent->samples, latency_ns);
	pthread_mutex_unlock(&recent->lock);
}

struct histogram *recent_take(struct recent *recent, struct histogram *empty)
{
	struct histogram *taken;

	pthread_mutex_lock(&recent->lock);
	taken = recent->samples;
	recent->samples = empty;
	pthread_mutex_unlock(&recent->lock);
	return taken;
}
