#include "servers/core/tasks/database/database_row.h"

#include <criterion/criterion.h>
#include <string.h>

static void expect_row(int32_t id, const char *message, size_t length, const char *expected)
{
	char text[300];
	size_t written = database_row_write(text, sizeof text, id, message, length);

	cr_assert_leq(written, sizeof text);
	cr_expect_eq(written, strlen(expected), "%.*s", (int)written, text);
	cr_expect_eq(memcmp(text, expected, written), 0, "%.*s is not %s", (int)written, text,
		     expected);
}

Test(database_row, is_json)
{
	expect_row(7, "Message 7", 9, "{\"id\":7,\"message\":\"Message 7\"}");
	expect_row(-2147483647 - 1, "", 0, "{\"id\":-2147483648,\"message\":\"\"}");
	expect_row(1, NULL, 0, "{\"id\":1,\"message\":null}");
}

Test(database_row, escapes_what_json_does_not_take)
{
	static const char message[] = "\"\\\b\f\n\r\t\x01\x1f/\x7f\xc3\xa4\xf0\x9f\x90\x98";

	expect_row(1, message, sizeof message - 1,
		   "{\"id\":1,\"message\":\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f/\x7f\xc3\xa4"
		   "\xf0\x9f\x90\x98\"}");
	expect_row(1, "a\0b", 3, "{\"id\":1,\"message\":\"a\\u0000b\"}");
}

Test(database_row, tells_how_much_room_it_takes)
{
	char text[64];
	size_t whole = database_row_write(text, 0, 5, "\n\n", 2);

	cr_assert_eq(whole, strlen("{\"id\":5,\"message\":\"\\n\\n\"}"));
	for (size_t room = 0; room <= whole; room++) {
		memset(text, '#', sizeof text);
		cr_expect_eq(database_row_write(text, room, 5, "\n\n", 2), whole);
		for (size_t i = room; i < sizeof text; i++)
			cr_expect_eq(text[i], '#', "byte %zu with room for %zu", i, room);
	}
}
