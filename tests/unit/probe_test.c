#include "harness/trial/probe.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

Test(probe, it_knows_what_tasks_answer)
{
	static const struct {
		const char *target, *body; /* "": any good answer will do */
	} rows[] = {
		{"/plaintext", "Hello, World!"},
		{"/wait/10", "Waited 10 ms"},
		{"/block/0", "Blocked 0 ms"},
		{"/fetch/25", "Waited 25 ms"},
		{"/query/9999", "{\"id\":9999,\"message\":\"Message 9999\"}"},
		{"/cpu/0", "2463534242"},
		{"/cpu/1", "723471715"},
		{"/cpu/3", "2064144800"},
		{"/calls/3/wait/20", "Waited 3 x 20 ms"},
		{"/calls/3/wait/20?together", "Waited 3 x 20 ms"},
		{"/calls/3/wait/20?apart", ""},
		{"/cpu/", ""},
		{"/cpu/1x", ""},
		{"/somewhere", ""},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct load load = {.method = "GET"};
		struct probe_body body;

		snprintf(load.target, sizeof load.target, "%s", rows[i].target);
		body = probe_expected_body(&load);
		cr_expect_str_eq(body.pattern, rows[i].body, "%s", rows[i].target);
		cr_expect_eq(body.bytes, strlen(rows[i].body), "%s", rows[i].target);
	}
}
