/* Where it ran: what a reader needs to judge whether it would be the same elsewhere. */
#include "report/section.h"

#include "report/format.h"

#include <string.h>

static const struct page_column columns[] = {{"what", false}, {"here", false}};

enum row_kind { ROW_PLAIN, ROW_BYTES, ROW_RANGE, ROW_MAP };

static const struct {
	const char *key, *title;
	enum row_kind kind;
} rows[] = {
	{"cpu_model", "processor", ROW_PLAIN},
	{"cores_online", "cores online", ROW_PLAIN},
	{"smt", "cores are SMT siblings", ROW_PLAIN},
	{"governor", "frequency governor", ROW_PLAIN},
	{"memory_bytes", "memory", ROW_BYTES},
	{"machine", "architecture", ROW_PLAIN},
	{"hypervisor", "hypervisor", ROW_PLAIN},
	{"kernel", "kernel", ROW_PLAIN},
	{"os", "distribution", ROW_PLAIN},
	{"tick_hz", "tick, Hz", ROW_PLAIN},
	{"interrupt_accounting", "interrupt accounting", ROW_PLAIN},
	{"descriptor_limit", "descriptor limit", ROW_PLAIN},
	{"somaxconn", "longest backlog", ROW_PLAIN},
	{"port_range", "ports of the generator", ROW_RANGE},
	{"compiler", "compiler", ROW_PLAIN},
	{"libraries", "libraries", ROW_MAP},
	{"fingerprint", "fingerprint of all this", ROW_PLAIN},
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

static void append_row(struct text_buffer *out, const json_t *value, enum row_kind kind)
{
	char text[FORMAT_SIZE];

	if (kind == ROW_BYTES && json_is_number(value)) {
		text_append(out, format_value("bytes", json_number_value(value), text));
	} else if (kind == ROW_RANGE && json_array_size(value) == 2) {
		append_plain(out, json_array_get(value, 0));
		text_append(out, " to ");
		append_plain(out, json_array_get(value, 1));
	} else if (kind == ROW_MAP && json_object_size(value)) {
		append_map(out, value);
	} else {
		append_plain(out, value);
	}
}

void section_environment(struct page *page, const struct report *report)
{
	const json_t *environment = json_object_get(report->results->run, "environment");

	page_heading(page, 2, "environment", "Where it ran");
	page_table_begin(page, "facts", "", columns, 2);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct text_buffer text = {0};

		append_row(&text, json_object_get(environment, rows[i].key), rows[i].kind);
		page_table_cell(page, rows[i].title, NULL);
		page_table_cell(page, text_string(&text), NULL);
		text_destroy(&text);
	}
	page_table_end(page);
}
