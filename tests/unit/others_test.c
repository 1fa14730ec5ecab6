/* Servers of other people in the catalogue. */
#include "harness/catalogue/catalogue.h"
#include "harness/catalogue/manifest.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#define FOREIGN "tests/fixtures/foreign/manifest.yaml"

Test(catalogue, holds_servers_of_other_people_beside_each_other)
{
	struct catalogue catalogue = {0};
	struct error error = {""};
	const char *first, *second, *running;
	const struct server_entry *entry;

	cr_assert_eq(catalogue_add_manifest(&catalogue, FOREIGN, &first, &error), 0);
	cr_expect_str_eq(first, "foreign");
	cr_expect_eq(catalogue_add_manifest(&catalogue, FOREIGN, &first, &error), -EEXIST);
	cr_expect(strstr(error.text, "there is a server \"foreign\" already"), "%s", error.text);
	cr_assert_eq(catalogue_add_command(&catalogue, "./mine {port}", &first, &error), 0);
	cr_assert_eq(catalogue_add_command(&catalogue, "./mine {port}", &second, &error), 0);
	cr_expect_str_eq(first, "mine");
	cr_expect_str_eq(second, "mine-2");
	cr_assert_eq(catalogue_add_url(&catalogue, "http://[::1]:8080/", &running, &error), 0);
	cr_expect_str_eq(running, "port-8080");
	entry = catalogue_find(&catalogue, running);
	cr_expect_str_eq(entry->host, "::1");
	cr_expect_eq(entry->port, 8080);
	cr_expect_not(server_entry_is_own(entry));
	cr_assert_eq(catalogue_add_url(&catalogue, "http://localhost:81", &running, &error), 0);
	cr_expect_str_eq(catalogue_find(&catalogue, "port-81")->host, "127.0.0.1");
	cr_expect(server_entry_has_trait(catalogue_find(&catalogue, "foreign"), "own-parser"));
	cr_expect_not_null(catalogue_find(&catalogue, "foreign/absent")->missing);
	cr_expect_eq(catalogue_read_reference(&catalogue, "tests/fixtures/nowhere", &error), 0);
	for (size_t i = 1; i < catalogue.count; i++)
		cr_expect_lt(strcmp(catalogue.entries[i - 1].name, catalogue.entries[i].name), 0);
	catalogue_destroy(&catalogue);
}

Test(catalogue, tells_builds_apart_by_their_labels)
{
	const struct server_build builds[] = {{"base", "tests/fixtures", NULL},
					      {"head", "/nowhere else", NULL}};
	struct catalogue catalogue = {0};
	struct error error = {""};
	const struct server_entry *entry;
	const char *name;

	for (size_t i = 0; i < 2; i++) {
		catalogue_begin_build(&catalogue, &builds[i]);
		cr_assert_eq(catalogue_add_command(&catalogue, "./mine {port}", &name, &error), 0);
		cr_expect_str_eq(name, i ? "mine@head" : "mine@base");
	}
	cr_expect_eq(catalogue_add_url(&catalogue, "http://127.0.0.1:80", &name, &error), -EINVAL);
	cr_expect(strstr(error.text, "of no build"), "%s", error.text);
	entry = catalogue_find(&catalogue, "mine@head");
	cr_expect_str_eq(entry->label, "head");
	cr_expect_str_eq(entry->profile->command[2], "cd '/nowhere else' && exec ./mine {port}");
	catalogue_begin_build(&catalogue, NULL);
	cr_assert_eq(catalogue_add_command(&catalogue, "./mine {port}", &name, &error), 0);
	cr_expect_str_eq(name, "mine");
	cr_expect_null(catalogue_find(&catalogue, "mine")->label);
	catalogue_destroy(&catalogue);
}

Test(catalogue, takes_only_urls_of_this_machine)
{
	static const char *const bad[] = {"http://example.com",	  "http://10.1.2.3:80",
					  "http://128.0.0.1:80",  "http://0.0.0.0:80",
					  "http://127.0.0.1:0",	  "http://127.0.0.1:65536",
					  "http://127.0.0.1:8x",  "http://127.0.0.1:",
					  "http://127.0.0.1:8/p", "https://127.0.0.1:8",
					  "127.0.0.1:8",	  "http://[::2]:8",
					  "http://[::1:8",	  "http://",
					  "http://127.0.0.1@x:8"};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct catalogue catalogue = {0};
		struct error error = {""};
		const char *name;

		cr_expect_eq(catalogue_add_url(&catalogue, bad[i], &name, &error), -EINVAL, "%s",
			     bad[i]);
		cr_expect_eq(catalogue.count, 0);
		catalogue_destroy(&catalogue);
	}
}
