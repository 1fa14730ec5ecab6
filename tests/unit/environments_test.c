#include "stored/environment.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(environments, .timeout = 10);

/* What differs between two environments, written as JSON with ' for ". */
static const char *differences(const char *before, const char *after, size_t size)
{
	static char list[512];
	char text[2][1024];
	json_t *read[2];

	snprintf(text[0], sizeof text[0], "%s", before);
	snprintf(text[1], sizeof text[1], "%s", after);
	for (int i = 0; i < 2; i++) {
		for (char *quote = text[i]; (quote = strchr(quote, '\'')) != NULL;)
			*quote = '"';
		read[i] = json_loads(text[i], 0, NULL);
		cr_assert_not_null(read[i], "%s", text[i]);
	}
	memset(list, '#', sizeof list);
	cr_expect_eq(environments_differ(read[0], read[1], list, size), *list != '\0');
	cr_expect_lt(strlen(list), size);
	json_decref(read[0]);
	json_decref(read[1]);
	return list;
}

#define expect_differences(before, after, expected) \
	cr_expect_str_eq(differences(before, after, 512), expected)

Test(environments, each_difference_has_both_values)
{
	expect_differences("{'kernel': '6.1', 'governor': 'powersave', 'os': 'Debian'}",
			   "{'kernel': '6.12', 'governor': 'performance', 'os': 'Debian'}",
			   "kernel 6.1 -> 6.12, governor powersave -> performance");
	expect_differences("{'cores_online': 2, 'smt': true, 'governor': null}",
			   "{'cores_online': 16, 'smt': false, 'governor': 'performance'}",
			   "cores_online 2 -> 16, smt yes -> no, governor none -> performance");
	expect_differences("{'port_range': [32768, 60999], 'cpu_quota_cores': 1.5}",
			   "{'port_range': [1024, 65535], 'cpu_quota_cores': null}",
			   "port_range 32768 60999 -> 1024 65535, cpu_quota_cores 1.5 -> none");
}

Test(environments, equal_ones_differ_in_nothing)
{
	expect_differences("{'kernel': '6.1', 'port_range': [1, 2], 'libraries': {'libuv': '1'}}",
			   "{'libraries': {'libuv': '1'}, 'port_range': [1, 2], 'kernel': '6.1'}",
			   "");
	expect_differences("{}", "{}", "");
}

Test(environments, another_kernel_leaves_a_little_more_or_less_of_the_memory)
{
	expect_differences("{'memory_bytes': 25276510208}", "{'memory_bytes': 25276059648}", "");
	expect_differences("{'memory_bytes': 25276510208}", "{'memory_bytes': 24000000000}",
			   "memory_bytes 25276510208 -> 24000000000");
	expect_differences("{'memory_bytes': 25276510208}", "{'memory_bytes': null}",
			   "memory_bytes 25276510208 -> none");
}

Test(environments, what_only_one_of_them_knows_of_does_not_differ)
{
	expect_differences("{'kernel': '6.1'}", "{'kernel': '6.1', 'sysctls': {'a.b': '1'}}", "");
	expect_differences("{'kernel': '6.1', 'sysctls': {'a.b': '1'}}", "{'kernel': '6.1'}", "");
	expect_differences("{'libraries': {'jansson': '2.14'}}",
			   "{'libraries': {'jansson': '2.14', 'libuv': '1.44.2'}}", "");
}

Test(environments, libraries_and_settings_are_named_one_by_one)
{
	expect_differences(
		"{'libraries': {'jansson': '2.14', 'libuv': '1.44.2'}, 'sysctls': {'a.b': '4 5', 'c': '1'}}",
		"{'libraries': {'jansson': '2.14', 'libuv': '1.48.0'}, 'sysctls': {'a.b': '4 6', 'c': '1'}}",
		"libuv 1.44.2 -> 1.48.0, a.b 4 5 -> 4 6");
}

Test(environments, what_was_only_seen_and_the_hash_are_no_conditions)
{
	expect_differences("{'observed': {'steal_ratio': 0.1}, 'fingerprint': 'a', 'kernel': '1'}",
			   "{'observed': {'steal_ratio': 0.2}, 'fingerprint': 'b', 'kernel': '1'}",
			   "");
}

Test(environments, a_long_list_is_cut_and_says_so)
{
	cr_expect_str_eq(differences("{'kernel': '6.1', 'governor': 'powersave'}",
				     "{'kernel': '6.12', 'governor': 'performance'}", 24),
			 "kernel 6.1 -> 6.12, ...");
	cr_expect_str_eq(differences("{'kernel': '6.1'}", "{'kernel': '6.12'}", 19),
			 "kernel 6.1 -> 6.12");
}

Test(environments, nothing_is_known_to_differ_from_what_is_not_there)
{
	char list[8];
	json_t *known = json_pack("{s:s}", "kernel", "6.1");

	cr_expect_not(environments_differ(NULL, known, list, sizeof list));
	cr_expect_not(environments_differ(known, NULL, list, sizeof list));
	cr_expect_str_eq(list, "");
	json_decref(known);
}
