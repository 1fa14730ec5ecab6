/* Which cores serve and which load, on machines that hwloc makes up. */
#include "harness/machine/cores.h"
#include "tests/unit/emulated.h"

#include <criterion/criterion.h>
#include <hwloc.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Cores as they are numbered: "core:2 pu:2" has threads 0 and 1 on one core, 2 and 3 on the other. */
static hwloc_topology_t make(const char *description)
{
	hwloc_topology_t topology;

	cr_assert_eq(hwloc_topology_init(&topology), 0);
	cr_assert_eq(hwloc_topology_set_synthetic(topology, description), 0, "%s", description);
	cr_assert_eq(hwloc_topology_load(topology), 0);
	return topology;
}

static void check(const char *machine, const char *server, const char *load,
		  const char *server_gets, const char *load_gets, bool siblings)
{
	hwloc_topology_t topology = make(machine);
	struct cores cores;
	struct error error = {""};
	char text[160];

	cr_assert_eq(cores_choose_of(topology, &cores, server, load, &error), 0, "%s", error.text);
	cr_expect_str_eq(cores_format(&cores.server, text, sizeof text), server_gets, "%s: %s",
			 machine, text);
	cr_expect_str_eq(cores_format(&cores.load, text, sizeof text), load_gets, "%s: %s", machine,
			 text);
	cr_expect_eq(cores.siblings, siblings, "%s", machine);
	cr_expect_not(cores.unknown);
	hwloc_topology_destroy(topology);
}

/* As Linux numbers most: the second threads of all cores after the first ones. */
static const char far[] = "core:4(indexes=0,1,2,3) pu:2(indexes=0,4,1,5,2,6,3,7)";

Test(cores, physical_cores_are_dealt_out_with_all_their_threads)
{
	check("core:2 pu:1", NULL, NULL, "0", "1", false);
	check("core:4 pu:1", NULL, NULL, "0-1", "2-3", false);
	check("core:5 pu:1", NULL, NULL, "0-1", "2-4", false);
	check("core:2 pu:2", NULL, NULL, "0-1", "2-3", false);
	check("core:3 pu:2", NULL, NULL, "0-1", "2-5", false);
	check("package:2 core:2 pu:2", NULL, NULL, "0-3", "4-7", false);
	check(far, NULL, NULL, "0-1,4-5", "2-3,6-7", false);
}

Test(cores, threads_of_a_single_core_are_shared_out_and_it_is_said)
{
	check("core:1 pu:2", NULL, NULL, "0", "1", true);
	check("core:1 pu:4", NULL, NULL, "0-1", "2-3", true);
}

Test(cores, what_one_side_names_the_other_does_without)
{
	check("core:4 pu:1", "2-3", NULL, "2-3", "0-1", false);
	check("core:4 pu:1", NULL, "0", "1-3", "0", false);
	check("core:4 pu:1", "0-2", NULL, "0-2", "3", false);
	check(far, "0", NULL, "0", "1-3,5-7", false); /* and 4, its sibling, stays idle */
	check(far, NULL, "3,7", "0-2,4-6", "3,7", false);
	check("core:1 pu:2", "1", NULL, "1", "0", true);
	check(far, "0-3", "4-7", "0-3", "4-7", true);
}

Test(cores, where_no_physical_core_is_known_halves_are_by_number_and_it_is_said)
{
	hwloc_topology_t topology = make("pu:4");
	struct cores cores;
	struct error error = {""};
	char text[160];

	cr_assert_eq(cores_choose_of(topology, &cores, NULL, NULL, &error), 0, "%s", error.text);
	cr_expect_str_eq(cores_format(&cores.server, text, sizeof text), "0-1");
	cr_expect_str_eq(cores_format(&cores.load, text, sizeof text), "2-3");
	cr_expect(cores.unknown);
	hwloc_topology_destroy(topology);
}

static void refuse(const char *machine, const char *server, const char *load, const char *because)
{
	hwloc_topology_t topology = make(machine);
	struct cores cores;
	struct error error = {""};

	cr_assert_lt(cores_choose_of(topology, &cores, server, load, &error), 0);
	cr_expect(strstr(error.text, because), "%s", error.text);
	hwloc_topology_destroy(topology);
}

static void check_backend(const char *machine, const char *server, const char *load,
			  const char *backend, const char *server_gets, const char *load_gets,
			  const char *backend_gets, bool apart)
{
	hwloc_topology_t topology = make(machine);
	struct cores cores;
	struct error error = {""};
	char text[160];

	cr_assert_eq(cores_choose_of(topology, &cores, server, load, &error), 0, "%s", error.text);
	cr_assert_eq(cores_choose_backend_of(topology, &cores, backend, !server && !load, &error),
		     0, "%s", error.text);
	cr_expect_str_eq(cores_format(&cores.server, text, sizeof text), server_gets, "%s: %s",
			 machine, text);
	cr_expect_str_eq(cores_format(&cores.load, text, sizeof text), load_gets, "%s: %s", machine,
			 text);
	cr_expect_str_eq(cores_format(&cores.backend, text, sizeof text), backend_gets, "%s: %s",
			 machine, text);
	cr_expect_eq(cores_backend_apart(&cores), apart, "%s", machine);
	hwloc_topology_destroy(topology);
}

Test(cores, backends_have_a_third_of_three_and_more_and_else_the_generators)
{
	check_backend("core:1 pu:1", NULL, NULL, NULL, "0", "0", "0", false);
	check_backend("core:2 pu:1", NULL, NULL, NULL, "0", "1", "1", false);
	check_backend("core:3 pu:1", NULL, NULL, NULL, "0", "1", "2", true);
	check_backend("core:4 pu:1", NULL, NULL, NULL, "0", "1", "2-3", true);
	check_backend("core:8 pu:1", NULL, NULL, NULL, "0-1", "2-3", "4-7", true);
	check_backend(far, NULL, NULL, NULL, "0,4", "1,5", "2-3,6-7", true);
	check_backend("core:4 pu:1", "0", "1", NULL, "0", "1", "2-3", true);
	check_backend("core:4 pu:1", "0", "1", "3", "0", "1", "3", true);
	check_backend("core:4 pu:1", "0", NULL, NULL, "0", "1-3", "1-3", false);
}

Test(cores, what_cannot_be_is_refused)
{
	refuse("core:2 pu:1", "2", NULL,
	       "core 2 of \"2\" is not one that tenk may use here: it may use 0-1");
	refuse("core:2 pu:1", "0-1", NULL, "leave the generator at least one");
	refuse("core:2 pu:1", NULL, "0,1", "leave the server at least one");
	refuse("core:2 pu:1", "0", "0", "would share a core");
	refuse("core:2 pu:1", "0", "one", "is no list of cores");
}

Test(cores, one_core_serves_and_loads)
{
	hwloc_topology_t topology = make("core:1 pu:1");
	struct cores cores;
	struct error error = {""};

	cr_assert_eq(cores_choose_of(topology, &cores, NULL, NULL, &error), 0, "%s", error.text);
	cr_expect(cores.shared);
	cr_expect_not(cores.siblings, "there is a warning of its own");
	cr_assert_eq(cores_choose_of(topology, &cores, "0", NULL, &error), 0, "%s", error.text);
	cr_expect(cores.shared);
	hwloc_topology_destroy(topology);
}

/* The first so many of the cores from..to. */
static void check_first(const char *machine, int from, int to, unsigned count, const char *expected)
{
	hwloc_topology_t topology = make(machine);
	cpu_set_t set, first;
	char text[160];

	CPU_ZERO(&set);
	for (int core = from; core <= to; core++)
		CPU_SET(core, &set);
	cores_first_of(topology, &set, count, &first);
	cr_expect_str_eq(cores_format(&first, text, sizeof text), expected, "%s: %s", machine,
			 text);
	hwloc_topology_destroy(topology);
}

Test(cores, the_first_ones_are_of_different_physical_cores)
{
	check_first("core:4 pu:1", 0, 3, 2, "0-1");
	check_first("core:4 pu:2", 0, 7, 1, "0");
	check_first("core:4 pu:2", 0, 7, 2, "0,2");
	check_first("core:4 pu:2", 0, 7, 5, "0-2,4,6");
	check_first("core:4 pu:2", 1, 3, 2, "1-2");
	check_first(far, 0, 7, 3, "0-2");
	check_first(far, 0, 7, 5, "0-4");
}

/* In a process of one thread, which Criterion's is not. */
static bool has_what_it_may_use(int core)
{
	struct cores cores;
	struct error error = {""};
	cpu_set_t one, chosen;

	CPU_ZERO(&one);
	CPU_SET(core, &one);
	if (sched_setaffinity(0, sizeof one, &one) < 0 ||
	    cores_choose(&cores, NULL, NULL, &error) < 0)
		return false;
	CPU_AND(&chosen, &cores.server, &cores.load);
	return cores.shared && CPU_EQUAL(&chosen, &one);
}

Test(cores, this_machine_and_what_we_may_use_of_it)
{
	struct cores cores;
	struct error error = {""};
	cpu_set_t allowed, chosen;
	int first, last, status;
	pid_t child;

	skip_if_emulated("a process has a thread of the emulator, whose cores it cannot choose");
	cores_allowed(&allowed, &first, &last);
	cr_assert_eq(cores_choose(&cores, NULL, NULL, &error), 0, "%s", error.text);
	CPU_OR(&chosen, &cores.server, &cores.load);
	cr_expect(CPU_EQUAL(&chosen, &allowed));
	child = fork();
	if (child == 0)
		_exit(has_what_it_may_use(last) ? 0 : 1);
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_expect_eq(status, 0);
}
