/*
 * One metric of servers against another, over a whole run: what a connection costs across, what a request
 * costs upwards, and the tail as the area of the mark. Each metric is read where most servers have it.
 */
#include "report/chart_plot.h"

#include "stored/metric.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ACROSS, UP, AREA, DIMENSIONS };

enum { LABEL_PX = 17, NAME_PX = 190 };

/* To the right of the last mark there is room for a name: the axis goes on for so much. */
static const double name_room = 2.5;

static const double frame_px[] = {70, 30, 40, 50}; /* left, right, top, bottom */

/* Radii in pixels of the largest and of the smallest mark. */
static const double radius_most_px = 22, radius_least_px = 5;

/* Where a metric is read. */
struct place {
	const struct part *part;
	const json_t *point; /* NULL: a slope, over all points */
};

struct mark {
	const char *server;
	struct palette_entry look;
	struct summary summaries[DIMENSIONS];
	double radius_px, label_y;
};

static struct summary summary_at(const struct place *place, const char *server, const char *metric)
{
	if (!place->part)
		return statistics_summarise(NULL, 0, 0.95);
	return part_shown_summary(place->part, server, place->point, metric);
}

static size_t servers_at(const struct place *place, const char *metric)
{
	size_t count = 0;

	for (size_t i = 0; i < place->part->server_count; i++)
		count += summary_at(place, place->part->servers[i], metric).count > 0;
	return count;
}

/* Where most servers of a part have it; of several such points the middle one. Returns how many do. */
static size_t place_in_part(struct place *place, const struct part *part, const char *metric)
{
	const json_t *descriptor = results_metric(part->results, metric);
	size_t most = 0, equal = 0;

	*place = (struct place){part, NULL};
	if (metric_slope_of(descriptor))
		return servers_at(place, metric);
	for (int round = 0; round < 2; round++) {
		size_t seen = 0;

		for (size_t i = 0; i < part->point_count; i++) {
			struct place here = {part, part->points[i]};
			size_t count = servers_at(&here, metric);

			if (round == 0 && count > most) {
				most = count;
				equal = 0;
			}
			if (round == 0)
				equal += count > 0 && count == most;
			else if (count == most && seen++ == equal / 2)
				*place = here;
		}
	}
	return most;
}

/* Where most servers have it; a tail is best read at a rate that all were offered. */
static struct place place_find(const struct chart_run *run, const char *metric)
{
	bool tail = !isnan(metric_percentile(metric));
	struct place found = {NULL, NULL};
	size_t most = 0;

	for (size_t i = 0; i < run->part_count; i++) {
		const struct part *part = &run->parts[i];
		struct place here;
		size_t count = place_in_part(&here, part, metric);
		bool rather = tail && found.part && part->kind == PART_LATENCY &&
			      found.part->kind != PART_LATENCY;

		if (count > (rather ? 1 : most)) {
			most = count;
			found = here;
		}
	}
	return found;
}

/* Servers that have both what is across and what is up. */
static size_t marks_read(struct mark *marks, size_t room, const struct chart_plot *plot,
			 const struct place *places)
{
	const struct part *part = places[UP].part;
	const json_t *servers = json_object_get(part->results->run, "servers");
	size_t count = 0;

	for (size_t i = 0; i < part->server_count && count < room; i++) {
		struct mark *mark = &marks[count];

		mark->server = part->servers[i];
		mark->look = palette_find(servers, mark->server);
		for (size_t j = 0; j < DIMENSIONS; j++)
			mark->summaries[j] = summary_at(&places[j], mark->server,
							plot->definition->metrics[j]);
		count += mark->summaries[ACROSS].count && mark->summaries[UP].count &&
			 mark->summaries[ACROSS].median > 0 && mark->summaries[UP].median > 0;
	}
	return count;
}

/* Areas are to each other as the tails are. */
static void marks_size(struct mark *marks, size_t count)
{
	double most = 0;

	for (size_t i = 0; i < count; i++)
		if (marks[i].summaries[AREA].count)
			most = fmax(most, marks[i].summaries[AREA].median);
	for (size_t i = 0; i < count; i++) {
		double area = marks[i].summaries[AREA].count ? marks[i].summaries[AREA].median : 0;

		marks[i].radius_px = fmax(radius_least_px,
					  most > 0 ? radius_most_px * sqrt(area / most) : 0);
	}
}

/* Whether the names of two marks beside each other would meet if they were as high. */
static bool names_meet(const struct chart_plot *plot, const struct mark *a, const struct mark *b)
{
	double between = chart_position(&plot->x, true, a->summaries[ACROSS].median) -
			 chart_position(&plot->x, true, b->summaries[ACROSS].median);

	return fabs(between) * plot->plot_width_px < NAME_PX;
}

/* Names of those who stand out, to the right of their marks and above a name that they would meet. */
static void marks_label(struct chart_plot *plot, struct mark *marks, size_t count)
{
	struct mark *order[CHART_SERIES_MAX];
	size_t named = 0;

	for (size_t i = 0; i < count; i++) {
		size_t at = named;
		double here = chart_position(&plot->y, true, marks[i].summaries[UP].median);

		if (!marks[i].look.emphasised)
			continue;
		marks[i].label_y = here * plot->plot_height_px;
		for (; at > 0 && order[at - 1]->label_y > marks[i].label_y; at--)
			order[at] = order[at - 1];
		order[at] = &marks[i];
		named++;
	}
	for (size_t i = 0; i < named; i++)
		for (size_t j = 0; j < i; j++)
			if (names_meet(plot, order[i], order[j]))
				order[i]->label_y = fmax(order[i]->label_y,
							 order[j]->label_y + LABEL_PX);
	for (size_t i = 0; i < named; i++)
		order[i]->label_y /= plot->plot_height_px;
}

/* Whether a mark, its interval or its name reaches into the right edge between two heights, all in pixels. */
static bool reaches(const struct chart_plot *plot, const struct mark *mark, double left, double low,
		    double high)
{
	const struct summary *across = &mark->summaries[ACROSS], *up = &mark->summaries[UP];
	double x = chart_position(&plot->x, true, across->median) * plot->plot_width_px;
	double right = fmax(x + mark->radius_px + (mark->look.emphasised ? NAME_PX : 0),
			    chart_position(&plot->x, true, across->high) * plot->plot_width_px);
	double y = chart_position(&plot->y, true, up->median) * plot->plot_height_px;
	double name = mark->look.emphasised ? mark->label_y * plot->plot_height_px : y;
	double lowest = chart_position(&plot->y, true, up->low) * plot->plot_height_px;
	double highest = chart_position(&plot->y, true, up->high) * plot->plot_height_px;

	lowest = fmin(fmin(lowest, y - mark->radius_px), name - LABEL_PX / 2.0);
	highest = fmax(fmax(highest, y + mark->radius_px), name + LABEL_PX / 2.0);
	return right >= left && highest >= low && lowest <= high;
}

/* How high the arrow to what is better stands, at the right edge: at the top, if nothing else is there. */
static double find_better_height(const struct chart_plot *plot, const struct mark *marks,
				 size_t count)
{
	static const double heights[] = {0.95, 0.75, 0.55, 0.35, 0.2};
	const double left = 0.86, above = 0.04, below = 0.14; /* what it takes, of the plot */

	for (size_t i = 0; i < sizeof heights / sizeof heights[0]; i++) {
		bool taken = false;

		for (size_t j = 0; j < count && !taken; j++)
			taken = reaches(plot, &marks[j], left * plot->plot_width_px,
					(heights[i] - below) * plot->plot_height_px,
					(heights[i] + above) * plot->plot_height_px);
		if (!taken)
			return heights[i];
	}
	return heights[0];
}

static void csv_append(struct chart_plot *plot, const struct mark *mark, const struct place *places)
{
	for (size_t i = 0; i < DIMENSIONS; i++) {
		struct text_buffer at = {0};

		if (!mark->summaries[i].count)
			continue;
		if (places[i].point)
			format_point(&at, places[i].point, NULL);
		text_append_csv(&plot->csv, mark->server);
		text_append_format(&plot->csv, ",%s,%s,", plot->definition->metrics[i],
				   places[i].part->id);
		text_append_csv(&plot->csv, text_string(&at));
		chart_csv_summary(&plot->csv, &mark->summaries[i]);
		text_append(&plot->csv, "\r\n");
		text_destroy(&at);
	}
}

/* "epoll: 3.8 KiB, 11.2 µs, p99 170 µs": what a mark says of itself. */
static void append_title(struct chart_plot *plot, const struct mark *mark,
			 const struct place *places)
{
	struct text_buffer title = {0};
	char text[FORMAT_SIZE];

	text_append_format(&title, "%s: ", mark->server);
	for (size_t i = 0; i < DIMENSIONS; i++) {
		if (!mark->summaries[i].count)
			continue;
		text_append_format(&title, "%s%s",
				   i == 0      ? ""
				   : i == AREA ? ", p99 "
					       : ", ",
				   format_value(format_metric_unit(places[i].part->results,
								   plot->definition->metrics[i]),
						mark->summaries[i].median, text));
	}
	chart_append_text(&plot->data, text_string(&title));
	text_destroy(&title);
}

static void append_mark(struct chart_plot *plot, const struct mark *mark,
			const struct place *places)
{
	for (size_t i = 0; i < AREA; i++) {
		chart_append_number(&plot->data, mark->summaries[i].median);
		chart_append_number(&plot->data, mark->summaries[i].low);
		chart_append_number(&plot->data, mark->summaries[i].high);
	}
	/* gnuplot's points of size 1 have a radius of 4.88 pixels in SVG. */
	text_append_format(&plot->data, " %.3f %lu %d %.4f", mark->radius_px / 4.88,
			   palette_colour_number(&mark->look), mark->look.emphasised,
			   mark->label_y);
	chart_append_text(&plot->data, mark->server);
	append_title(plot, mark, places);
	text_append(&plot->data, "\n");
}

static void append_titles(struct chart_plot *plot, const struct place *places)
{
	struct text_buffer up = {0}, area = {0};

	text_append_format(&up, "%s", plot->definition->y_title);
	if (json_object_size(places[UP].point)) {
		text_append(&up, ", ");
		format_point(&up, places[UP].point, NULL);
	}
	if (places[AREA].part) {
		text_append(&area, "The area of a mark is its p99");
		if (part_is_open_loop(places[AREA].part)) {
			char rate[FORMAT_SIZE];

			text_append_format(&area, " at %s offered",
					   format_value("per_s",
							part_load(places[AREA].part,
								  places[AREA].point, "rate_per_s"),
							rate));
		}
		text_append(&area, ".");
		text_append_format(&plot->note, " %s", text_string(&area));
	}
	text_append(&plot->settings, "plane_title = ");
	text_append_gnuplot(&plot->settings, text_string(&up));
	text_append(&plot->settings, "\narea_title = ");
	text_append_gnuplot(&plot->settings, text_string(&area));
	text_append(&plot->settings, "\n");
	text_destroy(&up);
	text_destroy(&area);
}

static void fill_marks(struct chart_plot *plot, struct mark *marks, size_t count,
		       const struct place *places)
{
	const double width = CHART_WIDTH_PX, height = CHART_HEIGHT_PX;

	plot->height_px = height;
	plot->plot_width_px = width - frame_px[0] - frame_px[1];
	plot->plot_height_px = height - frame_px[2] - frame_px[3];
	for (size_t i = 0; i < count; i++) {
		chart_range_add(&plot->x, marks[i].summaries[ACROSS].low);
		chart_range_add(&plot->x, marks[i].summaries[ACROSS].high * name_room);
		chart_range_add(&plot->y, marks[i].summaries[UP].low);
		chart_range_add(&plot->y, marks[i].summaries[UP].high);
	}
	marks_label(plot, marks, count);
	text_append(&plot->data, "# marks: x low high y low high size colour named label_y server "
				 "title\n");
	for (size_t i = 0; i < count; i++)
		append_mark(plot, &marks[i], places);
	text_append(&plot->data, "\n\n");
	text_append_format(&plot->settings,
			   "set lmargin at screen sx(%.5f)\nset rmargin at screen sx(%.5f)\n"
			   "set tmargin at screen sy(%.5f)\nset bmargin at screen sy(%.5f)\n",
			   frame_px[0] / width, 1 - frame_px[1] / width, 1 - frame_px[2] / height,
			   frame_px[3] / height);
	append_titles(plot, places);
	text_append_format(&plot->settings, "better_height = %.2f\n",
			   find_better_height(plot, marks, count));
	text_append_format(&plot->settings, "marks = %zu\narray mark_name[%zu]\n", count, count);
	for (size_t i = 0; i < count; i++) {
		text_append_format(&plot->settings, "mark_name[%zu] = ", i + 1);
		text_append_gnuplot(&plot->settings, marks[i].server);
		text_append(&plot->settings, "\n");
	}
}

int chart_fill_plane(struct chart_plot *plot)
{
	const struct chart_definition *definition = plot->definition;
	struct place places[DIMENSIONS];
	struct mark *marks = calloc(CHART_SERIES_MAX, sizeof *marks);
	size_t count = 0;

	if (!marks)
		return -ENOMEM;
	for (size_t i = 0; i < DIMENSIONS; i++)
		places[i] = place_find(plot->run, definition->metrics[i]);
	if (places[ACROSS].part && places[UP].part)
		count = marks_read(marks, CHART_SERIES_MAX, plot, places);
	plot->empty = count < 2;
	if (!plot->empty) {
		const struct results *results = places[UP].part->results;

		plot->x = (struct chart_range){
			INFINITY, -INFINITY, .log = true,
			.unit = format_metric_unit(results, definition->metrics[ACROSS])};
		plot->y = (struct chart_range){
			INFINITY, -INFINITY, .log = true,
			.unit = format_metric_unit(results, definition->metrics[UP])};
		text_append(&plot->csv,
			    "server,metric,part,at,median,low,high,coverage_ratio,trials\r\n");
		for (size_t i = 0; i < count; i++)
			csv_append(plot, &marks[i], places);
		marks_size(marks, count);
		fill_marks(plot, marks, count, places);
	}
	free(marks);
	return text_failed(&plot->data) || text_failed(&plot->settings) ? -ENOMEM : 0;
}
