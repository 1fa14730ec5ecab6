#include "harness/check/check.h"

#include "harness/check/rows.h"
#include "harness/process/interrupt.h"
#include "lib/clock.h"
#include "lib/json.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { SILENCES_MOST = 3, SIDE_BY_SIDE = 6 };

#define ROW_LIMIT_NS   (5 * NS_PER_S)
#define KNOWN_LIMIT_NS (400 * NS_PER_MS) /* not to wait long for what is not to come */

static bool is_wanted(const struct check_row *row, const char *const *wanted, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(row->name, wanted[i]) == 0)
			return true;
	return count == 0;
}

static int check_names(const char *const *wanted, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!check_row_find(wanted[i]))
			return -EINVAL;
	return 0;
}

/* The entry of the server's list for this row; NULL: there is none. */
static const json_t *find_known(const struct check_target *target, const struct check_row *row)
{
	return json_find(target->known, "row", row->name);
}

const char *check_known_reason(const struct check_target *target, const struct check_row *row)
{
	const json_t *known = find_known(target, row);

	return known ? json_string_of(known, "reason") : NULL;
}

const char *check_unknown_row(const struct check_target *target)
{
	for (size_t i = 0; i < json_array_size(target->known); i++) {
		const char *row = json_string_of(json_array_get(target->known, i), "row");

		if (!check_row_find(row))
			return row;
	}
	return NULL;
}

/* Returns whether the server let it time out, other than where that is known. */
static bool run_row(const struct check_target *target, const struct check_row *row,
		    struct check_result *result)
{
	const json_t *known = find_known(target, row);
	uint64_t started_ns = clock_now_ns();
	uint64_t limit_ns = known ? KNOWN_LIMIT_NS + row->wait_ms * NS_PER_MS : ROW_LIMIT_NS;
	struct check_trial trial = {.target = target,
				    .client = {.fd = -1},
				    .deadline_ns = started_ns + limit_ns,
				    .result = result};
	bool ok = (row->run ? row->run : check_run_once)(&trial, row);

	http_client_close(&trial.client);
	result->elapsed_ns = clock_now_ns() - started_ns;
	if (!known)
		result->outcome = ok ? CHECK_PASSED : CHECK_FAILED;
	else if (!ok)
		result->outcome = CHECK_KNOWN;
	else if (!json_is_true(json_object_get(known, "sometimes")))
		result->outcome = CHECK_STALE;
	if (known && result->outcome != CHECK_PASSED)
		result->reason = json_string_of(known, "reason");
	return trial.timed_out && !known;
}

/* Whether it answers anything at all, on a new connection. */
static bool is_alive(const struct check_target *target)
{
	struct check_result result = {0};
	struct check_trial trial = {.target = target,
				    .client = {.fd = -1},
				    .deadline_ns = clock_now_ns() + ROW_LIMIT_NS,
				    .result = &result};
	bool alive = check_connect(&trial, &trial.client) && check_open(&trial, &trial.client);

	http_client_close(&trial.client);
	check_result_destroy(&result);
	return alive;
}

static void fail_untried(struct check_result *result)
{
	result->outcome = CHECK_FAILED;
	result->expected = strdup("a server that answers");
	result->came = strdup("not tried: it has not answered for several rows");
}

long check_server(const struct check_target *target, const char *const *wanted, size_t wanted_count,
		  check_report_function *report, void *context)
{
	unsigned silences = 0;
	long failed = 0;

	if (!wanted)
		wanted_count = 0;
	if (check_names(wanted, wanted_count) < 0)
		return -EINVAL;
	for (size_t i = 0; i < check_row_count(); i++) {
		const struct check_row *row = check_row_at(i);
		struct check_result result = {0};

		if (!is_wanted(row, wanted, wanted_count))
			continue;
		if (interrupt_seen())
			break;
		if (!check_row_applies(row, target))
			result.outcome = CHECK_NOT_ASKED;
		else if (silences == SILENCES_MOST)
			fail_untried(&result);
		else if (run_row(target, row, &result))
			silences = is_alive(target) ? 0 : silences + 1;
		else
			silences = 0;
		failed += check_is_failure(&result);
		report(context, row, &result);
	}
	return failed;
}

unsigned check_find_routes(const char *host, uint16_t port)
{
	static const struct {
		const char *row;
		enum check_route route;
	} asked[] = {{"plaintext", CHECK_PLAINTEXT}, {"json", CHECK_JSON},
		     {"bytes-1", CHECK_BYTES},	     {"wait-0", CHECK_WAIT},
		     {"block-20", CHECK_BLOCK},	     {"cpu-1000", CHECK_CPU},
		     {"calls-in-turn", CHECK_CALLS}, {"echo", CHECK_ECHO}};
	struct check_target target = {.name = "", .host = host, .port = port, .foreign = true};
	unsigned found = 0;

	for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
		struct check_result result = {0};

		target.routes = asked[i].route;
		run_row(&target, check_row_find(asked[i].row), &result);
		if (result.outcome == CHECK_PASSED)
			found |= asked[i].route;
		check_result_destroy(&result);
	}
	return found;
}

bool check_refuses_post(const char *host, uint16_t port)
{
	static const char request[] = "POST /echo HTTP/1.1\r\nHost: tenk\r\n"
				      "Content-Length: 5\r\nConnection: close\r\n\r\nhello";
	uint64_t deadline_ns = clock_now_ns() + ROW_LIMIT_NS;
	struct http_response response = {0};
	struct http_client client;
	int status = http_client_open(&client, host, port, ROW_LIMIT_NS);

	if (status == 0)
		status = http_client_send(&client, request, sizeof request - 1, deadline_ns);
	if (status == 0)
		status = http_client_receive(&client, false, &response, deadline_ns);
	if (status == 0)
		status = (int)response.status;
	http_response_destroy(&response);
	http_client_close(&client);
	return status == 405 || status == 501;
}

/* The cell that a server's next result goes to. */
/* Servers whose turn has come are taken by whoever is free. */
struct turns {
	struct check_suite *suite;
	const char *const *wanted;
	size_t wanted_count;
	check_progress_function *progress;
	void *context;
	atomic_size_t next;
	pthread_mutex_t lock;
	size_t done; /* rows, of all servers; under the lock */
};

struct filler {
	struct turns *turns;
	size_t target, row;
};

static void fill(void *context, const struct check_row *row, struct check_result *result)
{
	struct filler *filler = context;
	struct turns *turns = filler->turns;
	struct check_suite *suite = turns->suite;

	(void)row;
	suite->results[filler->row * suite->target_count + filler->target] = *result;
	filler->row++;
	pthread_mutex_lock(&turns->lock);
	turns->done++;
	if (turns->progress)
		turns->progress(turns->context, &suite->targets[filler->target], turns->done,
				suite->row_count * suite->target_count);
	pthread_mutex_unlock(&turns->lock);
}

/* Shows both from a little before the first byte that differs. */
static void note_difference(struct check_result *result, const struct check_result *model,
			    const char *model_name)
{
	enum { BEFORE = 40, SHOWN = 160 };
	size_t at = 0, begin;
	char here[SHOWN * 2], there[SHOWN * 2], text[sizeof there + 128];

	while (at < result->transcript_bytes && at < model->transcript_bytes &&
	       result->transcript[at] == model->transcript[at])
		at++;
	begin = at > BEFORE ? at - BEFORE : 0;
	check_escape(result->transcript + begin, result->transcript_bytes - begin, here, SHOWN);
	check_escape(model->transcript + begin, model->transcript_bytes - begin, there, SHOWN);
	snprintf(text, sizeof text, "from byte %zu as %s: %s", begin, model_name, there);
	result->outcome = CHECK_DIFFERS;
	result->expected = strdup(text);
	result->came = strdup(here);
}

/* The first server that passed a row is what the others are held against. */
static void compare_row(struct check_suite *suite, struct check_result *results)
{
	const struct check_result *model = NULL;

	for (size_t i = 0; i < suite->target_count; i++) {
		struct check_result *result = &results[i];

		if (result->outcome != CHECK_PASSED || suite->targets[i].own_parser)
			continue;
		if (!model)
			model = result;
		else if (result->transcript_bytes != model->transcript_bytes ||
			 (model->transcript && memcmp(result->transcript, model->transcript,
						      model->transcript_bytes) != 0))
			note_difference(result, model, suite->targets[model - results].name);
	}
}

static void *take_turns(void *argument)
{
	struct turns *turns = argument;

	for (;;) {
		struct filler filler = {.turns = turns,
					.target = atomic_fetch_add(&turns->next, 1)};

		if (filler.target >= turns->suite->target_count)
			return NULL;
		check_server(&turns->suite->targets[filler.target], turns->wanted,
			     turns->wanted_count, fill, &filler);
	}
}

/* Most rows wait, so several servers are asked at once; without threads, one after another. */
static void check_side_by_side(struct turns *turns)
{
	pthread_t threads[SIDE_BY_SIDE - 1];
	size_t started = 0;

	while (started < SIDE_BY_SIDE - 1 && started + 1 < turns->suite->target_count &&
	       pthread_create(&threads[started], NULL, take_turns, turns) == 0)
		started++;
	take_turns(turns);
	while (started > 0)
		pthread_join(threads[--started], NULL);
}

int check_suite_run(struct check_suite *suite, const struct check_target *targets, size_t count,
		    const char *const *wanted, size_t wanted_count,
		    check_progress_function *progress, void *context)
{
	struct turns turns = {.suite = suite,
			      .wanted = wanted,
			      .wanted_count = wanted ? wanted_count : 0,
			      .progress = progress,
			      .context = context,
			      .lock = PTHREAD_MUTEX_INITIALIZER};
	size_t rows = 0;

	*suite = (struct check_suite){.targets = targets, .target_count = count};
	if (!wanted)
		wanted_count = 0;
	if (check_names(wanted, wanted_count) < 0)
		return -EINVAL;
	for (size_t i = 0; i < check_row_count(); i++)
		suite->row_count += is_wanted(check_row_at(i), wanted, wanted_count);
	suite->rows = calloc(suite->row_count, sizeof *suite->rows);
	suite->results = calloc(suite->row_count * count + 1, sizeof *suite->results);
	if (!suite->rows || !suite->results) {
		suite->row_count = 0;
		return -ENOMEM;
	}
	for (size_t i = 0; i < check_row_count(); i++)
		if (is_wanted(check_row_at(i), wanted, wanted_count))
			suite->rows[rows++] = check_row_at(i);
	check_side_by_side(&turns);
	for (size_t i = 0; i < suite->row_count; i++)
		compare_row(suite, &suite->results[i * count]);
	for (size_t i = 0; i < suite->row_count * count; i++) {
		suite->known += suite->results[i].outcome == CHECK_KNOWN;
		suite->not_asked += suite->results[i].outcome == CHECK_NOT_ASKED;
		suite->failed += check_is_failure(&suite->results[i]);
	}
	return 0;
}

void check_suite_destroy(struct check_suite *suite)
{
	for (size_t i = 0; i < suite->row_count * suite->target_count; i++)
		check_result_destroy(&suite->results[i]);
	free(suite->rows);
	free(suite->results);
	*suite = (struct check_suite){0};
}
