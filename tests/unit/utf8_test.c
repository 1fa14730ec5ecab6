#include "lib/utf8.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static void check(const char *given, const char *expected)
{
	char text[64];

	snprintf(text, sizeof text, "%s", given);
	cr_expect_str_eq(utf8_mend(text), expected);
}

Test(utf8, what_is_right_stays)
{
	check("", "");
	check("plain, ±, …, 😀", "plain, ±, …, 😀");
}

Test(utf8, what_is_wrong_becomes_a_question_mark)
{
	check("caf\xe9!", "caf?!");		  /* Latin-1 */
	check("cut \xe2\x80", "cut ??");	  /* before its end */
	check("\xc0\xaf \xe0\x80\xaf", "?? ???"); /* longer than need be */
	check("\xed\xa0\x80 \xf4\x90\x80\x80", "??? ????");
	check("\x80\xff", "??");
}

/* The reader that matters takes all that is made of any two bytes and any that follow. */
Test(utf8, everything_is_taken_by_the_writer_of_json)
{
	for (unsigned i = 1; i < 0x10000; i++) {
		char text[] = {(char)(i >> 8 ? i >> 8 : ' '), (char)(i & 0xff ? i & 0xff : ' '),
			       (char)0x90, (char)0xbf, '\0'};
		json_t *json = json_string(utf8_mend(text));

		cr_assert_not_null(json, "of %04x", i);
		json_decref(json);
	}
}
