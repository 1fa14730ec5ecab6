#include "report/html_file.h"

#include "lib/text_buffer.h"
#include "report/files.h"

#include <errno.h>
#include <string.h>

/* Fills {{title}}, {{style}} and {{body}} of the template. */
static void template_fill(struct text_buffer *out, const char *template, const char *title,
			  const char *style, const char *body)
{
	while (*template) {
		const char *mark = strstr(template, "{{");

		if (!mark) {
			text_append(out, template);
			return;
		}
		text_append_bytes(out, template, (size_t)(mark - template));
		template = mark;
		if (strncmp(template, "{{title}}", 9) == 0) {
			text_append_html(out, title);
			template += 9;
		} else if (strncmp(template, "{{style}}", 9) == 0) {
			text_append(out, style);
			template += 9;
		} else if (strncmp(template, "{{body}}", 8) == 0) {
			text_append(out, body);
			template += 8;
		} else {
			text_append(out, "{{");
			template += 2;
		}
	}
}

int html_file_write(const char *folder, const char *name, const char *resources, const char *title,
		    const char *body, struct error *error)
{
	struct text_buffer template = {0}, style = {0}, whole = {0};
	int code = file_read(&template, resources, "template.html", error);

	if (code == 0)
		code = file_read(&style, resources, "style.css", error);
	if (code == 0) {
		template_fill(&whole, text_string(&template), title, text_string(&style), body);
		if (text_failed(&whole)) {
			error_set(error, "%s", strerror(ENOMEM));
			code = -ENOMEM;
		} else {
			code = file_write(folder, name, text_string(&whole), whole.length, error);
		}
	}
	text_destroy(&template);
	text_destroy(&style);
	text_destroy(&whole);
	return code;
}
