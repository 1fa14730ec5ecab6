/* What runs out first: descriptors, ports, threads, memory, queues. */
#include "harness/doctor/checks.h"

#include "harness/machine/cgroup.h"
#include "harness/machine/free_memory.h"
#include "harness/machine/machine_files.h"
#include "lib/units.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { VALUE_BYTES = 256, COUNT_BYTES = 32 };

void doctor_check_descriptors(struct doctor_context *context, struct doctor_finding *finding)
{
	uint64_t soft = machine_descriptor_limit(false), hard = context->limits.descriptors;
	uint64_t connections = hard > MACHINE_DESCRIPTORS_KEPT ? hard - MACHINE_DESCRIPTORS_KEPT
							       : 0;
	char softly[COUNT_BYTES], hardly[COUNT_BYTES], follow[COUNT_BYTES];

	if (hard == UINT64_MAX)
		connections = hard;
	doctor_set_value(finding, "%s soft, %s hard: up to %s connections a server",
			 units_format_count(soft, softly), units_format_count(hard, hardly),
			 units_format_count(connections, follow));
	if (connections >= DOCTOR_CONNECTIONS)
		return;
	doctor_set_effect(finding, DOCTOR_WARNING,
			  "Server and generator need one a connection each, and raise the soft "
			  "limit to the hard one: cells above %s connections cannot be run.",
			  follow);
	doctor_set_remedy(finding, "ulimit -Hn 65536 as root, or LimitNOFILE= or limits.conf(5)");
}

void doctor_check_ports(struct doctor_context *context, struct doctor_finding *finding)
{
	char count[COUNT_BYTES];

	if (context->limits.ports == UINT64_MAX) {
		doctor_set_value(finding, "unknown");
		doctor_set_effect(finding, DOCTOR_NOTE, "Connections may run out of ports unseen.");
		return;
	}
	units_format_count(context->limits.ports, count);
	doctor_set_value(finding, "%s connections from one address to one server", count);
	if (context->limits.ports >= DOCTOR_CONNECTIONS * 2)
		return;
	doctor_set_effect(
		finding, context->limits.ports >= DOCTOR_CONNECTIONS ? DOCTOR_NOTE : DOCTOR_WARNING,
		"A port stays in TIME_WAIT for a minute after its connection: few ports "
		"are soon used up.");
	doctor_set_remedy(finding, "sysctl -w net.ipv4.ip_local_port_range=\"10240 65535\"");
}

void doctor_check_threads(struct doctor_context *context, struct doctor_finding *finding)
{
	char count[COUNT_BYTES];

	units_format_count(context->limits.threads, count);
	doctor_set_value(finding, "%s can be started%s%s", count,
			 *context->limits.threads_by ? ", by " : "", context->limits.threads_by);
	if (context->limits.threads >= DOCTOR_CONNECTIONS + DOCTOR_CONNECTIONS / 10)
		return;
	doctor_set_effect(
		finding, DOCTOR_WARNING,
		"A server with a thread a connection stops at %s connections, and that is "
		"a setting's doing, not the model's.",
		count);
	doctor_set_remedy(finding, "%s", machine_threads_remedy(context->limits.threads_by));
}

void doctor_check_memory(struct doctor_context *context, struct doctor_finding *finding)
{
	const uint64_t wanted_bytes = UINT64_C(2) << 30;
	uint64_t overcommit = 0;
	char available[COUNT_BYTES];

	if (context->limits.memory_bytes == UINT64_MAX)
		doctor_set_value(finding, "unknown");
	else
		doctor_set_value(finding, "%s can be taken",
				 units_format(UNIT_BYTES, (double)context->limits.memory_bytes,
					      available, sizeof available));
	if (machine_read_number(context->root, "/proc/sys/vm/overcommit_memory", &overcommit) &&
	    overcommit == 2) {
		doctor_set_effect(
			finding, DOCTOR_WARNING,
			"Address space is counted as memory: ten thousand stacks of 8 MiB "
			"are refused though hardly touched.");
		doctor_set_remedy(finding, "sysctl -w vm.overcommit_memory=0");
	}
	if (context->limits.memory_bytes >= wanted_bytes)
		return;
	doctor_set_effect(finding, DOCTOR_WARNING,
			  "Ten thousand connections and their threads take some 400 MB here and in "
			  "the kernel; what swaps or is reclaimed is not measured as it is.");
	doctor_set_remedy(finding, "stop what else runs, or give the machine more memory");
}

void doctor_check_backlog(struct doctor_context *context, struct doctor_finding *finding)
{
	uint64_t most;
	char count[COUNT_BYTES];

	if (!machine_read_number(context->root, "/proc/sys/net/core/somaxconn", &most)) {
		doctor_set_value(finding, "unknown");
		doctor_set_effect(finding, DOCTOR_NOTE, "Servers assume 4,096.");
		return;
	}
	doctor_set_value(finding, "%s connections may wait to be accepted",
			 units_format_count(most, count));
	if (most >= 4096)
		return;
	doctor_set_effect(
		finding, DOCTOR_WARNING,
		"Connections that come in a burst beyond it are dropped and tried again a "
		"second later: the tail shows the kernel's timer, not the server.");
	doctor_set_remedy(finding, "sysctl -w net.core.somaxconn=65535");
}

void doctor_check_time_wait(struct doctor_context *context, struct doctor_finding *finding)
{
	char value[VALUE_BYTES] = "", count[COUNT_BYTES];
	uint64_t waiting = 0;
	const char *at = NULL;

	if (machine_read_field(context->root, "/proc/net/sockstat", "TCP", value, sizeof value))
		at = strstr(value, " tw ");
	if (!at || !machine_parse_number(at + 4, &waiting, NULL)) {
		doctor_set_value(finding, "unknown");
		doctor_set_effect(finding, DOCTOR_NOTE, "Ports may be taken by ended connections.");
		return;
	}
	doctor_set_value(finding, "%s connections", units_format_count(waiting, count));
	if (context->limits.ports == UINT64_MAX || waiting * 4 < context->limits.ports)
		return;
	doctor_set_effect(finding, DOCTOR_NOTE,
			  "They hold ports that new connections need, and memory in the kernel.");
	doctor_set_remedy(finding, "wait a minute");
}

/* Three numbers of pages: below the first no care is taken, above the last memory is refused. */
void doctor_check_socket_memory(struct doctor_context *context, struct doctor_finding *finding)
{
	/* A page to send and one to receive for each end of each connection. */
	const uint64_t wanted = DOCTOR_CONNECTIONS * UINT64_C(4);
	uint64_t pages[3];
	long page_bytes = sysconf(_SC_PAGESIZE);
	char pressure[COUNT_BYTES], most[COUNT_BYTES];

	if (page_bytes <= 0 ||
	    machine_read_numbers(context->root, "/proc/sys/net/ipv4/tcp_mem", pages, 3) != 3) {
		doctor_set_value(finding, "unknown");
		doctor_set_effect(finding, DOCTOR_NOTE, "TCP may run short of memory unseen.");
		return;
	}
	units_format(UNIT_BYTES, (double)pages[1] * (double)page_bytes, pressure, sizeof pressure);
	units_format(UNIT_BYTES, (double)pages[2] * (double)page_bytes, most, sizeof most);
	doctor_set_value(finding, "saving from %s on, at most %s", pressure, most);
	if (pages[1] >= wanted)
		return;
	doctor_set_effect(finding, DOCTOR_WARNING,
			  "With ten thousand busy connections TCP shrinks its windows, and rates "
			  "fall for all servers.");
	doctor_set_remedy(finding, "sysctl -w net.ipv4.tcp_mem=\"%llu %llu %llu\"",
			  (unsigned long long)wanted, (unsigned long long)wanted * 2,
			  (unsigned long long)wanted * 4);
}
