#include "lib/text_buffer.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

typedef void append_function(struct text_buffer *buffer, const char *text);

static void expect(append_function *append, const char *text, const char *expected)
{
	struct text_buffer buffer = {0};

	append(&buffer, text);
	cr_expect_str_eq(text_string(&buffer), expected, "\"%s\" became \"%s\"", text,
			 text_string(&buffer));
	cr_expect_not(text_failed(&buffer));
	text_destroy(&buffer);
}

Test(text_buffer, empty_buffer_is_an_empty_string)
{
	struct text_buffer buffer = {0};

	cr_assert_str_eq(text_string(&buffer), "");
	text_append(&buffer, "");
	cr_assert_str_eq(text_string(&buffer), "");
	text_destroy(&buffer);
}

Test(text_buffer, grows_without_losing_a_byte)
{
	struct text_buffer buffer = {0};
	char expected[16];

	for (int i = 0; i < 10000; i++)
		text_append_format(&buffer, "%04d,", i);
	cr_assert_eq(buffer.length, 50000);
	for (int i = 0; i < 10000; i++) {
		snprintf(expected, sizeof expected, "%04d,", i);
		cr_assert_eq(memcmp(text_string(&buffer) + 5 * i, expected, 5), 0, "at %d", i);
	}
	text_destroy(&buffer);
}

Test(text_buffer, html_has_no_markup_left)
{
	expect(text_append_html, "a < b && \"c\" > 'd'",
	       "a &lt; b &amp;&amp; &quot;c&quot; &gt; &#39;d&#39;");
	expect(text_append_html, "\x1b[31mred\x1b[0m\n", "\xef\xbf\xbd[31mred\xef\xbf\xbd[0m\n");
	expect(text_append_html, "61 \xc2\xb5s", "61 \xc2\xb5s");
}

Test(text_buffer, markdown_shows_the_text_as_it_is)
{
	expect(text_append_markdown, "<b> & `x` | *y* _z_ ~s~ $m$ \\",
	       "&lt;b> &amp; \\`x\\` \\| \\*y\\* \\_z\\_ \\~s\\~ \\$m\\$ \\\\");
	expect(text_append_markdown, "[click](http://example.org)",
	       "[click\\](http://example.org)");
	expect(text_append_markdown, "[ref]: x [^1]", "[ref\\]: x [\\^1]");
	expect(text_append_markdown, "two\nlines\tand\r", "two lines and ");
}

Test(text_buffer, markdown_leaves_figures_and_keys_alone)
{
	expect(text_append_markdown, "65.9 KiB [65.5, 66.1]", "65.9 KiB [65.5, 66.1]");
	expect(text_append_markdown, "latency_p99_ns", "latency_p99_ns");
	expect(text_append_markdown, "12" TEXT_NBSP "ms", "12 ms");
	expect(text_append_markdown, "-3 B", "-3 B");
}

Test(text_buffer, markdown_starts_no_block)
{
	expect(text_append_markdown, "# title", "\\# title");
	expect(text_append_markdown, "> said", "\\> said");
	expect(text_append_markdown, "- item", "\\- item");
	expect(text_append_markdown, "1. item", "1\\. item");
	expect(text_append_markdown, "---", "\\---");
	expect(text_append_markdown, "    code", "code");
}

Test(text_buffer, csv_quotes_only_where_it_must)
{
	expect(text_append_csv, "thread-per-connection/stack-64k",
	       "thread-per-connection/stack-64k");
	expect(text_append_csv, "a,b", "\"a,b\"");
	expect(text_append_csv, "say \"hi\"", "\"say \"\"hi\"\"\"");
	expect(text_append_csv, "two\r\nlines", "\"two\r\nlines\"");
}

Test(text_buffer, gnuplot_strings_cannot_be_left)
{
	expect(text_append_gnuplot, "it's `ls` \\ $x", "'it''s `ls` \\ $x'");
	expect(text_append_gnuplot, "a'\n!rm\n", "'a'' !rm '");
}

Test(text_buffer, a_shell_reads_back_the_word)
{
	expect(text_append_shell, "--server-cores=0-1,4", "--server-cores=0-1,4");
	expect(text_append_shell, "", "''");
	expect(text_append_shell, "my runs/a", "'my runs/a'");
	expect(text_append_shell, "it's $HOME", "'it'\\''s $HOME'");
}
