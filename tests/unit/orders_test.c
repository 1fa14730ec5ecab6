#include "loadgen/orders.h"
#include "lib/clock.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int pipe_ends[2];
static struct orders orders;
static struct order order;
static struct error error;

static void setup(void)
{
	cr_assert_eq(pipe(pipe_ends), 0);
	orders = (struct orders){.descriptor = pipe_ends[0]};
	error.text[0] = '\0';
}

TestSuite(orders, .init = setup, .timeout = 10);

static void say(const char *text)
{
	cr_assert_eq(write(pipe_ends[1], text, strlen(text)), (ssize_t)strlen(text));
}

static enum orders_step next(void)
{
	return orders_next(&orders, &order, &error);
}

static void expect(enum order_kind kind, uint64_t length_ns)
{
	cr_assert_eq(next(), ORDERS_TAKEN, "%s", error.text);
	cr_assert_eq(order.kind, kind);
	cr_assert_eq(order.length_ns, length_ns);
}

Test(orders, lines_are_taken_one_by_one_and_nobody_waits)
{
	cr_assert_eq(next(), ORDERS_NONE);
	say("lead 20ms\nslice 1s\nend\n");
	expect(ORDER_LEAD, 20 * NS_PER_MS);
	expect(ORDER_SLICE, NS_PER_S);
	expect(ORDER_END, 0);
	cr_assert_eq(next(), ORDERS_NONE);
}

Test(orders, a_line_may_come_in_pieces)
{
	static const char text[] = "slice 100ms\nlead 5ms\n";

	for (size_t i = 0; text[i]; i++) {
		say((const char[]){text[i], '\0'});
		if (text[i] != '\n')
			cr_assert_eq(next(), ORDERS_NONE);
		else
			expect(i < 12 ? ORDER_SLICE : ORDER_LEAD,
			       i < 12 ? 100 * NS_PER_MS : 5 * NS_PER_MS);
	}
}

Test(orders, many_lines_are_more_than_the_buffer_holds)
{
	for (int i = 0; i < 100; i++)
		say("slice 100ms\n");
	for (int i = 0; i < 100; i++)
		expect(ORDER_SLICE, 100 * NS_PER_MS);
	cr_assert_eq(orders.line, 100);
}

Test(orders, the_end_of_the_file_is_an_end_and_what_was_cut_off_is_nothing)
{
	say("lead 20ms\nslice 1");
	close(pipe_ends[1]);
	expect(ORDER_LEAD, 20 * NS_PER_MS);
	expect(ORDER_END, 0);
	expect(ORDER_END, 0);
}

Test(orders, what_is_no_order_is_said_with_its_line)
{
	static const struct {
		const char *line, *why;
	} wrong[] = {
		{"slice", "no order"},	     {"", "no order"},
		{"slice ", "duration"},	     {"slice 100", ""},
		{"slice -5ms", ""},	     {"slices 100ms", "no order"},
		{"Slice 100ms", "no order"}, {"slice 999us", "1ms to 1h"},
		{"lead 61m", "1ms to 1h"},   {"end of it", "no order"},
		{" end", "no order"},	     {"lead 20ms ", ""},
		{"sl\x01ice 5ms", "\\x01"},
	};

	say("lead 20ms\n");
	expect(ORDER_LEAD, 20 * NS_PER_MS);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char place[32];

		say(wrong[i].line);
		say("\n");
		error.text[0] = '\0';
		cr_assert_eq(next(), ORDERS_WRONG, "\"%s\"", wrong[i].line);
		snprintf(place, sizeof(place), "line %zu: ", i + 2);
		cr_assert(strstr(error.text, place), "%s", error.text);
		cr_assert(strstr(error.text, wrong[i].why), "%s", error.text);
		cr_assert(strstr(error.text, "slice 100ms"), "says what would be right");
	}
}

Test(orders, a_line_without_an_end_is_refused)
{
	for (int i = 0; i < ORDERS_LINE_BYTES / 8 - 1; i++)
		say("slice 1 ");
	cr_assert_eq(next(), ORDERS_NONE);
	say("and so on");
	cr_assert_eq(next(), ORDERS_WRONG);
	cr_assert(strstr(error.text, "does not end"), "%s", error.text);
}
