#include "loadgen/driver.h"

int driver_init(struct driver *driver, struct load *load, struct share share,
		struct progress *progress, uint64_t (*clock_ns)(void))
{
	const struct options *options = load->options;
	int problems[5];
	uint64_t seed;

	*driver = (struct driver){
		.options = options,
		.share = share,
		.clock_ns = clock_ns,
		.progress = progress,
		.schedule.due_ns = UINT64_MAX,
		.outstanding_max = UINT64_MAX,
		.requests_max = options->requests_max ? share_of(share, options->requests_max)
						      : UINT64_MAX,
		.next_change_ns = UINT64_MAX,
	};
	if (options->arrivals == ARRIVALS_BURST)
		driver->outstanding_max = options->outstanding / share.total + 1;
	/* Seeds of the choice, not of the schedule: those have nothing in common. */
	seed = options->seed * UINT64_C(7368787) + share.first;
	deck_init(&driver->deck, load->mix, seed);
	deck_init(&driver->deck_outside, load->mix, ~seed);
	problems[0] = account_init(&driver->account, options, load->mix->count,
				   &progress->intervals, &progress->recent, &progress->kinds);
	problems[1] = wire_init(&driver->wire, load);
	problems[2] = pool_init(&driver->pool, options, share, progress);
	problems[3] = recent_init(&progress->recent, options->log_interval_ns > 0);
	problems[4] = kinds_init(&progress->kinds, load->mix->count, options->log_interval_ns > 0);
	driver->pool.connect_deadline_ns += clock_ns() + options->timeout_ns;
	for (size_t i = 0; i < sizeof(problems) / sizeof(problems[0]); i++)
		if (problems[i])
			return problems[i];
	return 0;
}

void driver_destroy(struct driver *driver)
{
	if (driver->progress) {
		recent_destroy(&driver->progress->recent);
		kinds_destroy(&driver->progress->kinds);
	}
	account_destroy(&driver->account);
	wire_destroy(&driver->wire);
	pool_destroy(&driver->pool);
}

void driver_close(struct driver *driver)
{
	for (size_t i = 0; i < driver->pool.count; i++)
		connection_destroy(pool_connection(&driver->pool, i));
}
