/*
 * The main of a unit test program in the ThreadSanitizer build: see criterion/criterion.h here.
 *
 *   PROGRAM [--tap=FILE] [--filter=SUITE/TEST]     the filter may have * and ?
 */
#include <criterion/criterion.h>

#include "lib/clock.h"

#include <errno.h>
#include <fnmatch.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A test gets more time than in a plain build, as its code runs that much slower. */
enum {
	SLOWER = 10,
	TIMEOUT_SECONDS = 120,
	EXIT_FAILED = 125,
	EXIT_SKIPPED = 77,
	SKIP_REASON_BYTES = 256
};

static struct unit_entry *entries;
static const struct unit_entry *running, *running_suite;
static _Atomic bool failed, finishing;
static char *skip_reason; /* memory that the test's process shares with us */

/* Tests run in the order of the file; a file's constructors do too, as a rule. */
void unit_register(struct unit_entry *entry)
{
	struct unit_entry **end = &entries;

	while (*end)
		end = &(*end)->next;
	*end = entry;
}

/* Ends the test's process. exit, not _exit: ThreadSanitizer has its say then. */
static _Noreturn void finish(void)
{
	if (!finishing) {
		finishing = true;
		if (running->options.fini)
			running->options.fini();
		if (running_suite && running_suite->options.fini)
			running_suite->options.fini();
	}
	exit(failed ? EXIT_FAILED : 0);
}

void unit_judge(bool holds, bool fatal, const char *file, int line, const char *claim,
		const char *format, ...)
{
	va_list arguments;

	if (holds)
		return;
	failed = true;
	fprintf(stderr, "%s:%d: %s::%s: does not hold: %s\n ", file, line, running->suite,
		running->name, claim);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	if (fatal)
		finish();
}

void unit_skip(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(skip_reason, SKIP_REASON_BYTES, format, arguments);
	va_end(arguments);
	exit(EXIT_SKIPPED);
}

static const struct unit_entry *find_suite(const char *name)
{
	for (const struct unit_entry *entry = entries; entry; entry = entry->next)
		if (!entry->body && strcmp(entry->suite, name) == 0)
			return entry;
	return NULL;
}

static _Noreturn void become(const struct unit_entry *test, const struct unit_entry *suite)
{
	running = test;
	running_suite = suite;
	if (suite && suite->options.init)
		suite->options.init();
	if (test->options.init)
		test->options.init();
	test->body();
	finish();
}

static double timeout_seconds(const struct unit_entry *test, const struct unit_entry *suite)
{
	if (test->options.timeout > 0)
		return test->options.timeout * SLOWER;
	if (suite && suite->options.timeout > 0)
		return suite->options.timeout * SLOWER;
	return TIMEOUT_SECONDS;
}

/* Runs one test to its end. Returns whether it passed, and why it did not. */
static bool run_test(const struct unit_entry *test, char *why, size_t why_size)
{
	const struct unit_entry *suite = find_suite(test->suite);
	int timeout_ms = (int)(timeout_seconds(test, suite) * 1000);
	struct pollfd end = {.fd = -1, .events = POLLIN};
	bool timed_out;
	pid_t child;
	int status;

	fflush(NULL);
	child = fork();
	if (child == 0)
		become(test, suite);
	end.fd = child > 0 ? (int)syscall(SYS_pidfd_open, child, 0) : -1;
	if (end.fd < 0) {
		snprintf(why, why_size, "cannot start: %s", strerror(errno));
		if (child <= 0)
			return false;
	}
	timed_out = end.fd < 0 || poll(&end, 1, timeout_ms) != 1;
	if (timed_out)
		kill(child, SIGKILL);
	if (end.fd >= 0)
		close(end.fd);
	if (waitpid(child, &status, 0) != child)
		return false;
	if (timed_out)
		snprintf(why, why_size, "timed out");
	else if (WIFSIGNALED(status))
		snprintf(why, why_size, "ended by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) == EXIT_SKIPPED)
		snprintf(why, why_size, "# SKIP%s", skip_reason);
	else if (WEXITSTATUS(status) != test->options.exit_code)
		snprintf(why, why_size, "exit code %d", WEXITSTATUS(status));
	else
		return true;
	return !timed_out && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIPPED;
}

static bool run_tests(FILE *tap, const char *filter)
{
	char title[256], why[SKIP_REASON_BYTES + 16];
	bool good = true;
	int count = 0;

	for (const struct unit_entry *test = entries; test; test = test->next) {
		uint64_t start_ns = clock_now_ns();
		bool passed;

		snprintf(title, sizeof title, "%s/%s", test->suite, test->name ? test->name : "");
		if (!test->body || fnmatch(filter, title, 0) != 0)
			continue;
		*why = '\0';
		passed = run_test(test, why, sizeof why);
		fprintf(tap, "%s - %s::%s %s (%.2fs)\n", passed ? "ok" : "not ok", test->suite,
			test->name, why, (double)(clock_now_ns() - start_ns) / NS_PER_S);
		good = good && passed;
		count++;
	}
	fprintf(tap, "1..%d\n", count);
	return good && count > 0;
}

int main(int count, char **arguments)
{
	const char *filter = "*";
	FILE *tap = stderr;
	bool good;

	for (int i = 1; i < count; i++) {
		if (strncmp(arguments[i], "--tap=", 6) == 0)
			tap = fopen(arguments[i] + 6, "we");
		else if (strncmp(arguments[i], "--filter=", 9) == 0)
			filter = arguments[i] + 9;
		else
			tap = NULL;
		if (!tap) {
			fprintf(stderr, "%s: cannot use %s\n", arguments[0], arguments[i]);
			return 2;
		}
	}
	skip_reason = mmap(NULL, SKIP_REASON_BYTES, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (skip_reason == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	good = run_tests(tap, filter);
	return fclose(tap) == 0 && good ? 0 : 1;
}
