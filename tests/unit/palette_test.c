/* Colours of servers: told apart by everybody, seen on both pages, few of them in a run. */
#include "report/palette.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct colour {
	double red, green, blue; /* of linear light, 0 to 1 */
};

struct lab {
	double lightness, a, b;
};

static double linear(unsigned long byte)
{
	double value = (double)byte / 255;

	return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
}

static struct colour colour_parse(const char *text)
{
	unsigned long number = strtoul(text + 1, NULL, 16);

	return (struct colour){linear(number >> 16), linear(number >> 8 & 255),
			       linear(number & 255)};
}

static double luminance(struct colour colour)
{
	return 0.2126 * colour.red + 0.7152 * colour.green + 0.0722 * colour.blue;
}

/* As seen by most, and by protan and deutan eyes at full severity: Machado, Oliveira, Fernandes, 2009, table 1. */
static const double eyes[][3][3] = {
	{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	{{0.152286, 1.052583, -0.204868},
	 {0.114503, 0.786281, 0.099216},
	 {-0.003882, -0.048116, 1.051998}},
	{{0.367322, 0.860646, -0.227968},
	 {0.280085, 0.672501, 0.047413},
	 {-0.011820, 0.042940, 0.968881}},
};

static double clamp(double value)
{
	return fmin(fmax(value, 0), 1);
}

static struct colour seen(struct colour c, const double eye[3][3])
{
	return (struct colour){
		clamp(eye[0][0] * c.red + eye[0][1] * c.green + eye[0][2] * c.blue),
		clamp(eye[1][0] * c.red + eye[1][1] * c.green + eye[1][2] * c.blue),
		clamp(eye[2][0] * c.red + eye[2][1] * c.green + eye[2][2] * c.blue),
	};
}

static double cube(double t)
{
	return t > 216.0 / 24389 ? cbrt(t) : (24389.0 / 27 * t + 16) / 116;
}

/* CIELAB under D65. */
static struct lab lab_of(struct colour c)
{
	double x = cube((0.4124564 * c.red + 0.3575761 * c.green + 0.1804375 * c.blue) / 0.95047);
	double y = cube(luminance(c));
	double z = cube((0.0193339 * c.red + 0.1191920 * c.green + 0.9503041 * c.blue) / 1.08883);

	return (struct lab){116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

static double degrees(double y, double x)
{
	double angle = atan2(y, x) * 180 / M_PI;

	return angle < 0 ? angle + 360 : angle;
}

static double cosine(double angle)
{
	return cos(angle * M_PI / 180);
}

static double chroma_weight(double chroma)
{
	return sqrt(pow(chroma, 7) / (pow(chroma, 7) + pow(25, 7)));
}

/* CIEDE2000, as in Sharma, Wu and Dalal, 2005. */
static double difference(struct lab p, struct lab q)
{
	double g = 1 + 0.5 * (1 - chroma_weight((hypot(p.a, p.b) + hypot(q.a, q.b)) / 2));
	double c1 = hypot(p.a * g, p.b), c2 = hypot(q.a * g, q.b);
	double h1 = degrees(p.b, p.a * g), h2 = degrees(q.b, q.a * g);
	double turn = fmod(h2 - h1 + 540, 360) - 180, mean = h1 + turn / 2;
	double lightness = (p.lightness + q.lightness) / 2 - 50, chroma = (c1 + c2) / 2;
	double hue = 2 * sqrt(c1 * c2) * sin(turn / 2 * M_PI / 180);
	double t = 1 - 0.17 * cosine(mean - 30) + 0.24 * cosine(2 * mean) +
		   0.32 * cosine(3 * mean + 6) - 0.20 * cosine(4 * mean - 63);
	double spread = (fmod(mean + 360, 360) - 275) / 25;
	double rotation = -2 * chroma_weight(chroma) * sin(60 * exp(-spread * spread) * M_PI / 180);
	double dl = (q.lightness - p.lightness) /
		    (1 + 0.015 * lightness * lightness / sqrt(20 + lightness * lightness));
	double dc = (c2 - c1) / (1 + 0.045 * chroma);
	double dh = hue / (1 + 0.015 * chroma * t);

	return sqrt(dl * dl + dc * dc + dh * dh + rotation * dc * dh);
}

/* Pairs 1, 7 and 25 of the authors' table, so that the measure is the published one. */
Test(palette, the_measure_is_the_published_one)
{
	cr_expect_float_eq(
		difference((struct lab){50, 2.6772, -79.7751}, (struct lab){50, 0, -82.7485}),
		2.0425, 1e-3);
	cr_expect_float_eq(difference((struct lab){50, 0, 0}, (struct lab){50, -1, 2}), 2.3669,
			   1e-3);
	cr_expect_float_eq(difference((struct lab){60.2574, -34.0099, 36.2677},
				      (struct lab){60.4626, -34.1751, 39.4387}),
			   1.2644, 1e-3);
}

Test(palette, any_two_colours_are_told_apart_also_by_protan_and_deutan_eyes)
{
	const char *colours[PALETTE_COLOURS_MAX];
	size_t count = palette_colours(colours);

	cr_assert_gt(count, 5);
	for (size_t eye = 0; eye < sizeof eyes / sizeof *eyes; eye++)
		for (size_t i = 0; i < count; i++)
			for (size_t j = 0; j < i; j++) {
				struct colour p = seen(colour_parse(colours[i]), eyes[eye]);
				struct colour q = seen(colour_parse(colours[j]), eyes[eye]);

				cr_expect_geq(difference(lab_of(p), lab_of(q)), 10,
					      "%s and %s to eye %zu", colours[i], colours[j], eye);
			}
}

Test(palette, every_colour_is_seen_on_the_light_and_on_the_dark_page)
{
	const char *colours[PALETTE_COLOURS_MAX];
	size_t count = palette_colours(colours);
	double light = 1, dark = luminance(colour_parse("#15181c"));

	for (size_t i = 0; i < count; i++) {
		double own = luminance(colour_parse(colours[i]));

		cr_expect_geq((light + 0.05) / (own + 0.05), 3, "%s", colours[i]);
		cr_expect_geq((own + 0.05) / (dark + 0.05), 3, "%s", colours[i]);
	}
}

static json_t *servers_of(const char *const (*rows)[2], size_t count)
{
	json_t *servers = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(
			servers, json_pack("{s:s, s:s}", "name", rows[i][0], "family", rows[i][1]));
	return servers;
}

Test(palette, five_servers_stand_out_and_the_plainest_of_each_family_first)
{
	static const char *const rows[][2] = {
		{"prefork", "threads"}, {"thread-per-connection", "threads"},
		{"select", "loops"},	{"epoll", "loops"},
		{"poll", "loops"},	{"coroutines", "hybrids"},
		{"nginx", "reference"}, {"null", "floor"},
	};
	static const char *const expected[] = {"prefork", "thread-per-connection", "epoll",
					       "coroutines", "nginx"};
	size_t count = sizeof rows / sizeof *rows, emphasised = 0;
	json_t *servers = servers_of(rows, count);

	for (size_t i = 0; i < count; i++)
		emphasised += palette_find(servers, rows[i][0]).emphasised;
	cr_expect_eq(emphasised, 5);
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
		cr_expect(palette_find(servers, expected[i]).emphasised, "%s", expected[i]);
	cr_expect_str_eq(palette_find(servers, "epoll").colour, "#1d6cf5");
	cr_expect_str_eq(palette_find(servers, "select").colour, "#808080");
	cr_expect_str_eq(palette_find(servers, "nobody").colour, "#808080");
	json_decref(servers);
}

Test(palette, a_family_alone_takes_no_more_than_its_shades)
{
	static const char *const rows[][2] = {
		{"epoll", "loops"}, {"poll", "loops"}, {"select", "loops"}, {"libuv", "loops"}};
	json_t *servers = servers_of(rows, 4);

	cr_expect(palette_find(servers, "select").emphasised);
	cr_expect_not(palette_find(servers, "libuv").emphasised);
	cr_expect_str_neq(palette_find(servers, "epoll").colour,
			  palette_find(servers, "poll").colour);
	json_decref(servers);
}
