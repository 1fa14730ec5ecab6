#include "loadgen/header_match.h"

#include <criterion/criterion.h>
#include <string.h>

static const char answer[] =
	"HTTP/1.1 200 OK\r\nServer: tenk\r\nContent-Type:  text/plain; a=b \r\n"
	"X-Empty:\r\nX-Last: yes\r\n\r\n";

/* Reads the answer in two pieces, cut at every byte. */
static void check(const char *field, bool found, bool named)
{
	size_t size = sizeof(answer) - 1;

	for (size_t cut = 0; cut <= size; cut++) {
		struct header_match match = {0};

		header_match_read(&match, field, answer, cut);
		header_match_read(&match, field, answer + cut, size - cut);
		cr_assert_eq(match.found, found, "%s, cut at %zu", field, cut);
		cr_assert_eq(match.named, named, "%s, cut at %zu", field, cut);
	}
}

Test(header_match, finds_a_field_by_its_name)
{
	check("Server", true, true);
	check("server", true, true);
	check("CONTENT-TYPE", true, true);
	check("X-Empty", true, true);
	check("Serve", false, false);
	check("Servers", false, false);
	check("X-Absent", false, false);
	check("HTTP/1.1 200 OK", false, false);
}

Test(header_match, compares_values_without_the_blanks_around_them)
{
	check("Server: tenk", true, true);
	check("server:tenk", true, true);
	check("Server: Tenk", false, true);
	check("Server: ten", false, true);
	check("Server: tenks", false, true);
	check("Content-Type: text/plain; a=b", true, true);
	check("Content-Type: text/plain", false, true);
	check("X-Last: yes", true, true);
}

Test(header_match, takes_the_second_field_of_a_name)
{
	static const char twice[] = "HTTP/1.1 200 OK\nVary: one\nVary: two\n\n";
	struct header_match match = {0};

	header_match_read(&match, "Vary: two", twice, sizeof(twice) - 1);
	cr_assert(match.found);
}

Test(header_match, a_nul_in_a_value_is_not_the_end_of_what_is_wanted)
{
	/* What lies behind the field in memory must not be looked at. */
	static const char field[] = "N: v\0tail", head[] = "HTTP/1.1 200 OK\r\nN: v\0tail\r\n\r\n";
	struct header_match match = {0};

	header_match_read(&match, field, head, sizeof(head) - 1);
	cr_assert(match.named);
	cr_assert_not(match.found);
}
