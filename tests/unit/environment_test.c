#include "harness/machine/environment.h"
#include "harness/machine/machine_files.h"
#include "lib/temporary.h"

#include <criterion/criterion.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* A made-up machine: files under a folder of its own. */
static char root[256];

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *place)
{
	(void)info, (void)kind, (void)place;
	return remove(path);
}

static void make_root(void)
{
	temporary_template(root, sizeof root, "tenk-environment");
	cr_assert(mkdtemp(root) != NULL);
}

static void remove_root(void)
{
	cr_assert(nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS) == 0);
}

TestSuite(environment, .init = make_root, .fini = remove_root, .timeout = 10);

static void full_path(const char *path, char *full, size_t size)
{
	snprintf(full, size, "%s%s", root, path);
	for (char *slash = strchr(full + strlen(root) + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(full, 0700);
		*slash = '/';
	}
}

static void write_file(const char *path, const char *text)
{
	char full[512];
	FILE *file;

	full_path(path, full, sizeof full);
	file = fopen(full, "w");
	cr_assert(file != NULL, "%s", full);
	cr_assert(fputs(text, file) >= 0);
	cr_assert(fclose(file) == 0);
}

static void write_options(const char *text)
{
	char full[512];
	gzFile file;

	full_path("/proc/config.gz", full, sizeof full);
	file = gzopen(full, "wb");
	cr_assert(file != NULL);
	cr_assert(gzputs(file, text) > 0);
	cr_assert(gzclose(file) == Z_OK);
}

static void make_machine(void)
{
	write_file("/etc/os-release", "NAME=\"Other\"\nPRETTY_NAME=\"Made-up Linux 7 (paper)\"\n");
	write_file("/proc/cpuinfo", "processor\t: 0\nmodel name\t: Paper CPU @ 1 Hz\n"
				    "flags\t\t: fpu hypervisor sse\n\nprocessor\t: 1\n");
	write_file("/proc/meminfo", "MemTotal:       2048 kB\nMemFree:  1 kB\n");
	write_file("/proc/sys/net/core/somaxconn", "128\n");
	write_file("/proc/sys/net/ipv4/ip_local_port_range", "1000\t2000\n");
	write_file("/sys/devices/system/cpu/online", "0-3,8,10-11\n");
	write_file("/sys/devices/system/cpu/cpu0/topology/thread_siblings_list", "0,4\n");
	write_file("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
	write_file("/sys/devices/system/clocksource/clocksource0/available_clocksource",
		   "tsc kvm-clock acpi_pm\n");
	write_file("/sys/devices/system/cpu/intel_pstate/no_turbo", "1\n");
	write_file("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
	write_file("/proc/cmdline", "quiet nomitigations=no mitigations=auto,nosmt root=x\n");
	write_file("/proc/sys/net/ipv4/tcp_rmem", "4096\t131072\t6291456\n");
	write_file("/proc/sys/net/ipv4/tcp_mem", "100\t200\t300\n");
	write_file("/proc/sys/kernel/sched_latency_ns", "6000000\n");
	write_file("/proc/loadavg", "0.50 1.25 2.00 1/100 4711\n");
	write_file("/proc/stat", "cpu 10 0 10 70 0 0 0 10 0 0\n");
	write_options("# a comment\nCONFIG_HZ_250=y\nCONFIG_HZ=250\nCONFIG_TICK_CPU_ACCOUNTING=y\n"
		      "# CONFIG_IRQ_TIME_ACCOUNTING is not set\n");
}

static const char *string_of(const json_t *environment, const char *key)
{
	const char *text = json_string_value(json_object_get(environment, key));

	return text ? text : "(none)";
}

static long long integer_of(const json_t *environment, const char *key)
{
	const json_t *value = json_object_get(environment, key);

	return json_is_integer(value) ? json_integer_value(value) : -1;
}

Test(environment, reads_a_machine_from_its_files)
{
	json_t *environment, *ports;

	make_machine();
	environment = environment_read_under(root);
	cr_assert(environment != NULL);
	cr_expect_str_eq(string_of(environment, "os"), "Made-up Linux 7 (paper)");
	cr_expect_str_eq(string_of(environment, "cpu_model"), "Paper CPU @ 1 Hz");
	cr_expect(integer_of(environment, "cores_online") == 7);
	cr_expect(json_is_true(json_object_get(environment, "smt")));
	cr_expect(integer_of(environment, "memory_bytes") == 2048 * 1024);
	cr_expect_str_eq(string_of(environment, "governor"), "powersave");
	cr_expect_str_eq(string_of(environment, "hypervisor"), "KVM");
	cr_expect(json_is_true(json_object_get(environment, "virtual_machine")));
	cr_expect(integer_of(environment, "somaxconn") == 128);
	cr_expect(integer_of(environment, "tick_hz") == 250);
	cr_expect_str_eq(string_of(environment, "interrupt_accounting"), "tick");
	ports = json_object_get(environment, "port_range");
	cr_expect(json_array_size(ports) == 2);
	cr_expect(json_integer_value(json_array_get(ports, 0)) == 1000);
	cr_expect(json_integer_value(json_array_get(ports, 1)) == 2000);
	json_decref(environment);
}

Test(environment, reads_what_is_set)
{
	json_t *environment, *sysctls, *observed;

	make_machine();
	environment = environment_read_under(root);
	cr_assert(environment != NULL);
	cr_expect(json_is_false(json_object_get(environment, "cpu_boost")));
	cr_expect_str_eq(string_of(environment, "transparent_hugepages"), "madvise");
	cr_expect_str_eq(string_of(environment, "mitigations"), "auto,nosmt");
	cr_expect(strlen(string_of(environment, "build_flags")) > 0);
	sysctls = json_object_get(environment, "sysctls");
	cr_expect_str_eq(string_of(sysctls, "net.ipv4.tcp_rmem"), "4096 131072 6291456");
	cr_expect_str_eq(string_of(sysctls, "kernel.sched_latency_ns"), "6000000");
	cr_expect_eq(json_object_size(sysctls), 2, "only those that exist");
	observed = json_object_get(environment, "observed");
	cr_expect_float_eq(json_number_value(json_object_get(observed, "steal_since_boot_ratio")),
			   0.1, 1e-9);
	cr_expect_float_eq(
		json_number_value(json_array_get(json_object_get(observed, "load_average"), 2)), 2,
		1e-9);
	cr_expect_eq(
		json_integer_value(json_array_get(json_object_get(observed, "tcp_mem_pages"), 1)),
		200);
	json_decref(environment);
}

Test(environment, limits_of_control_groups_are_the_lowest_on_the_way_up)
{
	json_t *environment;

	write_file("/proc/self/cgroup", "3:memory:/a/b\n2:cpuset:/a\n1:cpu:/a/b\n0::/a/b\n");
	write_file("/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes", "9223372036854771712\n");
	write_file("/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "536870912\n");
	write_file("/sys/fs/cgroup/cpuset/a/cpuset.cpus", "0-1,5\n");
	write_file("/sys/fs/cgroup/cpuset/cpuset.cpus", "0-7\n");
	write_file("/sys/fs/cgroup/cpu/a/b/cpu.cfs_quota_us", "-1\n");
	write_file("/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "150000\n");
	write_file("/sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000\n");
	environment = environment_read_under(root);
	cr_expect_eq(integer_of(environment, "memory_limit_bytes"), 536870912);
	cr_expect_eq(integer_of(environment, "cpuset_cores"), 3);
	cr_expect_float_eq(json_number_value(json_object_get(environment, "cpu_quota_cores")), 1.5,
			   1e-9);
	json_decref(environment);

	/* Version 2 has other names for them. */
	write_file("/proc/self/cgroup", "0::/c\n");
	write_file("/sys/fs/cgroup/c/memory.max", "max\n");
	write_file("/sys/fs/cgroup/memory.max", "1048576\n");
	write_file("/sys/fs/cgroup/c/cpuset.cpus.effective", "4\n");
	write_file("/sys/fs/cgroup/c/cpu.max", "50000 100000\n");
	environment = environment_read_under(root);
	cr_expect_eq(integer_of(environment, "memory_limit_bytes"), 1048576);
	cr_expect_eq(integer_of(environment, "cpuset_cores"), 1);
	cr_expect_float_eq(json_number_value(json_object_get(environment, "cpu_quota_cores")), 0.5,
			   1e-9);
	json_decref(environment);
}

/* Of two made-up machines, after `change` was written to `path`: whether they are the same. */
static bool same_after(const char *path, const char *change)
{
	json_t *environments[2];
	bool same;

	environments[0] = environment_read_under(root);
	write_file(path, change);
	environments[1] = environment_read_under(root);
	same = strcmp(string_of(environments[0], "fingerprint"),
		      string_of(environments[1], "fingerprint")) == 0;
	json_decref(environments[0]);
	json_decref(environments[1]);
	return same;
}

Test(environment, what_changes_by_itself_is_no_part_of_the_fingerprint)
{
	make_machine();
	cr_expect(same_after("/proc/loadavg", "9.00 1.25 2.00 1/100 4711\n"));
	cr_expect(same_after("/proc/stat", "cpu 10 0 10 70 0 0 0 90 0 0\n"));
	cr_expect(same_after("/proc/sys/net/ipv4/tcp_mem", "101\t200\t300\n"));
	cr_expect_not(same_after("/proc/sys/net/ipv4/tcp_rmem", "4096\t131072\t1048576\n"));
	cr_expect_not(same_after("/proc/sys/vm/overcommit_memory", "1\n"));
	cr_expect_not(
		same_after("/sys/kernel/mm/transparent_hugepage/enabled", "[always] never\n"));
	cr_expect_not(same_after("/proc/cmdline", "mitigations=off\n"));
}

Test(environment, what_cannot_be_read_is_null)
{
	static const char *const keys[] = {
		"os",		"cpu_model",	   "cores_online",
		"smt",		"memory_bytes",	   "governor",
		"hypervisor",	"virtual_machine", "somaxconn",
		"port_range",	"tick_hz",	   "interrupt_accounting",
		"cpu_boost",	"mitigations",	   "transparent_hugepages",
		"cpuset_cores", "cpu_quota_cores", "memory_limit_bytes"};
	json_t *environment;

	/* Whatever happens, it is not taken from the kernel that the test runs on. */
	write_file("/proc/meminfo", "MemFree: 5 kB\n");
	write_file("/sys/devices/system/cpu/online", "none\n");
	environment = environment_read_under(root);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		cr_expect(json_is_null(json_object_get(environment, keys[i])), "%s", keys[i]);
	json_decref(environment);
}

Test(environment, this_machine_has_every_key)
{
	static const char *const keys[] = {"kernel",
					   "os",
					   "machine",
					   "cpu_model",
					   "cores_online",
					   "smt",
					   "governor",
					   "hypervisor",
					   "tick_hz",
					   "memory_bytes",
					   "compiler",
					   "libraries",
					   "somaxconn",
					   "port_range",
					   "interrupt_accounting",
					   "descriptor_limit",
					   "virtual_machine",
					   "cpu_boost",
					   "mitigations",
					   "transparent_hugepages",
					   "cpuset_cores",
					   "cpu_quota_cores",
					   "memory_limit_bytes",
					   "sysctls",
					   "observed",
					   "build_flags",
					   "fingerprint"};
	json_t *environment = environment_read();

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		cr_expect(json_object_get(environment, keys[i]) != NULL, "%s", keys[i]);
	cr_expect(integer_of(environment, "memory_bytes") > 0);
	cr_expect(strlen(string_of(environment, "fingerprint")) == 16);
	json_decref(environment);
}

Test(environment, interrupt_accounting_follows_the_kernel_configuration)
{
	static const struct {
		const char *options, *freed_cores, *expected;
	} cases[] = {
		{"CONFIG_TICK_CPU_ACCOUNTING=y\n", NULL, "tick"},
		{"CONFIG_TICK_CPU_ACCOUNTING=y\nCONFIG_IRQ_TIME_ACCOUNTING=y\n", NULL, "irq_time"},
		{"CONFIG_VIRT_CPU_ACCOUNTING_NATIVE=y\n", NULL, "virt"},
		{"CONFIG_VIRT_CPU_ACCOUNTING_GEN=y\n", "\n", "tick"},
		{"CONFIG_VIRT_CPU_ACCOUNTING_GEN=y\n", "(null)\n", "tick"},
		{"CONFIG_VIRT_CPU_ACCOUNTING_GEN=y\n", "1-3\n", "virt"},
		{"# CONFIG_TICK_CPU_ACCOUNTING is not set\n", NULL, NULL},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *found;

		if (cases[i].freed_cores)
			write_file("/sys/devices/system/cpu/nohz_full", cases[i].freed_cores);
		found = environment_interrupt_accounting(root, cases[i].options);
		cr_expect(cases[i].expected ? found && strcmp(found, cases[i].expected) == 0
					    : found == NULL,
			  "case %zu: %s", i, found ? found : "(none)");
	}
	cr_expect(environment_interrupt_accounting(root, NULL) == NULL);
}

Test(environment, fingerprint_is_fnv_1a_of_the_sorted_object)
{
	json_t *one = json_pack("{s:i, s:s}", "a", 1, "b", "x");
	json_t *other = json_pack("{s:s, s:i, s:s}", "b", "x", "a", 1, "fingerprint", "any");
	char first[17], second[17];

	/* FNV-1a, 64 bits, of {"a":1,"b":"x"}, computed elsewhere. */
	cr_assert(environment_fingerprint(one, first) == 0);
	cr_expect_str_eq(first, "cfcc937b86ef6c1d");
	cr_assert(environment_fingerprint(other, second) == 0);
	cr_expect_str_eq(first, second);
	json_object_set_new(other, "a", json_integer(2));
	cr_assert(environment_fingerprint(other, second) == 0);
	cr_expect_str_neq(first, second);
	json_decref(one);
	json_decref(other);
}

Test(environment, a_library_changes_the_fingerprint)
{
	json_t *environment = environment_read_under(root);
	char *before = strdup(string_of(environment, "fingerprint"));

	cr_assert(environment_add_library(environment, "libuv", "1.44.2") == 0);
	cr_expect_str_eq(string_of(json_object_get(environment, "libraries"), "libuv"), "1.44.2");
	cr_expect_str_neq(string_of(environment, "fingerprint"), before);
	free(before);
	json_decref(environment);
}

Test(environment, fields_are_found_by_their_whole_key)
{
	static const char text[] =
		"MemTotalExtra: 1 kB\nMemTotal:   2 kB\nCONFIG_A=\"q q\"\nlast 3";
	char value[32];

	cr_assert(machine_find_field(text, "MemTotal", value, sizeof value));
	cr_expect_str_eq(value, "2 kB");
	cr_assert(machine_find_field(text, "CONFIG_A", value, sizeof value));
	cr_expect_str_eq(value, "q q");
	cr_assert(machine_find_field(text, "last", value, sizeof value));
	cr_expect_str_eq(value, "3");
	cr_expect(!machine_find_field(text, "Mem", value, sizeof value));
	cr_expect(!machine_find_field(text, "Total", value, sizeof value));
}

Test(environment, text_is_cut_and_terminated)
{
	char text[4];

	write_file("/long", "abcdefgh\n");
	cr_expect(machine_read_text(root, "/long", text, sizeof text) == 3);
	cr_expect_str_eq(text, "abc");
	cr_expect(machine_read_text(root, "/absent", text, sizeof text) < 0);
	cr_expect_str_eq(text, "");
}
