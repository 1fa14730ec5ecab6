#include "harness/demo/show.h"

#include "harness/demo/figures.h"
#include "lib/clock.h"
#include "lib/sparkline.h"
#include "lib/terminal.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define REDRAW_NS (250 * NS_PER_MS)

enum {
	WIDTH_DEFAULT = 80,
	HEIGHT_DEFAULT = 24,
	NUMBER_BYTES = 32,
	LABEL_COLUMNS = 22, /* "  slowest    51.2 ms  " */
	BAR_WIDEST = 4,
	LINES_MOST = 80
};

/* The other screen of the terminal, without a cursor; and back. */
static const char screen_begin[] = "\033[?1049h\033[?25l", screen_end[] = "\033[?25h\033[?1049l";

/* To the upper left corner; to the end of the line; of the screen. */
static const char home[] = "\033[H", line_end[] = "\033[K", rest[] = "\033[J";

/* Who pays more, and who less; and back. */
static const char *const colours[DEMO_SIDES] = {"\033[33m", "\033[36m"};
static const char no_colour[] = "\033[0m";

void demo_show_init(struct demo_show *show, FILE *out, const struct demo_side *sides)
{
	*show = (struct demo_show){.out = out,
				   .redraws = terminal_can_redraw(out),
				   .colour = terminal_has_colour(out),
				   .utf8 = terminal_has_utf8(),
				   .sides = sides};
}

/* The lines of a picture, each as wide as the terminal is at most. */
struct picture {
	struct text_buffer lines[LINES_MOST];
	size_t count;
	size_t width;
};

static struct text_buffer *add_line(struct picture *picture)
{
	return &picture->lines[picture->count < LINES_MOST - 1 ? picture->count++ : LINES_MOST - 1];
}

/* Words, on as many lines as they need, but for one that is wider than the terminal. */
static void add_words(struct picture *picture, const char *words)
{
	while (*words) {
		size_t length = strlen(words), end = length;

		if (length > picture->width) {
			end = picture->width;
			while (end > 0 && words[end] != ' ')
				end--;
			if (end == 0)
				end = picture->width;
		}
		text_append_bytes(add_line(picture), words, end);
		words += end;
		words += *words == ' ';
	}
}

/* A line of ASCII, cut where the terminal ends. */
static void add_cut(struct picture *picture, const char *text)
{
	text_append_bytes(add_line(picture), text, strnlen(text, picture->width));
}

static double highest(const struct demo_show *show, const struct demo_series *series)
{
	double high = 0;

	for (size_t side = 0; side < DEMO_SIDES; side++)
		for (size_t i = 0; i < show->sides[side].column_count; i++)
			high = fmax(high, demo_value(&show->sides[side].columns[i], series));
	return high;
}

/* From zero to the highest of both sides: what looks half as high is half as much. */
static void add_bars(const struct demo_show *show, const struct demo_side *side,
		     const struct demo_series *series, size_t room, struct text_buffer *line)
{
	size_t wide = room / show->columns, first = 0;
	double high = highest(show, series);

	wide = wide < 1 ? 1 : wide > BAR_WIDEST ? BAR_WIDEST : wide;
	if (side->column_count * wide > room)
		first = side->column_count - room / wide;
	if (show->colour)
		text_append(line, colours[side - show->sides]);
	for (size_t i = first; i < side->column_count; i++) {
		double share = demo_value(&side->columns[i], series) / high;

		for (size_t j = 0; j < wide; j++)
			text_append(line,
				    show->utf8 ? sparkline_bar(share) : sparkline_bar_ascii(share));
	}
	if (show->colour)
		text_append(line, no_colour);
}

static const char *format_latest(const struct demo_side *side, const struct demo_series *series,
				 char *text)
{
	double value = side->column_count > 0
			       ? demo_value(&side->columns[side->column_count - 1], series)
			       : NAN;

	if (side->column_count > 0 && isnan(value))
		return "not known";
	return units_format(series->unit, value, text, NUMBER_BYTES);
}

static void add_series(const struct demo_show *show, const struct demo_side *side,
		       const struct demo_series *series, struct picture *picture)
{
	size_t width = picture->width;
	char number[NUMBER_BYTES], label[80];
	struct text_buffer *line;

	snprintf(label, sizeof label, "  %-8s %9s  ", series->name,
		 format_latest(side, series, number));
	add_cut(picture, label);
	line = &picture->lines[picture->count - 1];
	if (width > LABEL_COLUMNS)
		add_bars(show, side, series, width - LABEL_COLUMNS, line);
}

/* "epoll --offload 16" */
static char *name_subject(const struct demo_subject *subject, char *text, size_t size)
{
	snprintf(text, size, "%s%s%s", subject->server, *subject->offload ? " --offload " : "",
		 subject->offload);
	return text;
}

static void add_side(const struct demo_show *show, const struct demo_side *side,
		     struct picture *picture)
{
	const struct demo_series *series = side->kind->series;
	char name[64], text[200];

	add_cut(picture, "");
	snprintf(text, sizeof text, "%s: %s", name_subject(side->subject, name, sizeof name),
		 side->subject->says);
	add_cut(picture, text);
	for (size_t i = 0; i < DEMO_SERIES && series[i].name; i++)
		add_series(show, side, &series[i], picture);
}

static void add_scale(const struct demo_show *show, struct picture *picture)
{
	const struct demonstration *kind = show->sides[0].kind;
	double column_s = (double)show->seconds / (double)show->columns;
	struct text_buffer words = {0};
	char number[NUMBER_BYTES];

	text_append_format(&words, "A column is %s. Bars of both begin at 0 and end at",
			   units_format(UNIT_DURATION, column_s * 1e9, number, sizeof number));
	for (size_t i = 0; i < DEMO_SERIES && kind->series[i].name; i++)
		text_append_format(&words, "%s %s %s", i ? "," : "", kind->series[i].name,
				   units_format(kind->series[i].unit,
						highest(show, &kind->series[i]), number,
						sizeof number));
	text_append(&words, ".");
	add_cut(picture, "");
	add_words(picture, text_string(&words));
	text_destroy(&words);
}

/* What all of it is about. */
static void describe(const struct demo_show *show, struct text_buffer *words)
{
	const struct demonstration *kind = show->sides[0].kind;
	char connections[NUMBER_BYTES];

	kind->describe(units_format_count(show->connections, connections), words);
	if (*show->fewer)
		text_append_format(words, " No more of them, since %s.", show->fewer);
}

static void add_head(const struct demo_show *show, struct picture *picture)
{
	struct text_buffer words = {0};
	char text[100], state[40] = "begins";

	if (show->begun_ns > 0)
		snprintf(state, sizeof state, "column %zu of %zu", show->sides[0].column_count,
			 show->columns);
	snprintf(text, sizeof text, "tenk demo %s   %s", show->sides[0].kind->name, state);
	add_cut(picture, text);
	describe(show, &words);
	add_words(picture, text_string(&words));
	text_destroy(&words);
}

/* All that was printed goes out; what keeps it from that is remembered once. */
static void flush(struct demo_show *show)
{
	if (fflush(show->out) != 0 && show->failure == 0)
		show->failure = errno;
}

static void draw(struct demo_show *show, bool on_screen)
{
	struct picture picture = {.width = (size_t)terminal_width(show->out, WIDTH_DEFAULT)};
	size_t lines;

	/* In the last place of a line some terminals go on in the next. */
	picture.width -= picture.width > 1;
	add_head(show, &picture);
	for (size_t i = 0; i < DEMO_SIDES; i++)
		add_side(show, &show->sides[i], &picture);
	if (show->sides[0].column_count > 0)
		add_scale(show, &picture);
	lines = on_screen ? (size_t)terminal_height(show->out, HEIGHT_DEFAULT) : LINES_MOST;
	if (on_screen)
		fputs(home, show->out);
	for (size_t i = 0; i < picture.count && i < lines; i++)
		fprintf(show->out, "%s%s%s%s", on_screen && i > 0 ? "\n" : "",
			text_string(&picture.lines[i]), on_screen ? line_end : "",
			on_screen ? "" : "\n");
	if (on_screen)
		fputs(rest, show->out);
	flush(show);
	for (size_t i = 0; i < LINES_MOST; i++)
		text_destroy(&picture.lines[i]);
}

/* Of each side a line that says all of a column. */
static void print_column(struct demo_show *show)
{
	const struct demo_series *series = show->sides[0].kind->series;
	double column_s = (double)show->seconds / (double)show->columns;
	char name[64], number[NUMBER_BYTES];
	size_t at = show->printed++;

	for (size_t side = 0; side < DEMO_SIDES; side++) {
		fprintf(show->out, "%5.4g s  %-22s", column_s * (double)(at + 1),
			name_subject(show->sides[side].subject, name, sizeof name));
		for (size_t i = 0; i < DEMO_SERIES && series[i].name; i++) {
			double value = demo_value(&show->sides[side].columns[at], &series[i]);

			fprintf(show->out, "   %s %9s", series[i].name,
				isnan(value) ? "not known"
					     : units_format(series[i].unit, value, number,
							    sizeof number));
		}
		fputc('\n', show->out);
	}
	flush(show);
}

/* Who stops us or ends us on the spot would be left with our screen, and without a cursor: Ctrl-C ends it. */
static void take_screen(struct demo_show *show)
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN};

	sigaction(SIGTSTP, &ignore, &show->stop);
	sigaction(SIGQUIT, &ignore, &show->quit);
	show->on_screen = true;
}

static void give_screen_back(struct demo_show *show)
{
	show->on_screen = false;
	sigaction(SIGTSTP, &show->stop, NULL);
	sigaction(SIGQUIT, &show->quit, NULL);
}

void demo_show_begin(struct demo_show *show)
{
	struct text_buffer words = {0};

	if (show->redraws) {
		take_screen(show);
		fputs(screen_begin, show->out);
		draw(show, true);
		return;
	}
	describe(show, &words);
	fprintf(show->out, "%s\n", text_string(&words));
	flush(show);
	text_destroy(&words);
}

void demo_show_tick(struct demo_show *show)
{
	uint64_t now_ns = clock_now_ns();

	if (show->on_screen && now_ns >= show->drawn_ns + REDRAW_NS) {
		show->drawn_ns = now_ns;
		draw(show, true);
	}
	while (!show->redraws && show->printed < show->sides[1].column_count)
		print_column(show);
}

void demo_show_end(struct demo_show *show)
{
	if (show->on_screen) {
		fputs(screen_end, show->out);
		draw(show, false);
		give_screen_back(show);
	}
	while (!show->redraws && show->printed < show->sides[1].column_count)
		print_column(show);
}

void demo_show_conclude(struct demo_show *show)
{
	const struct demonstration *kind = show->sides[0].kind;
	struct picture picture = {
		.width = show->redraws ? (size_t)terminal_width(show->out, WIDTH_DEFAULT)
				       : SIZE_MAX};
	struct demo_figures figures;
	struct text_buffer words = {0};

	add_cut(&picture, "");
	if (demo_figures_make(&figures, show->sides, show->connections))
		kind->conclude(&figures, &words);
	else
		text_append(&words, "Nothing was shown yet.");
	add_words(&picture, text_string(&words));
	text_destroy(&words);
	text_append_format(&words,
			   "This is a demonstration and no measurement: one look, with no spread, "
			   "beside whatever else runs here. What measures it: %s",
			   kind->measured_by);
	add_words(&picture, text_string(&words));
	for (size_t i = 0; i < picture.count; i++)
		fprintf(show->out, "%s\n", text_string(&picture.lines[i]));
	fprintf(show->out, "Once more: tenk demo %s --seconds %u\n", kind->name, show->seconds);
	flush(show);
	text_destroy(&words);
	for (size_t i = 0; i < LINES_MOST; i++)
		text_destroy(&picture.lines[i]);
}
