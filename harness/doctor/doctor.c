#include "harness/doctor/doctor.h"

#include "harness/doctor/checks.h"
#include "harness/machine/machine_files.h"
#include "harness/process/interrupt.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_WIDTH = 96, TITLE_WIDTH = 22, INDENT = 9 + TITLE_WIDTH };

struct doctor_check {
	const char *key, *title;
	void (*look)(struct doctor_context *context, struct doctor_finding *finding);
};

/* In the order of the list; what keeps cores busy comes after what looks for other load. */
static const struct doctor_check checks[] = {
	{"cores", "cores", doctor_check_cores},
	{"smt", "SMT siblings", doctor_check_smt},
	{"governor", "governor", doctor_check_governor},
	{"other_load", "other load", doctor_check_other_load},
	{"steal", "steal", doctor_check_steal},
	{"memory", "memory", doctor_check_memory},
	{"huge_pages", "huge pages", doctor_check_huge_pages},
	{"descriptors", "descriptors", doctor_check_descriptors},
	{"threads", "threads", doctor_check_threads},
	{"ports", "ports", doctor_check_ports},
	{"time_wait", "in TIME_WAIT", doctor_check_time_wait},
	{"backlog", "backlog", doctor_check_backlog},
	{"socket_memory", "memory of TCP", doctor_check_socket_memory},
	{"interrupts", "interrupts", doctor_check_interrupts},
	{"tick", "tick and timers", doctor_check_tick},
	{"cgroup", "control groups", doctor_check_cgroup},
	{"backends", "backends", doctor_check_backends},
	{"switch", "a context switch", doctor_check_switch},
	{"generator", "the generator", doctor_check_generator},
};

enum { CHECKS = sizeof checks / sizeof *checks };

static const char *const verdict_words[] = {
	[DOCTOR_OK] = "ok",
	[DOCTOR_NOTE] = "note",
	[DOCTOR_WARNING] = "warning",
};

/* Prints words in lines of bounded width, all but the first indented. */
static void print_wrapped(FILE *out, const char *mark, const char *text)
{
	int mark_width = (int)strlen(mark), column = INDENT + mark_width;

	fprintf(out, "%*s%s", INDENT, "", mark);
	while (*text) {
		int length = (int)strcspn(text, " ");

		if (column + length > LINE_WIDTH && column > INDENT + mark_width) {
			fprintf(out, "\n%*s", INDENT + mark_width, "");
			column = INDENT + mark_width;
		}
		fprintf(out, "%.*s", length, text);
		column += length;
		text += length;
		if (*text == ' ') {
			/* A blank at the end of a line is only printed if a word follows it. */
			int next = (int)strcspn(text + 1, " ");

			if (column + 1 + next <= LINE_WIDTH) {
				fputc(' ', out);
				column++;
			} else {
				column = LINE_WIDTH;
			}
			text++;
		}
	}
	fputc('\n', out);
}

static void print_finding(FILE *out, const struct doctor_finding *finding)
{
	fprintf(out, "%-7s  %-*s%s\n", verdict_words[finding->verdict], TITLE_WIDTH, finding->title,
		finding->value);
	if (*finding->effect)
		print_wrapped(out, "", finding->effect);
	if (*finding->remedy)
		print_wrapped(out, "-> ", finding->remedy);
}

static void count_verdicts(const struct doctor_finding *findings, size_t counts[3])
{
	memset(counts, 0, 3 * sizeof *counts);
	for (size_t i = 0; i < CHECKS; i++)
		counts[findings[i].verdict]++;
}

static json_t *limit(uint64_t value)
{
	return value > INT64_MAX ? json_null() : json_integer((json_int_t)value);
}

static json_t *describe_limits(const struct machine_limits *limits)
{
	return json_pack("{s:o, s:o, s:o, s:s, s:o, s:o, s:o}", "descriptors",
			 limit(limits->descriptors), "ports", limit(limits->ports), "threads",
			 limit(limits->threads), "threads_by", limits->threads_by, "cores",
			 limit(limits->cores), "memory_bytes", limit(limits->memory_bytes), "files",
			 limit(limits->files));
}

static int print_json(FILE *out, const struct machine_limits *limits,
		      const struct doctor_finding *findings, size_t warnings)
{
	json_t *list = json_array(), *report;
	int status = 0;

	for (size_t i = 0; i < CHECKS; i++) {
		const struct doctor_finding *finding = &findings[i];

		status |= json_array_append_new(
			list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "key", finding->key,
					"title", finding->title, "verdict",
					verdict_words[finding->verdict], "value", finding->value,
					"effect", finding->effect, "remedy", finding->remedy));
	}
	report = json_pack("{s:i, s:o, s:I, s:o}", "schema", 1, "findings", list, "warnings",
			   (json_int_t)warnings, "limits", describe_limits(limits));
	if (status != 0 || !report) {
		json_decref(report);
		return -ENOMEM;
	}
	status = json_dumpf(report, out, JSON_INDENT(2) | JSON_REAL_PRECISION(6)) < 0 ? -EIO : 0;
	fputc('\n', out);
	json_decref(report);
	return status;
}

/* Text goes out finding by finding, as some take a second. */
static void print_text_end(FILE *out, const size_t counts[3])
{
	fprintf(out, "\n%d checks: %zu ok, %zu note%s, %zu warning%s\n", (int)CHECKS,
		counts[DOCTOR_OK], counts[DOCTOR_NOTE], counts[DOCTOR_NOTE] == 1 ? "" : "s",
		counts[DOCTOR_WARNING], counts[DOCTOR_WARNING] == 1 ? "" : "s");
}

int doctor_run(FILE *out, const struct doctor_options *options, size_t *warnings)
{
	struct doctor_context context = {.server = options->server,
					 .load = options->load,
					 .root = options->root ? options->root : ""};
	struct doctor_finding findings[CHECKS];
	size_t counts[3];
	int status = 0;

	machine_limits_read(&context.limits, context.root);
	context.kernel_options = machine_kernel_options(context.root);
	for (size_t i = 0; i < CHECKS && !interrupt_seen(); i++) {
		findings[i] = (struct doctor_finding){.key = checks[i].key,
						      .title = checks[i].title};
		checks[i].look(&context, &findings[i]);
		if (!options->json && !interrupt_seen()) {
			print_finding(out, &findings[i]);
			fflush(out);
		}
	}
	free(context.kernel_options);
	if (interrupt_seen())
		return -EINTR;
	count_verdicts(findings, counts);
	if (options->json)
		status = print_json(out, &context.limits, findings, counts[DOCTOR_WARNING]);
	else
		print_text_end(out, counts);
	if (warnings)
		*warnings = counts[DOCTOR_WARNING];
	return ferror(out) ? -EIO : status;
}

bool doctor_look(const char *key, const char *root, struct doctor_finding *finding)
{
	struct doctor_context context = {.root = root};
	size_t i = 0;

	while (i < CHECKS && strcmp(checks[i].key, key) != 0)
		i++;
	if (i == CHECKS)
		return false;
	machine_limits_read(&context.limits, root);
	context.kernel_options = machine_kernel_options(root);
	*finding = (struct doctor_finding){.key = key, .title = checks[i].title};
	checks[i].look(&context, finding);
	free(context.kernel_options);
	return true;
}
