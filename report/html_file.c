#include "report/html_file.h"

#include "lib/text_buffer.h"
#include "report/files.h"

#include <errno.h>
#include <string.h>

/* What a {{name}} of the template stands for. */
struct slot {
	const char *name, *text;
	bool is_plain; /* to be escaped */
};

static void template_fill(struct text_buffer *out, const char *template, const struct slot *slots,
			  size_t count)
{
	const char *mark;

	for (; (mark = strstr(template, "{{")); template = mark) {
		size_t i = 0;

		text_append_bytes(out, template, (size_t)(mark - template));
		while (i < count && strncmp(mark, slots[i].name, strlen(slots[i].name)) != 0)
			i++;
		if (i == count) {
			text_append(out, "{{");
			mark += 2;
			continue;
		}
		(slots[i].is_plain ? text_append_html : text_append)(out, slots[i].text);
		mark += strlen(slots[i].name);
	}
	text_append(out, template);
}

int html_file_write(const char *folder, const char *name, const char *resources,
		    const struct html_document *document, struct error *error)
{
	struct text_buffer template = {0}, style = {0}, script = {0}, whole = {0};
	int code = file_read(&template, resources, "template.html", error);

	if (code == 0)
		code = file_read(&style, resources, "style.css", error);
	if (code == 0)
		code = file_read(&script, resources, "script.js", error);
	if (code == 0) {
		const struct slot slots[] = {
			{"{{title}}", document->title, true},
			{"{{head}}", document->head ? document->head : "", false},
			{"{{style}}", text_string(&style), false},
			{"{{script}}", text_string(&script), false},
			{"{{body}}", document->body, false},
		};

		template_fill(&whole, text_string(&template), slots, sizeof slots / sizeof *slots);
		if (text_failed(&whole)) {
			error_set(error, "%s", strerror(ENOMEM));
			code = -ENOMEM;
		} else {
			code = file_write(folder, name, text_string(&whole), whole.length, error);
		}
	}
	text_destroy(&template);
	text_destroy(&style);
	text_destroy(&script);
	text_destroy(&whole);
	return code;
}
