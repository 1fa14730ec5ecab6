#include "report/trust.h"

#include "lib/json.h"
#include "lib/statistics/statistics.h"
#include "report/format.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char late_code[] = "generator_late";

bool trust_steal(const struct results *results, double *median, double *most)
{
	double *shares = calloc(results->trial_count + 1, sizeof *shares);
	size_t count = 0;

	*most = 0;
	for (size_t i = 0; shares && i < results->trial_count; i++) {
		double share = json_number_of(json_object_get(results->trials[i], "metrics"),
					      "steal_ratio");

		if (isnan(share))
			continue;
		shares[count++] = share;
		*most = fmax(*most, share);
	}
	if (count)
		*median = statistics_median(shares, count);
	free(shares);
	return count > 0;
}

/* A rate is a maximum only where the server's cores or threads were busy all the time. */
static void append_limited(struct text_buffer *out, const struct part *parts, size_t part_count)
{
	size_t cells = 0, bounds = 0;

	for (size_t i = 0; i < part_count; i++) {
		const struct part *part = &parts[i];

		for (size_t j = 0; j < part->server_count && part->kind == PART_RATE; j++)
			for (size_t k = 0; k < part->point_count; k++) {
				if (!part_summary(part, part->servers[j], part->points[k],
						  "requests_per_s")
					     .count)
					continue;
				cells++;
				bounds += part_rate_is_bound(part, part->servers[j],
							     part->points[k]);
			}
	}
	if (cells)
		text_append_format(out, " Driven to their limit: %zu of %zu cells.", cells - bounds,
				   cells);
}

static void append_machine(struct text_buffer *out, const struct results *results)
{
	const json_t *environment = json_object_get(results->run, "environment");
	char median_text[FORMAT_SIZE], most_text[FORMAT_SIZE];
	double median, most;
	bool is_virtual = json_is_true(json_object_get(environment, "virtual_machine"));

	if (is_virtual)
		text_append(out, " A virtual machine");
	if (trust_steal(results, &median, &most))
		text_append_format(out, "%s took %s of the time in the median trial, %s at most",
				   is_virtual ? ", whose host" : " The host",
				   format_value("ratio", median, median_text),
				   format_value("ratio", most, most_text));
	else if (!is_virtual)
		return;
	text_append(out, ".");
}

/* How often the generator sent late: the response times of such trials are its own, not the server's. */
static void append_late(struct text_buffer *out, const struct results *results)
{
	size_t trials = 0, late = 0;

	for (size_t i = 0; i < results->trial_count; i++) {
		const json_t *trial = results->trials[i];
		const json_t *notes = json_object_get(trial, "notes");

		if (!results_trial_counts(trial) ||
		    isnan(json_number_of(json_object_get(trial, "metrics"),
					 "send_lateness_p99_ns")))
			continue;
		trials++;
		late += json_find(notes, "code", late_code) != NULL;
	}
	if (trials)
		text_append_format(out, " Generator late in %zu of %zu trials.", late, trials);
}

void trust_append(struct text_buffer *out, const struct results *results, const struct part *parts,
		  size_t part_count)
{
	append_limited(out, parts, part_count);
	append_machine(out, results);
	append_late(out, results);
}
