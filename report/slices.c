#include "report/slices.h"

#include "report/format.h"

#include <stdlib.h>
#include <string.h>

/* Of the points of a part. */
struct use {
	size_t points, not_used;
	const char *why; /* of the first that was not; borrowed */
};

static struct use find_use(const struct part *part)
{
	struct use use = {.why = ""};
	const json_t *entry;
	size_t i;

	json_array_foreach(json_object_get(part->results->run, "slices"), i, entry)
	{
		if (strcmp(json_string_of(entry, "scenario"),
			   json_string_of(part->scenario, "name")) != 0 ||
		    strcmp(json_string_of(entry, "part"), part_text(part, "name")) != 0)
			continue;
		use.points++;
		if (json_is_true(json_object_get(entry, "used")))
			continue;
		if (use.not_used++ == 0)
			use.why = json_string_of(entry, "why");
	}
	return use;
}

/* "at 2 of 4 points trials followed one another: ..." */
static void append_why_not(struct text_buffer *out, const struct use *use, const char *trials)
{
	if (use->not_used < use->points)
		text_append_format(out, "at %zu of %zu points trials", use->not_used, use->points);
	else
		text_append(out, trials);
	text_append_format(out, " followed one another: %s", use->why);
}

void slices_append(struct text_buffer *out, const struct part *part)
{
	struct use use = find_use(part);
	char text[FORMAT_SIZE];

	if (use.not_used < use.points)
		text_append_format(
			out,
			" The servers of a point stand side by side and the load goes round among "
			"them, in slices of %s behind a lead of 20 ms that does not count, in rounds "
			"of which the order is drawn anew; rates and CPU are medians over the rounds, "
			"of what a server has beyond the others.",
			format_tick("ns", part_load(part, NULL, "slice_ns"), text));
	if (use.not_used == 0)
		return;
	text_append(out, use.not_used < use.points ? " But " : " ");
	append_why_not(out, &use, "Trials");
	text_append(out, ".");
}

static bool is_disturbed(const json_t *trial)
{
	return json_find(json_object_get(trial, "notes"), "code", "disturbed") != NULL;
}

static void print_disturbed(const struct part *part, FILE *out)
{
	size_t all = 0, disturbed = 0;
	const json_t *trial;

	for (size_t i = 0; (trial = part_next_trial(part, NULL, NULL, &i)); all++)
		disturbed += is_disturbed(trial);
	if (disturbed > 0)
		fprintf(out,
			"\n  other work was on these cores in %zu of %zu trials: ratios within blocks "
			"hold, rates and times are of a busy machine\n",
			disturbed, all);
}

void slices_print(const struct part *part, FILE *out)
{
	struct use use = find_use(part);
	struct text_buffer text = {0};

	print_disturbed(part, out);
	if (use.not_used == 0)
		return;
	append_why_not(&text, &use, "trials");
	fprintf(out, "\n  %s\n", text_string(&text));
	text_destroy(&text);
}
