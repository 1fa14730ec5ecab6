#include "loadgen/report_text_parts.h"
#include "lib/units.h"

#include <inttypes.h>
#include <string.h>

static void text_write_error_counts(const struct text *text, const char *label,
				    const uint64_t errors[ERROR_CLASSES])
{
	const char *separator = "";

	text_label(text, label);
	for (size_t i = 0; i < ERROR_CLASSES; i++) {
		if (errors[i] == 0)
			continue;
		fprintf(text->out, "%s%s%" PRIu64 " %s%s", separator, text->red, errors[i],
			error_class_names[i], text->plain);
		separator = ", ";
	}
	fputs(*separator ? "\n" : "none\n", text->out);
}

static void text_write_failures(const struct text *text, const struct failures *failures)
{
	const struct run *run = text->run;
	char at[SHOWN_BYTES];

	for (size_t i = 0; i < failures->count && i < ROWS_MAX; i++) {
		const struct failure *kind = &failures->kind[i];

		fprintf(text->out, "%14s%" PRIu64 " %s", "", kind->count,
			error_class_names[kind->class]);
		if (kind->phase != PHASE_RECEIVE && kind->phase != PHASE_CONNECT)
			fprintf(text->out, " (%s)", error_phase_names[kind->phase]);
		if (kind->problem)
			fprintf(text->out, ": %s", strerror(kind->problem));
		if (kind->example[0])
			fprintf(text->out, ": %s", kind->example);
		if (run->window_base_ns && kind->first_ns >= 0)
			fprintf(text->out, "; first at %s",
				units_format(UNIT_DURATION, (double)kind->first_ns, at,
					     sizeof(at)));
		fputc('\n', text->out);
	}
	if (failures->count > ROWS_MAX)
		fprintf(text->out, "%14sand %zu kinds more (--json)\n", "",
			failures->count - ROWS_MAX);
	if (failures->others > 0)
		fprintf(text->out, "%14sand %" PRIu64 " of more kinds than there was room for\n",
			"", failures->others);
}

/* Answers by status, if there was more than one; a screen has room for some. */
void text_write_statuses(const struct text *text)
{
	const uint64_t *statuses = text->run->total->statuses;
	size_t kinds = 0;

	for (size_t i = 0; i < RESULT_STATUSES; i++)
		kinds += statuses[i] > 0;
	if (kinds < 2)
		return;
	text_label(text, "status");
	for (size_t i = 0, shown = 0; i < RESULT_STATUSES && shown < ROWS_MAX; i++)
		if (statuses[i] > 0)
			fprintf(text->out, "%s%zu: %" PRIu64, shown++ ? ", " : "",
				i + RESULT_STATUS_LOWEST, statuses[i]);
	fputc('\n', text->out);
}

static bool learns_a_length(const struct mix *mix)
{
	for (size_t i = 0; i < mix->count; i++)
		if (mix->request[i].expect.length == EXPECTED_LEARN_LENGTH)
			return true;
	return false;
}

void text_write_errors(const struct text *text)
{
	const struct result *total = text->run->total;

	if (total->resent > 0) {
		text_label(text, "resent");
		fprintf(text->out,
			"%" PRIu64 " times the server closed a connection while we sent\n",
			total->resent);
	}

	text_write_error_counts(text, "errors", total->errors);
	text_write_failures(text, &total->failures);
	if (total->errors[ERROR_LENGTH] > 0 && learns_a_length(text->run->mix))
		fprintf(text->out, "%14sIf its pages vary in length, say --expect-length any.\n",
			"");
	if (result_count_errors(total->errors_outside) > 0) {
		text_write_error_counts(text, "  outside", total->errors_outside);
		text_write_failures(text, &total->failures_outside);
	}
}
