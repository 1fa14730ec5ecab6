#include "lib/nearest.h"

#include <criterion/criterion.h>

Test(nearest, finds_what_was_meant)
{
	static const char *const words[] = {"connections", "rate", NULL, "wait", "body"};

	cr_assert_str_eq(nearest_word("conections", words, 5), "connections");
	cr_assert_str_eq(nearest_word("Rate", words, 5), "rate");
	cr_assert_str_eq(nearest_word("wiat", words, 5), "wait");
	cr_assert_str_eq(nearest_word("bdy", words, 5), "body");
	cr_assert_null(nearest_word("bananas", words, 5));
	cr_assert_null(nearest_word("", words, 5));
	cr_assert_null(nearest_word("connections", words, 0));
}

Test(nearest, a_list_that_does_not_fit_says_so)
{
	static const char *const words[] = {"one", "two", "three"};
	char out[12];

	cr_assert_str_eq(nearest_list(words, 2, out, sizeof out), "one, two");
	cr_assert_str_eq(nearest_list(words, 3, out, sizeof out), "one, two...");
}
