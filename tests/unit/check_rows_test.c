/* The suite's table, and how it is shown. */
#include "harness/check/check.h"
#include "harness/check/rows.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Test(check_rows, an_unknown_row_is_refused)
{
	static const char *const wanted[] = {"plaintext", "plaintxt"};
	struct check_target target = {.name = "any", .host = "127.0.0.1", .port = 1};
	struct check_suite suite;

	cr_expect(check_suite_run(&suite, &target, 1, wanted, 2, NULL, NULL) == -EINVAL);
	check_suite_destroy(&suite);
	cr_expect(check_row_find("plaintxt") == NULL);
	cr_expect_str_eq(check_row_name(check_row_find("plaintext")), "plaintext");
}

Test(check_rows, every_row_says_what_it_asks_for)
{
	for (size_t i = 0; i < check_row_count(); i++) {
		const struct check_row *row = check_row_at(i);

		cr_expect(check_row_find(row->name) == row, "%s is there twice", row->name);
		cr_expect(row->group && row->what && *row->what, "%s", row->name);
		cr_expect(strncmp(row->section, "RFC ", 4) == 0, "%s", row->name);
		cr_expect(row->run || row->request, "%s", row->name);
		cr_expect(row->run || row->expect.answer, "%s", row->name);
	}
}

Test(check_rows, bytes_are_shown_escaped_and_cut)
{
	char text[64], small[16];

	cr_expect_str_eq(check_escape("a\r\n\\\0\xff", 6, text, sizeof text),
			 "a\\r\\n\\\\\\x00\\xff");
	check_escape("\x01\x01\x01\x01\x01\x01\x01\x01", 8, small, sizeof small);
	cr_expect(strlen(small) < sizeof small);
	cr_expect(strcmp(small + strlen(small) - 3, "...") == 0);
}

/* The page is written by make conformance, and has to be written again when rows change. */
Test(check_rows, the_page_has_the_rows_of_the_suite)
{
	FILE *page = fopen("results/reference/conformance.md", "re");
	char line[4096], name[128];
	size_t found = 0;

	cr_assert_not_null(page);
	while (fgets(line, sizeof line, page)) {
		if (sscanf(line, "| %127s |", name) != 1 || !strstr(line, " | RFC "))
			continue;
		cr_assert(found < check_row_count(), "%s is no row any more", name);
		cr_expect_str_eq(name, check_row_name(check_row_at(found)),
				 "make conformance: the page has %s where the suite has %s", name,
				 check_row_name(check_row_at(found)));
		found++;
	}
	fclose(page);
	cr_expect(found == check_row_count(), "make conformance: the page has %zu rows", found);
}
