/* Whether a cell fits into what there is; if not, what is short, and what would lift it. */
#include "harness/machine/limits.h"

#include "lib/units.h"

#include <stdio.h>
#include <string.h>

enum { COUNT_BYTES = 32 };

const char *machine_threads_remedy(const char *threads_by)
{
	static const struct {
		const char *by, *remedy;
	} remedies[] = {
		{"pids.max", "raise TasksMax= of the systemd unit, or pids.max of the group"},
		{"ulimit -u", "ulimit -u unlimited as root, or limits.conf(5)"},
	};

	for (size_t i = 0; i < sizeof remedies / sizeof *remedies; i++)
		if (strcmp(remedies[i].by, threads_by) == 0)
			return remedies[i].remedy;
	return "sysctl -w kernel.pid_max=4194304 kernel.threads-max=200000 "
	       "vm.max_map_count=1048576; ulimit -u unlimited";
}

/* What the fullest table holds: the kernel deals out by a hash, not in turn. */
static uint64_t table_demand(const struct machine_demand *demand)
{
	uint64_t tables = demand->descriptor_tables > 1 ? demand->descriptor_tables : 1;

	return tables == 1 ? demand->connections
			   : demand->connections / tables + demand->connections / tables / 10;
}

static bool lacks_descriptors(const struct machine_limits *limits,
			      const struct machine_demand *demand, struct limit_reached *reached)
{
	uint64_t needed = table_demand(demand) + MACHINE_DESCRIPTORS_KEPT;
	bool many = demand->descriptor_tables > 1;
	char need[COUNT_BYTES], have[COUNT_BYTES];

	if (demand->connections == 0 || limits->descriptors >= needed)
		return false;
	snprintf(reached->text, sizeof reached->text,
		 "%s connections need as many descriptors; the limit is %s%s (ulimit -Hn)",
		 units_format_count(demand->connections, need),
		 units_format_count(limits->descriptors, have),
		 many ? " for each of its tables" : "");
	snprintf(
		reached->remedy, sizeof reached->remedy,
		"ulimit -Hn %llu as root, LimitNOFILE= or limits.conf(5) (above 1,048,576 fs.nr_open "
		"too); or %s",
		(unsigned long long)needed,
		many ? "more loops, each with a table of its own"
		     : "a server that spreads connections over tables, as loop-per-core/loops-64");
	return true;
}

static bool lacks_ports(const struct machine_limits *limits, const struct machine_demand *demand,
			struct limit_reached *reached)
{
	uint64_t addresses = demand->source_addresses > 1 ? demand->source_addresses : 1;
	char need[COUNT_BYTES], have[COUNT_BYTES], from[COUNT_BYTES];

	if (limits->ports == UINT64_MAX || limits->ports * addresses >= demand->connections)
		return false;
	snprintf(reached->text, sizeof reached->text,
		 "%s connections from %s address%s need as many ports; there are %s%s "
		 "(net.ipv4.ip_local_port_range)",
		 units_format_count(demand->connections, need),
		 addresses > 1 ? units_format_count(addresses, from) : "one",
		 addresses > 1 ? "es" : "", units_format_count(limits->ports, have),
		 addresses > 1 ? " for each" : "");
	snprintf(reached->remedy, sizeof reached->remedy,
		 "sysctl -w net.ipv4.ip_local_port_range=\"1024 65535\"%s",
		 addresses > 1 ? ""
			       : "; or a server on 127.0.0.1, which is loaded from many addresses");
	return true;
}

static bool lacks_threads(const struct machine_limits *limits, const struct machine_demand *demand,
			  struct limit_reached *reached)
{
	char need[COUNT_BYTES], have[COUNT_BYTES];

	if (limits->threads >= demand->server_threads)
		return false;
	snprintf(reached->text, sizeof reached->text,
		 "%s threads are too many; %s can be started (%s)",
		 units_format_count(demand->server_threads, need),
		 units_format_count(limits->threads, have), limits->threads_by);
	snprintf(reached->remedy, sizeof reached->remedy,
		 "%s; or a server without a thread for each connection",
		 machine_threads_remedy(limits->threads_by));
	return true;
}

static bool lacks_files(const struct machine_limits *limits, const struct machine_demand *demand,
			struct limit_reached *reached)
{
	char need[COUNT_BYTES], have[COUNT_BYTES];

	if (limits->files / 2 >= demand->connections)
		return false;
	snprintf(reached->text, sizeof reached->text,
		 "%s connections need two open files each; all processes together can open %s more "
		 "(fs.file-max)",
		 units_format_count(demand->connections, need),
		 units_format_count(limits->files, have));
	snprintf(reached->remedy, sizeof reached->remedy,
		 "sysctl -w fs.file-max=9223372036854775807, or fewer files open elsewhere");
	return true;
}

static bool lacks_cores(const struct machine_limits *limits, const struct machine_demand *demand,
			struct limit_reached *reached)
{
	char need[COUNT_BYTES], have[COUNT_BYTES];

	if (limits->cores >= demand->cores)
		return false;
	snprintf(reached->text, sizeof reached->text, "%s cores are needed; there are %s",
		 units_format_count(demand->cores, need), units_format_count(limits->cores, have));
	snprintf(reached->remedy, sizeof reached->remedy,
		 "a machine with more cores, or leave to use more of them (taskset, cpuset)");
	return true;
}

static bool lacks_memory(const struct machine_limits *limits, const struct machine_demand *demand,
			 struct limit_reached *reached)
{
	char need[COUNT_BYTES], have[COUNT_BYTES];

	if (limits->memory_bytes >= demand->memory_bytes)
		return false;
	snprintf(reached->text, sizeof reached->text, "%s of memory are needed; %s can be taken",
		 units_format(UNIT_BYTES, (double)demand->memory_bytes, need, sizeof need),
		 units_format(UNIT_BYTES, (double)limits->memory_bytes, have, sizeof have));
	snprintf(
		reached->remedy, sizeof reached->remedy,
		"stop what else runs, or give the machine or tenk's control group more memory (or leave "
		"less of it free: TENK_KEEP_FREE)");
	return true;
}

bool machine_limits_allow(const struct machine_limits *limits, const struct machine_demand *demand,
			  struct limit_reached *reached)
{
	static const struct {
		const char *name;
		bool (*lacks)(const struct machine_limits *limits,
			      const struct machine_demand *demand, struct limit_reached *reached);
	} kinds[] = {
		{"descriptors", lacks_descriptors},
		{"ports", lacks_ports},
		{"threads", lacks_threads},
		{"files", lacks_files},
		{"cores", lacks_cores},
		{"memory", lacks_memory},
	};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i].lacks(limits, demand, reached)) {
			reached->name = kinds[i].name;
			return false;
		}
	return true;
}
