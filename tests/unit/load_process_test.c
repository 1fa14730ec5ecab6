/* What the generator is told, by one that only writes down its arguments. */
#include "harness/trial/load_process.h"

#include "lib/clock.h"
#include "lib/temporary.h"

#include <criterion/criterion.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[256], program[300], arguments[400], told[8192];
static const struct kept_program by_path = {.path = program, .fd = -1};

static void set_up(void)
{
	FILE *file;

	temporary_template(folder, sizeof folder, "tenk-load-process");
	cr_assert_not_null(mkdtemp(folder));
	snprintf(program, sizeof program, "%s/load", folder);
	snprintf(arguments, sizeof arguments, "%s.arguments", program);
	file = fopen(program, "we");
	cr_assert_not_null(file);
	fputs("#!/bin/sh\nprintf '%s\\n' \"$@\" >\"$0.arguments\"\n", file);
	fclose(file);
	cr_assert_eq(chmod(program, 0755), 0);
}

static void tear_down(void)
{
	temporary_remove(folder);
}

TestSuite(load_process, .init = set_up, .fini = tear_down, .timeout = 60);

/* Starts it on four cores, so far as they are there; what it was told is in `told`, line by line. */
static void start(const struct load *load)
{
	const struct load_target target = {.host = "127.0.0.1", .port = 8080};
	const struct load_files files = {.report = "/dev/null"};
	struct load_process process;
	struct process_place place;
	struct error error = {""};
	cpu_set_t cores;
	FILE *file;
	size_t length;

	cr_assert_eq(sched_getaffinity(0, sizeof cores, &cores), 0);
	for (int core = CPU_SETSIZE; core-- > 0;)
		if (CPU_COUNT(&cores) > 4)
			CPU_CLR(core, &cores);
	for (int core = 0; CPU_COUNT(&cores) < 4; core++)
		CPU_SET(core, &cores);
	place = (struct process_place){.cores = &cores};
	cr_assert_eq(load_process_start(&process, &by_path, load, &target, &files, &place, &error),
		     0, "%s", error.text);
	cr_assert(process_wait(&process.process, 30 * NS_PER_S));
	load_process_destroy(&process);
	file = fopen(arguments, "re");
	cr_assert_not_null(file);
	length = fread(told, 1, sizeof told - 1, file);
	told[length] = '\0';
	fclose(file);
}

static bool has_threads(unsigned count)
{
	char wanted[32];

	snprintf(wanted, sizeof wanted, "--threads=%u\n", count);
	return count ? strstr(told, wanted) != NULL : strstr(told, "--threads") == NULL;
}

/* One that tells what it was ordered, as events. */
static const char obeying[] =
	"#!/bin/sh\n"
	"printf '%s\\n' \"$@\" >\"$0.arguments\"\n"
	"echo '{\"event\":\"warm\",\"at_ns\":7}' >&3\n"
	"while read -r order length <&3; do\n"
	"	[ \"$order\" != end ] || exit 0\n"
	"	good=${length%ns}\n"
	"	echo \"{\\\"event\\\":\\\"slice\\\",\\\"counted\\\":false,\\\"begin_ns\\\":10,"
	"\\\"end_ns\\\":20,\\\"drained_ns\\\":25,\\\"good\\\":$good,\\\"errors\\\":${#order}}\" >&3\n"
	"done\n"
	"exit 9\n";

Test(load_process, in_slices_it_is_ordered_what_to_do)
{
	static const struct load load = {.method = "GET", .target = "/", .connections = 1};
	static const struct load_target target = {
		.host = "127.0.0.1", .port = 8080, .in_slices = true};
	static const struct load_files files = {.report = "/dev/null"};
	static const struct process_place place = {NULL, NULL};
	struct load_process process;
	struct error error = {""};
	FILE *file = fopen(program, "we");

	fputs(obeying, file);
	fclose(file);
	cr_assert_eq(load_process_start(&process, &by_path, &load, &target, &files, &place, &error),
		     0, "%s", error.text);
	cr_assert_eq(load_process_next(&process, 30000), LOAD_EVENT_WARM);
	cr_assert(load_process_order(&process, false, 20));
	cr_assert_eq(load_process_next(&process, 30000), LOAD_EVENT_SLICE);
	cr_expect_eq(process.slice.good, 20);
	cr_expect_eq(process.slice.errors, strlen("lead"));
	cr_assert(load_process_order(&process, true, 100000000));
	cr_assert_eq(load_process_next(&process, 30000), LOAD_EVENT_SLICE);
	cr_expect_eq(process.slice.good, 100000000);
	cr_expect_eq(process.slice.errors, strlen("slice"));
	cr_expect_eq(process.slice.begin_ns, 10);
	cr_expect_eq(process.slice.end_ns, 20);
	cr_expect_eq(process.slice.drained_ns, 25);
	cr_assert(load_process_finish(&process));
	cr_assert_eq(load_process_next(&process, 30000), LOAD_EVENT_CLOSED);
	cr_assert(process_wait(&process.process, 30 * NS_PER_S));
	cr_expect_eq(process.process.exit_code, 0);
	cr_expect_not(load_process_order(&process, true, 20), "nobody is there any more");
	load_process_destroy(&process);
}

Test(load_process, it_has_as_many_threads_as_cores)
{
	struct load load = {.method = "GET", .target = "/plaintext", .connections = 64};

	start(&load);
	cr_expect(has_threads(4), "%s", told);
	load.connections = 3; /* a thread without a connection has nothing to do */
	start(&load);
	cr_expect(has_threads(3), "%s", told);
	load.connections = 1;
	start(&load);
	cr_expect(has_threads(0), "%s", told);
}

Test(load_process, or_as_the_load_says)
{
	struct load load = {
		.method = "GET", .target = "/plaintext", .connections = 64, .threads = 2};

	start(&load);
	cr_expect(has_threads(2), "%s", told);
}

/* Idle connections take no CPU, and a limit of open files may ask for more threads than cores. */
Test(load_process, or_as_it_chooses_itself)
{
	struct load load = {
		.method = "GET", .target = "/plaintext", .connections = 64, .idle = true};

	start(&load);
	cr_expect(has_threads(0), "%s", told);
	load.idle = false;
	load.connections = UINT64_C(1) << 40;
	start(&load);
	cr_expect(has_threads(0), "%s", told);
}

/* What tells a load apart from so many closed loops. */
Test(load_process, it_is_told_who_asks_and_how)
{
	struct load load = {.method = "GET",
			    .target = "/plaintext",
			    .connections = 200,
			    .active_percent = 5,
			    .pipelining = 16,
			    .requests_per_connection = 3};

	start(&load);
	cr_expect(strstr(told, "--connections=10\n") && strstr(told, "--idle=190\n"), "%s", told);
	cr_expect(strstr(told, "--pipelining=16\n"), "%s", told);
	cr_expect(strstr(told, "--requests-per-connection=3\n--close=reset\n"), "%s", told);
	load = (struct load){
		.method = "GET", .target = "/plaintext", .connections = 10, .active_percent = 1};
	start(&load);
	cr_expect(strstr(told, "--connections=1\n") && strstr(told, "--idle=9\n"), "%s", told);
}

/* Of one core, which another process uses all the time, who is to run when nobody else would gets next to nothing. */
Test(load_process, who_waits_for_a_core_has_not_been_stopped)
{
	const struct sched_param none = {0};
	struct load_process process = {.process = {.pidfd = -1, .stderr_fd = -1}};
	uint64_t end_ns, begun_ns, latest_ns = 0;
	cpu_set_t cores, one;
	pid_t busy;
	int ends[2], core = 0;

	cr_assert_eq(sched_getaffinity(0, sizeof cores, &cores), 0);
	while (!CPU_ISSET(core, &cores))
		core++;
	CPU_ZERO(&one);
	CPU_SET(core, &one);
	cr_assert_eq(sched_setaffinity(0, sizeof one, &one), 0);
	cr_assert_eq(pipe(ends), 0);
	process.events_fd = ends[0];
	busy = fork();
	if (busy == 0) {
		alarm(30); /* should we fail before it is ended */
		for (;;)
			;
	}
	cr_assert_gt(busy, 0);
	cr_assert_eq(sched_setscheduler(0, SCHED_IDLE, &none), 0);
	end_ns = clock_now_ns() + 3 * NS_PER_S;
	do {
		begun_ns = clock_now_ns();
		cr_expect_eq(load_process_next(&process, 1), LOAD_EVENT_NONE);
		latest_ns = clock_now_ns() - begun_ns > latest_ns ? clock_now_ns() - begun_ns
								  : latest_ns;
	} while (latest_ns < 500 * NS_PER_MS && clock_now_ns() < end_ns);
	kill(busy, SIGKILL);
	waitpid(busy, NULL, 0);
	cr_expect_lt(process.overslept_ns, 200 * NS_PER_MS, "%.3f s of %.3f s",
		     (double)process.overslept_ns / NS_PER_S, (double)latest_ns / NS_PER_S);
	close(ends[0]);
	close(ends[1]);
}
