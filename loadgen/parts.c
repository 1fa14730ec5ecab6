#include "loadgen/parts.h"

/* The tallies that a request is part of. */
struct tallies {
	struct tally *tally[2];
	size_t count;
};

static struct tallies tallies_of(const struct parts *parts, const struct exchange *exchange)
{
	struct tallies of = {.count = 0};

	if (parts->of_kinds)
		of.tally[of.count++] = &parts->of_kinds[exchange->request];
	if (parts->of_stages)
		of.tally[of.count++] = &parts->of_stages[exchange->stage];
	return of;
}

/* Its kind, if there are several. */
static struct kind *kind_of(const struct parts *parts, const struct exchange *exchange)
{
	return parts->of_kinds ? &parts->kinds->kind[exchange->request] : NULL;
}

static void lower(uint64_t *bound_ns, uint64_t value_ns)
{
	if (value_ns < *bound_ns)
		*bound_ns = value_ns;
}

void parts_set_window(struct parts *parts, uint64_t start_ns, uint64_t end_ns)
{
	parts->start_ns = start_ns;
	parts->windows = (size_t)((end_ns - start_ns) / GAPS_WINDOW_NS);
}

void parts_rest(struct parts *parts)
{
	parts->windows_before += parts->windows;
	parts->windows = 0;
}

/* Of a kind: since that was due somebody has waited, and now has a good answer or has none. */
static void note_wait(const struct parts *parts, const struct exchange *exchange, uint64_t now_ns,
		      bool answered)
{
	uint64_t start_ns = parts->start_ns, due_ns = exchange->due_ns;
	size_t count = parts->windows, before = parts->windows_before, first, last;
	struct kind *kind = kind_of(parts, exchange);

	if (!kind || now_ns < start_ns)
		return;
	first = due_ns > start_ns ? (due_ns - start_ns) / GAPS_WINDOW_NS : 0;
	last = (now_ns - start_ns) / GAPS_WINDOW_NS;
	if (first >= count)
		return;
	if (answered && last < count)
		gaps_note_answer(&kind->gaps, before + last);
	gaps_note_wait(&kind->gaps, before + first, before + (last < count ? last : count - 1));
}

void parts_send(const struct parts *parts, const struct exchange *exchange)
{
	const struct tallies of = tallies_of(parts, exchange);

	for (size_t i = 0; i < of.count; i++) {
		of.tally[i]->due++;
		of.tally[i]->sent++;
	}
}

void parts_record(const struct parts *parts, const struct exchange *exchange, uint64_t now_ns)
{
	const struct tallies of = tallies_of(parts, exchange);
	struct kind *kind = kind_of(parts, exchange);

	if (kind)
		recent_record(&kind->recent, now_ns - exchange->due_ns);
	for (size_t i = 0; i < of.count; i++) {
		histogram_record(&of.tally[i]->latency, now_ns - exchange->due_ns);
		if (parts->open_loop)
			histogram_record(&of.tally[i]->service_time, now_ns - exchange->sent_ns);
	}
}

void parts_bound(const struct parts *parts, const struct exchange *exchange, uint64_t now_ns)
{
	const struct tallies of = tallies_of(parts, exchange);

	for (size_t i = 0; i < of.count; i++) {
		lower(&of.tally[i]->latency_bound_ns, now_ns - exchange->due_ns);
		lower(&of.tally[i]->service_bound_ns, now_ns - exchange->sent_ns);
	}
}

void parts_answer(const struct parts *parts, const struct exchange *exchange, uint64_t bytes,
		  uint64_t now_ns, bool counting)
{
	const struct tallies of = tallies_of(parts, exchange);
	struct kind *kind = kind_of(parts, exchange);

	note_wait(parts, exchange, now_ns, true);
	if (kind && counting) {
		interval_add_one(&kind->intervals.completed);
		interval_record_latency(&kind->intervals, now_ns - exchange->due_ns);
	}
	for (size_t i = 0; i < of.count && exchange->counts; i++) {
		of.tally[i]->good++;
		of.tally[i]->bytes_received += bytes;
		lower(&of.tally[i]->fastest_ns, now_ns - exchange->sent_ns);
	}
}

void parts_time_out(const struct parts *parts, const struct exchange *exchange, uint64_t now_ns,
		    bool counting)
{
	struct kind *kind = kind_of(parts, exchange);

	if (kind && counting)
		interval_record_latency(&kind->intervals, now_ns - exchange->due_ns);
}

void parts_fail(const struct parts *parts, const struct exchange *exchange, enum error_class class,
		uint64_t now_ns, bool counting)
{
	const struct tallies of = tallies_of(parts, exchange);
	struct kind *kind = kind_of(parts, exchange);

	note_wait(parts, exchange, now_ns, false);
	if (kind && counting)
		interval_add_one(&kind->intervals.errors);
	for (size_t i = 0; i < of.count && exchange->counts; i++)
		of.tally[i]->errors[class]++;
}

void parts_fail_unsent(const struct parts *parts, const struct exchange *exchange,
		       enum error_class class)
{
	const struct tallies of = tallies_of(parts, exchange);

	for (size_t i = 0; i < of.count; i++) {
		of.tally[i]->due++;
		of.tally[i]->errors[class]++;
	}
}

void parts_leave(const struct parts *parts, const struct exchange *exchange, uint64_t now_ns)
{
	const struct tallies of = tallies_of(parts, exchange);

	note_wait(parts, exchange, now_ns, false);
	for (size_t i = 0; i < of.count && exchange->counts; i++)
		of.tally[i]->unanswered++;
}

/* It has no service time, which might have been any. */
void parts_leave_unsent(const struct parts *parts, const struct exchange *exchange, uint64_t now_ns)
{
	uint64_t age_ns = now_ns > exchange->due_ns ? now_ns - exchange->due_ns : 0;
	const struct tallies of = tallies_of(parts, exchange);
	struct kind *kind = kind_of(parts, exchange);

	note_wait(parts, exchange, now_ns, false);
	if (kind)
		recent_record(&kind->recent, age_ns);
	for (size_t i = 0; i < of.count; i++) {
		of.tally[i]->due++;
		of.tally[i]->unanswered++;
		histogram_record(&of.tally[i]->latency, age_ns);
		lower(&of.tally[i]->latency_bound_ns, age_ns);
		lower(&of.tally[i]->service_bound_ns, 0);
	}
}
