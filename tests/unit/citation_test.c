/* How others name a run. */
#include <criterion/criterion.h>
#include <string.h>

#include "report/citation.h"

static json_t *a_run(void)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:{s:s, s:s, s:i, s:s}}", "id",
			 "20261130T010203Z-quick", "started_at", "2026-11-30T01:02:03Z",
			 "tenk_version", "1.2.3", "repeat", "tenk run quick --seed 7",
			 "environment", "fingerprint", "0123456789abcdef", "cpu_model",
			 "CPU_{1} & 50% #2", "cores_online", 4, "kernel", "6.1");
}

static void expect_cited(void (*append)(struct text_buffer *, const json_t *, const char *),
			 const char *title, const char *wanted)
{
	struct text_buffer out = {0};
	json_t *run = a_run();

	append(&out, run, title);
	cr_assert(!text_failed(&out));
	cr_assert_str_eq(text_string(&out), wanted);
	text_destroy(&out);
	json_decref(run);
}

Test(citation, one_line_names_authors_finding_tool_run_machine_and_command)
{
	expect_cited(citation_append_line, "Threads cost more.",
		     CITED_AUTHORS
		     ": Threads cost more. Measured with \"" CITED_TITLE
		     "\", version 1.2.3. Run 20261130T010203Z-quick, started 2026-11-30T01:02:03Z, "
		     "on CPU_{1} & 50% #2, 4 cores, Linux 6.1; fingerprint 0123456789abcdef; "
		     "repeat with: tenk run quick --seed 7");
}

Test(citation, a_title_that_does_not_end_with_a_point_is_given_one)
{
	struct text_buffer out = {0};
	json_t *run = a_run();

	citation_append_line(&out, run, "A quick look");
	cr_assert(strstr(text_string(&out), ": A quick look. Measured"), "%s", text_string(&out));
	text_destroy(&out);
	json_decref(run);
}

Test(citation, an_entry_of_a_bibliography_escapes_what_means_something_to_tex)
{
	expect_cited(
		citation_append_bibtex, "50 % \\ of {A_B} ~ x^2 & \xc2\xb5s",
		"@misc{tenk-20261130T010203Z-quick,\n"
		"  author = \"{" CITED_AUTHORS "}\",\n"
		"  title = \"{50 \\% \\textbackslash{} of \\textbraceleft{}A\\_B\\textbraceright{} \\textasciitilde{} "
		"x\\textasciicircum{}2 \\& \xc2\xb5s}\",\n"
		"  year = {2026},\n"
		"  howpublished = {Measured with ``" CITED_TITLE "'', version 1.2.3},\n"
		"  note = {Run 20261130T010203Z-quick, started 2026-11-30T01:02:03Z, on "
		"CPU\\_\\textbraceleft{}1\\textbraceright{} \\& 50\\% \\#2, 4 cores, Linux 6.1; fingerprint 0123456789abcdef; "
		"repeat with: tenk run quick --seed 7},\n"
		"}\n");
}
