#include "report/svg.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
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
 * A number of a drawing, of which there are thousands, to a tenth of a pixel; what is smaller than ten may be
 * a scale and loses its last zeros only. Returns how much of the text that is, 0: none.
 */
static size_t copy_number(struct text_buffer *out, const char *text)
{
	static const char digits[] = "0123456789";
	size_t whole = strspn(text, digits), fraction;
	char number[48];
	size_t used;

	if (!whole || text[whole] != '.') {
		text_append_bytes(out, text, whole);
		return whole;
	}
	fraction = strspn(text + whole + 1, digits);
	snprintf(number, sizeof number, "%.*f", whole > 1 ? 1 : (int)fraction, strtod(text, NULL));
	used = strlen(number);
	while (used && number[used - 1] == '0' && strchr(number, '.'))
		number[--used] = '\0';
	if (used && number[used - 1] == '.')
		used--;
	text_append_bytes(out, number, used);
	return whole + 1 + fraction;
}

/* What a line of the drawing says at greater length than it needs: L is what follows M anyway. As above. */
static size_t copy_drawn(struct text_buffer *out, const char *text)
{
	size_t copied = copy_colour(out, text);

	if (!copied && *text == 'L' && strchr("-0123456789", text[1]) && text[1])
		return 1;
	return copied ? copied : copy_number(out, text);
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
	size_t line = (size_t)(end - text);
	bool words = memmem(text, line, "<text", 5) || memmem(text, line, "onmousemove", 11);

	while (text < end) {
		size_t i = 0;

		for (; i < count; i++)
			if (strncmp(text, replacements[i].from, strlen(replacements[i].from)) == 0)
				break;
		if (i == count) {
			size_t copied = words ? copy_colour(out, text) : copy_drawn(out, text);

			if (!copied)
				text_append_bytes(out, text, 1);
			text += copied ? copied : 1;
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

/* Appends the drawing, words saying themselves where they are; gnuplot has a group for that, which turned ones keep. */
static void place_words(struct text_buffer *out, const char *drawn)
{
	static const char group[] = "<g transform=\"translate(", words[] = ">\n<text>",
			  end[] = "</text>\n</g>";

	while (*drawn) {
		const char *style = drawn + sizeof group - 1, *style_end, *words_end;
		char x[16], y[16];
		int place = 0;

		if (strncmp(drawn, group, sizeof group - 1) != 0 ||
		    sscanf(style, "%15[0-9.-],%15[0-9.-])\"%n", x, y, &place) != 2 || !place ||
		    !(style_end = strchr(style, '>')) ||
		    strncmp(style_end, words, sizeof words - 1) != 0 ||
		    !(words_end = strstr(style_end, "</text>")) ||
		    strncmp(words_end, end, sizeof end - 1) != 0) {
			text_append_bytes(out, drawn++, 1);
			continue;
		}
		text_append_format(out, "<text x=\"%s\" y=\"%s\"%.*s>", x, y,
				   (int)(style_end - style) - place, style + place);
		style_end += sizeof words - 1;
		text_append_bytes(out, style_end, (size_t)(words_end - style_end));
		text_append(out, "</text>");
		drawn = words_end + sizeof end - 1;
	}
}

/* The colour that a line with one mark ends with ("... color='#1d6cf5'/>\n"), and how long that is; NULL: another line. */
static const char *colour_of_mark(const char *line, size_t *length)
{
	static const char key[] = " color='";
	const char *end = strchr(line, '\n'), *colour;

	if (!end || strncmp(line, "<use ", 5) != 0)
		return NULL;
	colour = memmem(line, (size_t)(end - line), key, sizeof key - 1);
	if (!colour || end - colour < 4 || strncmp(end - 3, "'/>", 3) != 0 ||
	    memchr(line, '>', (size_t)(end - line - 1)))
		return NULL;
	*length = (size_t)(end - 2 - colour);
	return colour;
}

/* Appends the drawing, the colour of marks that follow each other said once, of a group of them. */
static void group_marks(struct text_buffer *out, const char *drawn)
{
	while (*drawn) {
		size_t line = strcspn(drawn, "\n") + 1, length, other_length;
		const char *colour = colour_of_mark(drawn, &length), *next = drawn + line, *other;

		if (!drawn[line - 1] || !colour || !(other = colour_of_mark(next, &other_length)) ||
		    other_length != length || strncmp(other, colour, length) != 0) {
			text_append_bytes(out, drawn, drawn[line - 1] ? line : line - 1);
			drawn += drawn[line - 1] ? line : line - 1;
			continue;
		}
		text_append_format(out, "<g%.*s>\n", (int)length, colour);
		while ((other = colour_of_mark(drawn, &other_length)) && other_length == length &&
		       strncmp(other, colour, length) == 0) {
			text_append_bytes(out, drawn, (size_t)(other - drawn));
			text_append(out, "/>\n");
			drawn = other + length + strlen("/>\n");
		}
		text_append(out, "</g>\n");
	}
}

int svg_make_element(struct text_buffer *out, const char *gnuplot_svg, const char *id,
		     const char *title)
{
	const char *start = strstr(gnuplot_svg, "<svg"), *box = strstr(gnuplot_svg, "viewBox=\"");
	const char *body = strstr(gnuplot_svg, "<g id=\"gnuplot_canvas\">");
	struct text_buffer drawn = {0}, placed = {0};
	char prefix[MARK_PREFIX_SIZE];
	int width, height;
	bool failed;

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
		if (!copy_plot_group(&drawn, body, body + line))
			copy_replaced(&drawn, body, body + line, prefix);
		body += line;
	}
	if (!text_failed(&drawn)) {
		drop_empty_groups(&drawn);
		place_words(&placed, text_string(&drawn));
		group_marks(out, text_string(&placed));
	}
	failed = text_failed(&drawn) || text_failed(&placed) || text_failed(out);
	text_destroy(&placed);
	text_destroy(&drawn);
	return failed ? -ENOMEM : 0;
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
