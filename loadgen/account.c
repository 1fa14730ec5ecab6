#include "loadgen/account.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

size_t account_tallies(const struct options *options, size_t requests)
{
	return (requests > 1 ? requests : 0) + options->stages.count;
}

int account_init(struct account *account, const struct options *options, size_t requests,
		 struct interval_counters *intervals)
{
	*account = (struct account){
		.options = options,
		.intervals = intervals,
		.edge_ns = UINT64_MAX,
		.open_loop = options_is_open_loop(options),
		.stage_tallies = requests > 1 ? requests : 0,
		.result = result_create(account_tallies(options, requests)),
	};
	if (!account->result)
		return -ENOMEM;
	account->result->threads = 1;
	account->errors = account->result->errors_outside;
	account->failures = &account->result->failures_outside;
	return 0;
}

void account_destroy(struct account *account)
{
	free(account->result);
}

void account_set_window(struct account *account, uint64_t start_ns, uint64_t end_ns)
{
	account->start_ns = start_ns;
	account->end_ns = end_ns;
	if (account->window != WINDOW_AFTER)
		account->edge_ns = account->window == WINDOW_BEFORE ? start_ns : end_ns;
}

void account_begin_window(struct account *account)
{
	account->window = WINDOW_INSIDE;
	account->errors = account->result->errors;
	account->failures = &account->result->failures;
	account->edge_ns = account->end_ns;
}

void account_end_window(struct account *account)
{
	account->window = WINDOW_AFTER;
	account->errors = account->result->errors_outside;
	account->failures = &account->result->failures_outside;
	account->edge_ns = 0; /* whatever the time, nothing may go on */
}

/* One of the load's parts that keep counts of their own, if there are any. */
static struct tally *tally_of_request(const struct account *account,
				      const struct exchange *exchange)
{
	return account->stage_tallies ? &account->result->tally[exchange->request] : NULL;
}

static struct tally *tally_of_stage(const struct account *account, const struct exchange *exchange)
{
	return account->options->stages.count
		       ? &account->result->tally[account->stage_tallies + exchange->stage]
		       : NULL;
}

void account_send(struct account *account, struct exchange *exchange)
{
	struct tally *tally;

	if (!account_is_counting(account))
		return;
	account->result->sent++;
	if (account->options->stages.count) {
		exchange->stage = (uint8_t)stages_at(&account->options->stages,
						     exchange->due_ns > account->start_ns
							     ? exchange->due_ns - account->start_ns
							     : 0);
		tally_of_stage(account, exchange)->sent++;
	}
	tally = tally_of_request(account, exchange);
	if (tally)
		tally->sent++;
}

void account_send_late(struct account *account, uint64_t due_ns)
{
	uint64_t possible_ns = due_ns > account->free_since_ns ? due_ns : account->free_since_ns;
	uint64_t late_ns = account->now_ns - possible_ns, waited_ns = account->now_ns - due_ns;

	if (late_ns > account->behind_ns) {
		account->behind_ns = late_ns;
		account->behind_until_ns = 2 * waited_ns;
	} else if (waited_ns > account->behind_until_ns) {
		account->behind_ns = late_ns;
	} else {
		late_ns = waited_ns < account->behind_ns ? waited_ns : account->behind_ns;
	}
	if (account_is_counting(account))
		histogram_record(&account->result->send_lateness, late_ns);
}

void account_bytes_sent(struct account *account, uint64_t bytes)
{
	if (account_is_counting(account))
		account->result->bytes_sent += bytes;
}

void account_bytes_received(struct account *account, uint64_t bytes)
{
	if (account_is_counting(account))
		account->result->bytes_received += bytes;
}

/* Counts how long a request took that ended now, well or by its timeout. */
static void record(struct account *account, const struct exchange *exchange)
{
	uint64_t latency_ns = account_latency_ns(account, exchange);
	struct tally *request = tally_of_request(account, exchange),
		     *stage = tally_of_stage(account, exchange);

	histogram_record(&account->result->latency, latency_ns);
	interval_record_latency(account->intervals, latency_ns);
	if (account->open_loop)
		histogram_record(&account->result->service_time,
				 account->now_ns - exchange->sent_ns);
	if (request)
		histogram_record(&request->latency, latency_ns);
	if (stage)
		histogram_record(&stage->latency, latency_ns);
}

bool account_answer(struct account *account, const struct exchange *exchange)
{
	struct tally *request = tally_of_request(account, exchange),
		     *stage = tally_of_stage(account, exchange);

	if (!account_is_counting(account)) {
		account->result->good_outside++;
		return false;
	}
	account->result->good++;
	interval_add_one(&account->intervals->completed);
	record(account, exchange);
	if (request)
		request->good++;
	if (stage)
		stage->good++;
	return true;
}

bool account_time_out(struct account *account, const struct exchange *exchange)
{
	if (account_is_counting(account))
		record(account, exchange);
	return account_is_counting(account);
}

void account_fail_many(struct account *account, uint64_t count, enum error_class class,
		       enum error_phase phase, int problem, const char *example)
{
	struct failure failure = {.class = class,
				  .phase = phase,
				  .problem = problem,
				  .count = count,
				  .first_ns = (int64_t)account->now_ns,
				  .last_ns = (int64_t)account->now_ns};

	if (example)
		snprintf(failure.example, sizeof(failure.example), "%s", example);
	failures_add(account->failures, &failure);
	account->errors[class] += count;
	if (account_is_counting(account))
		interval_add(&account->intervals->errors, count);
}

void account_fail(struct account *account, enum error_class class, enum error_phase phase,
		  int problem, const char *example)
{
	account_fail_many(account, 1, class, phase, problem, example);
}

void account_fail_request(struct account *account, const struct exchange *exchange)
{
	struct tally *request = tally_of_request(account, exchange),
		     *stage = tally_of_stage(account, exchange);

	if (!account_is_counting(account))
		return;
	if (request)
		request->errors++;
	if (stage)
		stage->errors++;
}

void account_answer_crowd(struct account *account, bool idle)
{
	if (idle)
		account->result->crowd_answered++;
	else if (account_is_counting(account))
		account->result->crowd_slow_answers++;
}

void account_cut_slow(struct account *account)
{
	if (account_is_counting(account))
		account->result->crowd_slow_cut++;
}

void account_leave_unanswered(struct account *account, uint64_t due_ns)
{
	/* A worker that learns late of a short window may have gone on behind its end. */
	histogram_record(&account->result->unanswered_age,
			 account->end_ns > due_ns ? account->end_ns - due_ns : 0);
}
