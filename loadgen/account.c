#include "loadgen/account.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

size_t account_tallies(const struct options *options, size_t requests)
{
	return (requests > 1 ? requests : 0) + options->stages.count;
}

int account_init(struct account *account, const struct options *options, size_t requests,
		 struct interval_counters *intervals, struct recent *recent, struct kinds *kinds)
{
	*account = (struct account){
		.options = options,
		.intervals = intervals,
		.recent = recent,
		.edge_ns = UINT64_MAX,
		.open_loop = options_is_open_loop(options),
		.is_steady = options->arrivals == ARRIVALS_CONSTANT ||
			     options->arrivals == ARRIVALS_POISSON,
		.result = result_create(account_tallies(options, requests)),
	};
	if (!account->result)
		return -ENOMEM;
	account->result->threads = 1;
	account->parts = (struct parts){
		.any = account->result->tally_count > 0,
		.of_kinds = requests > 1 ? account->result->tally : NULL,
		.of_stages = options->stages.count > 0
				     ? account->result->tally + (requests > 1 ? requests : 0)
				     : NULL,
		.kinds = kinds,
		.open_loop = account->open_loop,
	};
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
	parts_set_window(&account->parts, start_ns, end_ns);
	if (account->window <= WINDOW_INSIDE)
		account->edge_ns = account->window == WINDOW_BEFORE ? start_ns : end_ns;
}

void account_begin_window(struct account *account)
{
	account->window = WINDOW_INSIDE;
	account->counting = true;
	account->edge_ns = account->end_ns;
}

void account_end_window(struct account *account)
{
	account->window = WINDOW_DRAINING;
	account->counting &= account->options->in_slices;
	account->edge_ns = UINT64_MAX;
}

void account_rest(struct account *account)
{
	parts_rest(&account->parts);
	account->window = WINDOW_BEFORE;
	account->counting = false;
	account->edge_ns = UINT64_MAX;
	account_keep_up(account);
}

void account_close(struct account *account)
{
	account->window = WINDOW_AFTER;
	account->counting = false;
	account->edge_ns = 0; /* whatever the time, nothing may go on */
}

static uint8_t stage_of(const struct account *account, uint64_t due_ns)
{
	return (uint8_t)stages_at(&account->options->stages, due_ns - account->start_ns);
}

void account_send(struct account *account, struct exchange *exchange)
{
	exchange->counts = account_counts(account, exchange->due_ns);
	if (!exchange->counts) {
		account->due_outside++;
		return;
	}
	account->under_way++;
	account->result->due++;
	account->result->sent++;
	if (account->options->stages.count)
		exchange->stage = stage_of(account, exchange->due_ns);
	if (account->parts.any)
		parts_send(&account->parts, exchange);
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
	if (!account_counts(account, due_ns))
		return;
	histogram_record(&account->result->send_lateness, late_ns);
	account->result->waited += due_ns < account->free_since_ns;
}

void account_status(struct account *account, const struct exchange *exchange)
{
	if (exchange->counts && exchange->status >= RESULT_STATUS_LOWEST)
		account->result->statuses[exchange->status - RESULT_STATUS_LOWEST]++;
}

void account_resend(struct account *account, uint64_t count)
{
	if (account_is_counting(account))
		account->result->resent += count;
}

void account_give_up_read_lateness(struct account *account)
{
	account->result->unstamped = 1;
	histogram_init(&account->result->read_lateness);
}

void account_handshake(struct account *account, const struct tls_handshake *handshake,
		       uint64_t took_ns)
{
	struct handshakes *handshakes = &account->result->handshakes;

	histogram_record(handshake->resumed ? &handshakes->resumed : &handshakes->full, took_ns);
	handshakes->kernel_sends += handshake->kernel_sends;
	handshakes->kernel_receives += handshake->kernel_receives;
	if (handshakes->name[0] == '\0')
		snprintf(handshakes->name, sizeof(handshakes->name), "%s", handshake->name);
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

/* Of a steady rate: whether the response time grows shows whether the server keeps up. */
static void record_growth(struct account *account, uint64_t due_ns, uint64_t latency_ns)
{
	uint64_t tenth_ns = (account->end_ns - account->start_ns) / 10;

	if (!account->is_steady || account->options->stages.count)
		return;
	if (due_ns - account->start_ns < tenth_ns)
		histogram_record(&account->result->early, latency_ns);
	else if (account->end_ns - due_ns <= tenth_ns)
		histogram_record(&account->result->late, latency_ns);
}

/* A sample: how long a request took, or has taken until now. */
static void record(struct account *account, const struct exchange *exchange)
{
	uint64_t latency_ns = account_latency_ns(account, exchange);

	histogram_record(&account->result->latency, latency_ns);
	recent_record(account->recent, latency_ns);
	record_growth(account, exchange->due_ns, latency_ns);
	if (account->open_loop)
		histogram_record(&account->result->service_time,
				 account->now_ns - exchange->sent_ns);
	if (account->parts.any)
		parts_record(&account->parts, exchange, account->now_ns);
}

/* What was recorded is so long at least. */
static void record_at_least(struct account *account, const struct exchange *exchange)
{
	struct result *result = account->result;

	record(account, exchange);
	result_bound(&result->latency_bound_ns, account_latency_ns(account, exchange));
	result_bound(&result->service_bound_ns, account->now_ns - exchange->sent_ns);
	if (account->parts.any)
		parts_bound(&account->parts, exchange, account->now_ns);
}

/* Of an answer that came at once the last byte came with the first. */
static void record_first_byte(struct account *account, const struct exchange *exchange)
{
	uint64_t at_ns = exchange->first_byte_ns ? exchange->first_byte_ns : account->now_ns;

	histogram_record(&account->result->first_byte, at_ns - exchange->sent_ns);
}

void account_answer(struct account *account, const struct exchange *exchange,
		    uint64_t received_bytes)
{
	if (account->parts.any)
		parts_answer(&account->parts, exchange, received_bytes, account->now_ns,
			     account_is_counting(account));
	if (account_is_counting(account)) {
		interval_add_one(&account->intervals->completed);
		interval_record_latency(account->intervals, account_latency_ns(account, exchange));
	}
	if (!exchange->counts) {
		account->result->good_outside++;
		return;
	}
	account->under_way--;
	account->result->good++;
	record(account, exchange);
	if (account->options->first_byte)
		record_first_byte(account, exchange);
	if (account->arrived_ns)
		histogram_record(&account->result->read_lateness,
				 account->now_ns - account->arrived_ns);
	result_bound(&account->result->fastest_ns, account->now_ns - exchange->sent_ns);
}

void account_time_out(struct account *account, const struct exchange *exchange)
{
	if (account->parts.any)
		parts_time_out(&account->parts, exchange, account->now_ns,
			       account_is_counting(account));
	if (account_is_counting(account))
		interval_record_latency(account->intervals, account_latency_ns(account, exchange));
	if (exchange->counts)
		record_at_least(account, exchange);
}

static void count_failure(struct account *account, bool inside, uint64_t count,
			  enum error_class class, enum error_phase phase, int problem,
			  const char *example)
{
	struct result *result = account->result;
	struct failure failure = {.class = class,
				  .phase = phase,
				  .problem = problem,
				  .count = count,
				  .first_ns = (int64_t)account->now_ns,
				  .last_ns = (int64_t)account->now_ns};

	if (example)
		snprintf(failure.example, sizeof(failure.example), "%s", example);
	failures_add(inside ? &result->failures : &result->failures_outside, &failure);
	(inside ? result->errors : result->errors_outside)[class] += count;
	if (account_is_counting(account))
		interval_add(&account->intervals->errors, count);
}

void account_fail(struct account *account, uint64_t count, enum error_class class,
		  enum error_phase phase, int problem, const char *example)
{
	count_failure(account, account_is_counting(account), count, class, phase, problem, example);
}

void account_fail_request(struct account *account, const struct exchange *exchange,
			  enum error_class class, enum error_phase phase, int problem,
			  const char *example)
{
	count_failure(account, exchange->counts, 1, class, phase, problem, example);
	if (account->parts.any)
		parts_fail(&account->parts, exchange, class, account->now_ns,
			   account_is_counting(account));
	if (exchange->counts)
		account->under_way--;
}

void account_fail_unopened(struct account *account, size_t request)
{
	struct exchange exchange = {.request = (uint8_t)request, .due_ns = account->start_ns};

	parts_fail_unsent(&account->parts, &exchange, ERROR_CONNECT);
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

void account_leave_unanswered(struct account *account, const struct exchange *exchange)
{
	if (account->parts.any)
		parts_leave(&account->parts, exchange, account->now_ns);
	if (!exchange->counts) {
		if (exchange->due_ns < account->start_ns)
			account->result->unanswered_outside++;
		return;
	}
	account->under_way--;
	histogram_record(&account->result->unanswered_age, account_latency_ns(account, exchange));
	record_at_least(account, exchange);
}

void account_leave_unsent(struct account *account, size_t request, uint64_t due_ns)
{
	struct result *result = account->result;
	uint64_t age_ns = account->now_ns > due_ns ? account->now_ns - due_ns : 0;
	struct exchange exchange = {.due_ns = due_ns, .request = (uint8_t)request};

	if (due_ns < account->start_ns) {
		account->due_outside++;
		result->unanswered_outside++;
		return;
	}
	result->due++;
	result->waited++;
	histogram_record(&result->unanswered_age, age_ns);
	histogram_record(&result->latency, age_ns);
	recent_record(account->recent, age_ns);
	record_growth(account, due_ns, age_ns);
	result_bound(&result->latency_bound_ns, age_ns);
	result_bound(&result->service_bound_ns, 0); /* it might take any time */
	if (account->options->stages.count)
		exchange.stage = stage_of(account, due_ns);
	if (account->parts.any)
		parts_leave_unsent(&account->parts, &exchange, account->now_ns);
}
