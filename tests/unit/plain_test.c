#include "report/plain.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void expect_wrapped(const char *text, int indent, int width, bool utf8, const char *expected)
{
	char *shown = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&shown, &size);

	cr_assert_not_null(out);
	plain_print_wrapped(text, indent, width, utf8, out);
	fclose(out);
	cr_expect_str_eq(shown, expected);
	free(shown);
}

Test(plain, lines_are_broken_at_spaces_and_no_longer_than_the_width)
{
	expect_wrapped("one two three", 2, 9, true, "  one two\n  three\n");
	expect_wrapped("one two three", 2, 8, true, "  one\n  two\n  three\n");
	expect_wrapped("a-word-that-is-too-long for it", 0, 6, true,
		       "a-word-that-is-too-long\nfor it\n");
}

Test(plain, a_value_stays_with_its_unit)
{
	expect_wrapped("takes 12\xc2\xa0KiB", 0, 10, true, "takes\n12 KiB\n");
}

Test(plain, signs_take_one_column_with_utf8_and_are_spelt_out_without)
{
	expect_wrapped("\xc3\x97\xc2\xa0"
		       "2 \xe2\x89\xa5\xc2\xa0"
		       "3",
		       0, 7, true, "\xc3\x97 2 \xe2\x89\xa5 3\n");
	expect_wrapped("\xc3\x97\xc2\xa0"
		       "2 \xe2\x89\xa5\xc2\xa0"
		       "3",
		       0, 7, false, "x 2\n>= 3\n");
	expect_wrapped("5\xc2\xa0\xc2\xb5s \xc2\xb1 1", 0, 20, false, "5 us +- 1\n");
}
