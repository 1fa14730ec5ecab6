/*
 * Linked into every program of a sanitized build: where findings go and what they do.
 *
 * They go to files, because what finds something is often a server whose standard error belongs to
 * the harness, and because a test framework may take a leak, told at exit, for a passed test.
 * Environment variables would not do: the harness gives every server the same small environment.
 * scripts/run-tests empties the folder first and counts what lies there afterwards as failures.
 * Beside AddressSanitizer, UBSan writes to standard error all the same: so it ends the process.
 * By hand, ASAN_OPTIONS=log_path=stderr (or UBSAN_OPTIONS, TSAN_OPTIONS) shows them at once.
 */
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);
const char *__tsan_default_options(void);

#define FINDINGS "log_path=" TENK_FINDINGS ":"

const char *__asan_default_options(void)
{
	return FINDINGS "detect_stack_use_after_return=1:strict_string_checks=1";
}

const char *__ubsan_default_options(void)
{
	return FINDINGS "print_stacktrace=1:halt_on_error=1";
}

const char *__tsan_default_options(void)
{
	return FINDINGS "second_deadlock_stack=1";
}
