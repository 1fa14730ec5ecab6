/* One process is the whole generator: there is nobody to agree with, to tell or to hear. */
#include "loadgen/ranks.h"

void ranks_begin(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
}

void ranks_end(int status)
{
	(void)status;
}

struct ranks_place ranks_place(void)
{
	return (struct ranks_place){.count = 1, .here = 1};
}

int ranks_agree(int result, struct error *error)
{
	(void)error;
	return result;
}

void ranks_share(void *bytes, size_t size)
{
	(void)bytes;
	(void)size;
}

struct share ranks_open(struct ranks_plan *plan, uint32_t threads)
{
	(void)plan;
	return (struct share){.count = threads, .total = threads};
}

void ranks_tell(const struct ranks_orders *orders)
{
	(void)orders;
}

int ranks_hear(uint64_t patience_ns, bool may_speak, struct error *error)
{
	(void)may_speak;
	(void)patience_ns;
	(void)error;
	return 0;
}

struct ranks_state ranks_state(void)
{
	return (struct ranks_state){0};
}

void ranks_collect(struct interval_totals *totals, size_t kind)
{
	(void)totals;
	(void)kind;
}

size_t ranks_gather(struct result *total, struct gaps *gaps, size_t kinds, uint64_t until_ns,
		    struct error *error)
{
	(void)error;
	(void)total;
	(void)gaps;
	(void)kinds;
	(void)until_ns;
	return 0;
}

struct ranks_report *ranks_reports(void)
{
	return NULL;
}

bool ranks_await_plan(struct ranks_plan *plan, uint32_t threads)
{
	(void)plan;
	(void)threads;
	return false;
}

bool ranks_have_orders(struct ranks_orders *orders)
{
	(void)orders;
	return false;
}

uint64_t ranks_heard_ns(void)
{
	return 0;
}

void ranks_send_state(const struct ranks_state *state)
{
	(void)state;
}

void ranks_send_intervals(const struct interval_totals *totals, size_t count)
{
	(void)totals;
	(void)count;
}

void ranks_give(const struct result *total, const struct gaps *gaps, size_t kinds,
		const struct ranks_report *report)
{
	(void)total;
	(void)gaps;
	(void)kinds;
	(void)report;
}
