/*
 * Stands in for Criterion in the ThreadSanitizer build, and only there.
 *
 * Criterion hands its children an arena at an address that ThreadSanitizer keeps for itself, so
 * that no test starts. This is the part of its interface that the unit tests use, with the same
 * meaning: each test in a process of its own, suites lend their options to their tests, results
 * as TAP. What is missing here does not compile there: add it as it is needed.
 */
#ifndef TENK_CRITERION_STAND_IN_H
#define TENK_CRITERION_STAND_IN_H

#include <stdbool.h>
#include <string.h>

struct unit_options {
	void (*init)(void);
	void (*fini)(void);
	double timeout; /* seconds */
	int exit_code;
	bool only_designated; /* lets the list of options be empty */
};

/* A suite is an entry without a body. */
struct unit_entry {
	const char *suite, *name;
	void (*body)(void);
	struct unit_options options;
	struct unit_entry *next;
};

void unit_register(struct unit_entry *entry);

/* Says what did not hold, and ends the test if that is fatal. */
void unit_judge(bool holds, bool fatal, const char *file, int line, const char *claim,
		const char *format, ...) __attribute__((format(printf, 6, 7)));
_Noreturn void unit_skip(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define UNIT_ENTRY(symbol, suite_, name_, body_, ...)                    \
	static struct unit_entry symbol##_entry = {                      \
		.suite = suite_,                                         \
		.name = name_,                                           \
		.body = body_,                                           \
		.options = {.only_designated = true, ##__VA_ARGS__},     \
	};                                                               \
	__attribute__((constructor)) static void symbol##_register(void) \
	{                                                                \
		unit_register(&symbol##_entry);                          \
	}

#define TestSuite(suite, ...)                                \
	UNIT_ENTRY(suite, #suite, NULL, NULL, ##__VA_ARGS__) \
	struct unit_entry /* takes the semicolon */

#define Test(suite, name, ...)                                                          \
	static void suite##_##name##_body(void);                                        \
	UNIT_ENTRY(suite##_##name, #suite, #name, suite##_##name##_body, ##__VA_ARGS__) \
	static void suite##_##name##_body(void)

/* The space before a message keeps an absent one from being an empty format. */
#define UNIT_JUDGE(holds, fatal, claim, ...) \
	unit_judge(holds, fatal, __FILE__, __LINE__, claim, " " __VA_ARGS__)
#define UNIT_COMPARE(a, relation, b, fatal, ...) \
	UNIT_JUDGE((a)relation(b), fatal, #a " " #relation " " #b, ##__VA_ARGS__)
#define UNIT_STRINGS(a, relation, b, fatal, ...) \
	UNIT_JUDGE(strcmp(a, b) relation 0, fatal, #a " " #relation " " #b, ##__VA_ARGS__)

#define cr_assert(condition, ...)     UNIT_JUDGE((condition), true, #condition, ##__VA_ARGS__)
#define cr_assert_not(condition, ...) UNIT_JUDGE(!(condition), true, "!" #condition, ##__VA_ARGS__)
#define cr_assert_fail(...)	      UNIT_JUDGE(false, true, "not to come here", ##__VA_ARGS__)
#define cr_assert_eq(a, b, ...)	      UNIT_COMPARE(a, ==, b, true, ##__VA_ARGS__)
#define cr_assert_neq(a, b, ...)      UNIT_COMPARE(a, !=, b, true, ##__VA_ARGS__)
#define cr_assert_lt(a, b, ...)	      UNIT_COMPARE(a, <, b, true, ##__VA_ARGS__)
#define cr_assert_leq(a, b, ...)      UNIT_COMPARE(a, <=, b, true, ##__VA_ARGS__)
#define cr_assert_gt(a, b, ...)	      UNIT_COMPARE(a, >, b, true, ##__VA_ARGS__)
#define cr_assert_geq(a, b, ...)      UNIT_COMPARE(a, >=, b, true, ##__VA_ARGS__)
#define cr_assert_null(a, ...)	      UNIT_COMPARE(a, ==, NULL, true, ##__VA_ARGS__)
#define cr_assert_not_null(a, ...)    UNIT_COMPARE(a, !=, NULL, true, ##__VA_ARGS__)
#define cr_assert_str_eq(a, b, ...)   UNIT_STRINGS(a, ==, b, true, ##__VA_ARGS__)
#define cr_assert_str_neq(a, b, ...)  UNIT_STRINGS(a, !=, b, true, ##__VA_ARGS__)
#define cr_assert_arr_eq(a, b, bytes, ...) \
	UNIT_JUDGE(memcmp(a, b, bytes) == 0, true, #a " is " #b, ##__VA_ARGS__)
#define cr_assert_float_eq(a, b, distance, ...)                                                 \
	UNIT_JUDGE((a) - (b) <= (distance) && (b) - (a) <= (distance), true, #a " is near " #b, \
		   ##__VA_ARGS__)

#define cr_expect(condition, ...)     UNIT_JUDGE((condition), false, #condition, ##__VA_ARGS__)
#define cr_expect_not(condition, ...) UNIT_JUDGE(!(condition), false, "!" #condition, ##__VA_ARGS__)
#define cr_expect_eq(a, b, ...)	      UNIT_COMPARE(a, ==, b, false, ##__VA_ARGS__)
#define cr_expect_neq(a, b, ...)      UNIT_COMPARE(a, !=, b, false, ##__VA_ARGS__)
#define cr_expect_lt(a, b, ...)	      UNIT_COMPARE(a, <, b, false, ##__VA_ARGS__)
#define cr_expect_leq(a, b, ...)      UNIT_COMPARE(a, <=, b, false, ##__VA_ARGS__)
#define cr_expect_gt(a, b, ...)	      UNIT_COMPARE(a, >, b, false, ##__VA_ARGS__)
#define cr_expect_geq(a, b, ...)      UNIT_COMPARE(a, >=, b, false, ##__VA_ARGS__)
#define cr_expect_null(a, ...)	      UNIT_COMPARE(a, ==, NULL, false, ##__VA_ARGS__)
#define cr_expect_not_null(a, ...)    UNIT_COMPARE(a, !=, NULL, false, ##__VA_ARGS__)
#define cr_expect_str_eq(a, b, ...)   UNIT_STRINGS(a, ==, b, false, ##__VA_ARGS__)
#define cr_expect_str_neq(a, b, ...)  UNIT_STRINGS(a, !=, b, false, ##__VA_ARGS__)
#define cr_expect_arr_eq(a, b, bytes, ...) \
	UNIT_JUDGE(memcmp(a, b, bytes) == 0, false, #a " is " #b, ##__VA_ARGS__)
#define cr_expect_float_eq(a, b, distance, ...)                                                  \
	UNIT_JUDGE((a) - (b) <= (distance) && (b) - (a) <= (distance), false, #a " is near " #b, \
		   ##__VA_ARGS__)

#define cr_skip_test(...) unit_skip(" " __VA_ARGS__)

#endif
