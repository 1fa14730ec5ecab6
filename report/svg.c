#include "report/svg.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { MARK_PREFIX_SIZE = 12 };

/* What is replaced, in order of the table at each place; %s is what tells the chart's marks from others'. */
static const struct {
	const char *from, *to;
} replacements[] = {
	/* gnuplot names the pen's colour on each group, which would override the page's. */
	{" color=\"black\"", ""},
	{" color=\"white\"", ""},
	{" color=\"gray\"", ""},
	/* What is the same in all groups is said once, of the whole picture, which needs no frame. */
	{"<g fill=\"none\"", "<g"},
	{" stroke-linecap=\"round\" stroke-linejoin=\"round\"", ""},
	{" stroke=\"currentColor\" stroke-width=\"1.00\"", ""},
	{" stroke=\"currentColor\"", ""},
	{" font-family=\"system-ui,sans-serif\"", ""},
	{" font-size=\"14.00\"", ""},
	{"<tspan >", "<tspan>"},
	{" class=\"gridline\" ", ""},
	{"  '/>", "'/>"},
	{"\t", ""},
	/* A mark with words: shown by script in gnuplot's own pages, here as a title. */
	{"<g onmousemove=\"gnuplot_svg.showHypertext(evt,'", "<g><title>"},
	{"')\" onmouseout=\"gnuplot_svg.hideHypertext()\"><title> </title>", "</title>"},
	{"\"rgb(0,0,0)\"", "\"currentColor\""},
	{"'rgb(  0,   0,   0)'", "'currentColor'"},
	{"\"rgb(0, 0, 0)\"", "\"currentColor\""},
	{"=\"black\"", "=\"currentColor\""},
	{"='black'", "='currentColor'"},
	{"id='", "id='%s-"},
	{"id=\"", "id=\"%s-"},
	{"xlink:href='#", "href='#%s-"},
	{"url(#", "url(#%s-"},
	{"filter='#", "filter='#%s-"},
};

/* A group of marks: '<g id="chart_plot_1a" ><title>epoll</title>'; without a title the id stands there. */
static const char plot_group[] = "<g id=\"chart_plot_", plot_title[] = "><title>";

/* "rgb(128, 128, 128)", of which there are hundreds, in short. Returns how much of the text that is, 0: none. */
static size_t copy_colour(struct text_buffer *out, const char *text)
{
	unsigned int red, green, blue;
	int length = 0;

	if (strncmp(text, "rgb(", 4) != 0 ||
	    sscanf(text, "rgb(%3u,%3u,%3u)%n", &red, &green, &blue, &length) != 3 || !length)
		return 0;
	text_append_format(out, "#%02x%02x%02x", red & 0xff, green & 0xff, blue & 0xff);
	return (size_t)length;
}

/*
 * What goes before the names of a chart's marks: short, as it stands there hundreds of times, and of no
 * other chart (FNV-1a of the chart's id, to 28 bits).
 */
static void mark_prefix(char prefix[MARK_PREFIX_SIZE], const char *id)
{
	uint32_t hash = 2166136261U;

	for (; *id; id++)
		hash = (hash ^ (unsigned char)*id) * 16777619U;
	snprintf(prefix, MARK_PREFIX_SIZE, "m%07x", hash >> 4);
}

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
			size_t colour = copy_colour(out, text);

			if (!colour)
				text_append_bytes(out, text, 1);
			text += colour ? colour : 1;
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

/*
 * The head of a group of marks, with the name of its series for the page's script; the browser would show a
 * title wherever the mouse is on a line. False: the line is something else.
 */
static bool copy_plot_group(struct text_buffer *out, const char *line, const char *end)
{
	const char *start = memmem(line, (size_t)(end - line), plot_group, sizeof plot_group - 1);
	const char *title = start ? memmem(start, (size_t)(end - start), plot_title,
					   sizeof plot_title - 1)
				  : NULL;
	const char *close;

	if (!title)
		return false;
	title += sizeof plot_title - 1;
	close = memmem(title, (size_t)(end - title), "</title>", strlen("</title>"));
	if (!close)
		return false;
	text_append(out, "<g");
	if (strncmp(title, "chart_plot_", strlen("chart_plot_")) != 0 &&
	    strncmp(title, "gnuplot_plot_", strlen("gnuplot_plot_")) != 0) {
		text_append(out, " data-series=\"");
		for (; title < close;
		     title++) /* gnuplot has escaped what matters outside of quotes */
			if (*title == '"')
				text_append(out, "&quot;");
			else
				text_append_bytes(out, title, 1);
		text_append(out, "\"");
	}
	text_append(out, ">\n");
	return true;
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

/* The rectangle of the whole picture. */
static const char canvas[] = "<rect x=\"0\" y=\"0\" ";

/* A mark or a filter that nothing below refers to: where it ends, else NULL. */
static const char *unused_definition_end(const char *line)
{
	bool filter = strncmp(line, "\t<filter ", 9) == 0;
	const char *name = strstr(line, "id='"), *end = strchr(line, '\n'), *close;
	char reference[64];

	if (*line != '\t' || !end || !name || name > end)
		return NULL;
	name += strlen("id='");
	close = strchr(name, '\'');
	if (!close || (size_t)(close - name) + 2 > sizeof reference)
		return NULL;
	snprintf(reference, sizeof reference, "#%.*s", (int)(close - name), name);
	for (const char *found = end; (found = strstr(found, reference)); found++) {
		char after = found[strlen(reference)];

		if (after == '\'' || after == ')')
			return NULL;
	}
	if (filter)
		end = strstr(line, "</filter>\n") ? strstr(line, "</filter>\n") + 9 : end;
	return end + 1;
}

/* Takes out groups that hold nothing, from the inside: marks that are nowhere leave them. */
static void drop_empty_groups(struct text_buffer *made)
{
	char *text = made->text, *to = text;

	for (const char *from = text; *from;) {
		char *open;

		*to++ = *from++;
		if (to - text < 4 || strncmp(to - 4, "</g>", 4) != 0)
			continue;
		open = to - 5;
		while (open > text && strchr(" \t\n", *open))
			open--;
		if (*open != '>')
			continue;
		while (open > text && *open != '<')
			open--;
		if (strncmp(open, "<g>", 3) != 0 && strncmp(open, "<g ", 3) != 0)
			continue;
		to = open;
		from += *from == '\n';
	}
	*to = '\0';
	made->length = (size_t)(to - text);
}

int svg_make_element(struct text_buffer *out, const char *gnuplot_svg, const char *id,
		     const char *title)
{
	const char *start = strstr(gnuplot_svg, "<svg"), *box = strstr(gnuplot_svg, "viewBox=\"");
	const char *body = strstr(gnuplot_svg, "<g id=\"gnuplot_canvas\">");
	char prefix[MARK_PREFIX_SIZE];
	int width, height;

	mark_prefix(prefix, id);
	if (!start || !box || !body || !strstr(body, "</svg>") ||
	    sscanf(box, "viewBox=\"0 0 %d %d\"", &width, &height) != 2)
		return -EINVAL;
	text_append_format(out,
			   "<svg viewBox=\"0 0 %d %d\" xmlns=\"http://www.w3.org/2000/svg\" "
			   "role=\"img\" "
			   "fill=\"none\" stroke=\"currentColor\" stroke-width=\"1\" "
			   "stroke-linecap=\"round\" stroke-linejoin=\"round\" "
			   "font-family=\"system-ui,sans-serif\" font-size=\"14\" "
			   "aria-labelledby=\"%s-title\">\n<title id=\"%s-title\">",
			   width, height, id, id);
	text_append_html(out, title);
	text_append(out, "</title>\n");
	while (*body) {
		size_t line = strcspn(body, "\n") + 1;
		const char *after = empty_group_end(body);

		after = after ? after : unused_definition_end(body);
		if (after || strncmp(body, canvas, sizeof canvas - 1) == 0) {
			body = after ? after : body + line;
			continue;
		}
		if (body[line - 1] == '\0')
			line--;
		if (!copy_plot_group(out, body, body + line))
			copy_replaced(out, body, body + line, prefix);
		body += line;
	}
	if (text_failed(out))
		return -ENOMEM;
	drop_empty_groups(out);
	return 0;
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
