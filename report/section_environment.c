/* Where it ran: what a reader needs to judge whether it would be the same elsewhere. */
#include "report/section.h"

#include "lib/json.h"
#include "report/format.h"
#include "report/trust.h"
#include "stored/environment.h"

static const struct page_column columns[] = {{"what", false}, {"here", false}};

enum row_kind { ROW_PLAIN, ROW_BYTES, ROW_RANGE, ROW_MAP, ROW_LIST, ROW_SHARE };

static const struct row {
	const char *key, *title;
	enum row_kind kind;
	const char *null;   /* what null says, if not that it is not known */
	const char *within; /* the object that holds it; NULL: the environment itself */
} rows[] = {
	{"cpu_model", "processor", .kind = ROW_PLAIN},
	{"cores_online", "cores online", .kind = ROW_PLAIN},
	{"smt", "cores are SMT siblings", .kind = ROW_PLAIN},
	{"governor", "frequency governor", .kind = ROW_PLAIN},
	{"cpu_boost", "frequency beyond the nominal", .kind = ROW_PLAIN},
	{"memory_bytes", "memory", .kind = ROW_BYTES},
	{"machine", "architecture", .kind = ROW_PLAIN},
	{"hypervisor", "hypervisor", .kind = ROW_PLAIN},
	{"kernel", "kernel", .kind = ROW_PLAIN},
	{"os", "distribution", .kind = ROW_PLAIN},
	{"mitigations", "mitigations asked for", .kind = ROW_PLAIN,
	 .null = "the kernel's own choice"},
	{"tick_hz", "tick, Hz", .kind = ROW_PLAIN},
	{"interrupt_accounting", "interrupt accounting", .kind = ROW_PLAIN},
	{"descriptor_limit", "descriptor limit", .kind = ROW_PLAIN},
	{"somaxconn", "longest backlog", .kind = ROW_PLAIN},
	{"port_range", "ports of the generator", .kind = ROW_RANGE},
	{"transparent_hugepages", "transparent huge pages", .kind = ROW_PLAIN},
	{"cpuset_cores", "cores of our control group", .kind = ROW_PLAIN, .null = "all"},
	{"cpu_quota_cores", "its quota, in cores", .kind = ROW_PLAIN, .null = "none"},
	{"memory_limit_bytes", "its limit of memory", .kind = ROW_BYTES, .null = "none"},
	{"sysctls", "settings of the kernel", .kind = ROW_MAP},
	{"compiler", "compiler", .kind = ROW_PLAIN},
	{"build_flags", "its flags", .kind = ROW_PLAIN},
	{"libraries", "libraries", .kind = ROW_MAP},
	{"fingerprint", "fingerprint of all this", .kind = ROW_PLAIN},
	{"steal_since_boot_ratio", "time that the host took since boot", .kind = ROW_SHARE,
	 .within = ENVIRONMENT_OBSERVED},
	{"load_average", "load before the run, 1, 5 and 15 min", .kind = ROW_LIST,
	 .within = ENVIRONMENT_OBSERVED},
	{"tcp_mem_pages", "memory of TCP, in pages", .kind = ROW_LIST,
	 .within = ENVIRONMENT_OBSERVED},
};

static void append_plain(struct text_buffer *out, const json_t *value)
{
	char text[FORMAT_SIZE];

	if (json_is_string(value))
		text_append(out, json_string_value(value));
	else if (json_is_number(value))
		text_append(out, format_value("count", json_number_value(value), text));
	else if (json_is_boolean(value))
		text_append(out, json_is_true(value) ? "yes" : "no");
	else
		text_append(out, "not known");
}

/* "libuv 1.44.2, llhttp 6.0.9", in the order of their names. */
static void append_map(struct text_buffer *out, const json_t *map)
{
	const char *key;
	json_t *value;
	size_t i = 0;

	json_object_foreach((json_t *)map, key, value)
	{
		text_append_format(out, "%s%s ", i++ ? ", " : "", key);
		append_plain(out, value);
	}
}

static void append_list(struct text_buffer *out, const json_t *list)
{
	json_t *value;
	size_t i;

	json_array_foreach(list, i, value)
	{
		text_append(out, i ? ", " : "");
		append_plain(out, value);
	}
}

static void append_row(struct text_buffer *out, const json_t *value, const struct row *row)
{
	enum row_kind kind = row->kind;
	char text[FORMAT_SIZE];

	if (json_is_null(value) && row->null) {
		text_append(out, row->null);
	} else if (kind == ROW_BYTES && json_is_number(value)) {
		text_append(out, format_value("bytes", json_number_value(value), text));
	} else if (kind == ROW_RANGE && json_array_size(value) == 2) {
		append_plain(out, json_array_get(value, 0));
		text_append(out, " to ");
		append_plain(out, json_array_get(value, 1));
	} else if (kind == ROW_SHARE && json_is_number(value)) {
		text_append(out, format_value("ratio", json_number_value(value), text));
	} else if (kind == ROW_LIST && json_array_size(value)) {
		append_list(out, value);
	} else if (kind == ROW_MAP && json_object_size(value)) {
		append_map(out, value);
	} else {
		append_plain(out, value);
	}
}

/* What the host took while trials were measured, which is what counts: a run that sleeps has nothing taken. */
static void append_steal(struct page *page, const struct results *results)
{
	char median_text[FORMAT_SIZE], most_text[FORMAT_SIZE];
	struct text_buffer text = {0};
	double median, most;

	if (!trust_steal(results, &median, &most))
		return;
	text_append_format(&text, "%s in the median trial, %s at the most",
			   format_value("ratio", median, median_text),
			   format_value("ratio", most, most_text));
	page_table_cell(page, "time that the host took meanwhile", NULL);
	page_table_cell(page, text_string(&text), NULL);
	text_destroy(&text);
}

void section_environment(struct page *page, const struct report *report)
{
	const json_t *environment = json_object_get(report->results->run, "environment");

	page_fold_begin(page, "environment", "Where it ran");
	page_table_begin(page, "facts", "", columns, 2);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const json_t *from = rows[i].within ? json_object_get(environment, rows[i].within)
						    : environment;
		const json_t *value = json_object_get(from, rows[i].key);
		struct text_buffer text = {0};

		if (!value) /* a run from before it was looked at */
			continue;
		append_row(&text, value, &rows[i]);
		page_table_cell(page, rows[i].title, NULL);
		page_table_cell(page, text_string(&text), NULL);
		text_destroy(&text);
	}
	append_steal(page, report->results);
	page_table_end(page);
	page_fold_end(page);
}
