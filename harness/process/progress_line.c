#include "harness/process/progress_line.h"

#include "lib/clock.h"
#include "lib/terminal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BAR_LEAST = 8, BAR_MOST = 30, LINE_ENOUGH = 90 };
enum { COLUMNS_DEFAULT = 80, LINE_BYTES = 512 };
#define REDRAW_NS (100 * NS_PER_MS)
#define PLAIN_NS  (10 * NS_PER_S)

void progress_line_init(struct progress_line *line, uint64_t now_ns)
{
	*line = (struct progress_line){.terminal = terminal_can_redraw(stderr),
				       .colour = terminal_has_colour(stderr),
				       .shown_ns = now_ns};
}

bool progress_line_is_due(const struct progress_line *line, uint64_t now_ns)
{
	return now_ns - line->shown_ns >= (line->terminal ? REDRAW_NS : PLAIN_NS);
}

static void format_left(const struct progress_state *state, char *text, size_t size)
{
	const char *most = state->at_most ? "at most " : "";
	unsigned whole = isnan(state->left_s) ? 0 : (unsigned)(state->left_s + 0.5);

	if (isnan(state->left_s))
		snprintf(text, size, "some time");
	else if (whole >= 3600)
		snprintf(text, size, "%s%uh%02um", most, whole / 3600, whole / 60 % 60);
	else if (whole >= 60)
		snprintf(text, size, "%s%um%02us", most, whole / 60, whole % 60);
	else
		snprintf(text, size, "%s%us", most, whole);
}

/* As wide as leaves room for what is behind it. */
static int bar_width(int columns)
{
	int width = columns - LINE_ENOUGH;

	return width < BAR_LEAST ? BAR_LEAST : width > BAR_MOST ? BAR_MOST : width;
}

/* How many columns it took. */
static int draw_bar(const struct progress_line *line, const struct progress_state *state, int width)
{
	int filled = (int)(fmin(state->share, 1) * width);
	char bar[BAR_MOST + 1];

	memset(bar, ' ', sizeof bar);
	memset(bar, '=', (size_t)filled);
	if (filled < width)
		bar[filled] = '>';
	bar[width] = '\0';
	fprintf(stderr, "\r\033[K  %zu of %zu %s  [%s%s%s]", state->done, state->total,
		state->things, line->colour ? "\033[36m" : "", bar, line->colour ? "\033[0m" : "");
	return snprintf(NULL, 0, "  %zu of %zu %s  [%s]", state->done, state->total, state->things,
			bar);
}

/* A line that is too long would go on in the next one, which is not taken back. */
static void draw_on_terminal(const struct progress_line *line, const struct progress_state *state,
			     const char *left)
{
	int columns = terminal_width(stderr, COLUMNS_DEFAULT);
	int room = columns - 1 - draw_bar(line, state, bar_width(columns));
	char text[LINE_BYTES];

	snprintf(text, sizeof text, " %3.0f %%  %s left   %s", 100 * state->share, left,
		 state->doing);
	fprintf(stderr, "%.*s", room > 0 ? room : 0, text);
}

void progress_line_draw(struct progress_line *line, const struct progress_state *state,
			uint64_t now_ns)
{
	char left[40];

	format_left(state, left, sizeof left);
	if (line->terminal)
		draw_on_terminal(line, state, left);
	else
		fprintf(stderr, "%zu of %zu %s, %.0f %%, %s left: %s\n", state->done, state->total,
			state->things, 100 * state->share, left, state->doing);
	fflush(stderr);
	line->drawn = true;
	line->shown_ns = now_ns;
}

void progress_line_clear(struct progress_line *line)
{
	if (line->terminal && line->drawn)
		fputs("\r\033[K", stderr);
	line->drawn = false;
}
