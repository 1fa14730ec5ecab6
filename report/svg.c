#include "report/svg.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What is replaced, in order of the table at each place; %s is the chart's id. */
static const struct {
	const char *from, *to;
} replacements[] = {
	/* gnuplot names the pen's colour on each group, which would override the page's. */
	{" color=\"black\"", ""},
	{" color=\"white\"", ""},
	{" color=\"gray\"", ""},
	{"\"rgb(0,0,0)\"", "\"currentColor\""},
	{"'rgb(  0,   0,   0)'", "'currentColor'"},
	{"\"rgb(0, 0, 0)\"", "\"currentColor\""},
	{"=\"black\"", "=\"currentColor\""},
	{"='black'", "='currentColor'"},
	{"id='", "id='%s-"},
	{"id=\"", "id=\"%s-"},
	{"href='#", "href='#%s-"},
	{"url(#", "url(#%s-"},
	{"filter='#", "filter='#%s-"},
};

/* Series without a title of their own: the browser would show these on hover. */
static const char automatic_title[] = "<title>gnuplot_plot_";

/* Copies up to `end`, replacing as the table says. */
static void copy_replaced(struct text_buffer *out, const char *text, const char *end,
			  const char *id)
{
	size_t count = sizeof replacements / sizeof replacements[0];

	while (text < end) {
		size_t i = 0;

		for (; i < count; i++)
			if (strncmp(text, replacements[i].from, strlen(replacements[i].from)) == 0)
				break;
		if (i == count) {
			text_append_bytes(out, text++, 1);
			continue;
		}
		const char *to = replacements[i].to, *place = strstr(to, "%s");

		if (place) {
			text_append_bytes(out, to, (size_t)(place - to));
			text_append(out, id);
			to = place + 2;
		}
		text_append(out, to);
		text += strlen(replacements[i].from);
	}
}

/* A group that holds nothing ("<g ...>\n</g>\n", most of gnuplot's output): its end, else NULL. */
static const char *empty_group_end(const char *text)
{
	const char *close;

	if (strncmp(text, "<g fill=", 8) != 0)
		return NULL;
	close = strchr(text, '>');
	if (!close || strncmp(close + 1, "\n</g>\n", 6) != 0)
		return NULL;
	return close + 1 + 6;
}

int svg_make_element(struct text_buffer *out, const char *gnuplot_svg, const char *id,
		     const char *title)
{
	const char *start = strstr(gnuplot_svg, "<svg"), *box = strstr(gnuplot_svg, "viewBox=\"");
	const char *body = strstr(gnuplot_svg, "<g id=\"gnuplot_canvas\">");
	int width, height;

	if (!start || !box || !body || !strstr(body, "</svg>") ||
	    sscanf(box, "viewBox=\"0 0 %d %d\"", &width, &height) != 2)
		return -EINVAL;
	text_append_format(out,
			   "<svg viewBox=\"0 0 %d %d\" xmlns=\"http://www.w3.org/2000/svg\" "
			   "xmlns:xlink=\"http://www.w3.org/1999/xlink\" role=\"img\" "
			   "aria-labelledby=\"%s-title\">\n<title id=\"%s-title\">",
			   width, height, id, id);
	text_append_html(out, title);
	text_append(out, "</title>\n");
	while (*body) {
		size_t line = strcspn(body, "\n") + 1;
		const char *after = empty_group_end(body);
		const char *automatic;

		if (after) {
			body = after;
			continue;
		}
		if (body[line - 1] == '\0')
			line--;
		automatic = memmem(body, line, automatic_title, sizeof automatic_title - 1);
		copy_replaced(out, body, automatic ? automatic : body + line, id);
		if (automatic)
			text_append(out, "\n");
		body += line;
	}
	return text_failed(out) ? -ENOMEM : 0;
}

void svg_make_file(struct text_buffer *out, const char *element)
{
	static const char style[] =
		"<style>svg{color:#1b2026;background:#fff}"
		"@media (prefers-color-scheme:dark){svg{color:#dfe3e8;background:#15181c}}</style>\n";
	const char *after_title = strstr(element, "</title>\n");

	text_append(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
	if (!after_title) {
		text_append(out, element);
		return;
	}
	after_title += strlen("</title>\n");
	text_append_bytes(out, element, (size_t)(after_title - element));
	text_append(out, style);
	text_append(out, after_title);
}
