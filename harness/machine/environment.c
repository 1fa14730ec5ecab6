#include "harness/machine/environment.h"

#include "harness/machine/limits.h"
#include "harness/machine/machine_files.h"
#include "harness/machine/settings.h"
#include "lib/json.h"
#include "lib/hash.h"
#include "lib/units.h"
#include "stored/environment.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <zlib.h>

enum { VALUE_BYTES = 256 };

/* New reference: the text, or null where there is none. */
static json_t *text_or_null(bool known, const char *text)
{
	json_t *value = known && *text ? json_string(text) : NULL;

	return value ? value : json_null();
}

static json_t *number_or_null(bool known, uint64_t number)
{
	return known && number <= INT64_MAX ? json_integer((json_int_t)number) : json_null();
}

static json_t *read_os(const char *root)
{
	char value[VALUE_BYTES] = "";
	bool known = machine_read_field(root, "/etc/os-release", "PRETTY_NAME", value, VALUE_BYTES);

	return text_or_null(known, value);
}

/* x86 has "model name"; other architectures say less, or nothing. */
static json_t *read_cpu_model(const char *root)
{
	char value[VALUE_BYTES] = "";
	bool known = machine_read_field(root, "/proc/cpuinfo", "model name", value, VALUE_BYTES) ||
		     machine_read_field(root, "/proc/cpuinfo", "Model", value, VALUE_BYTES) ||
		     machine_read_field(root, "/proc/cpuinfo", "cpu model", value, VALUE_BYTES);

	return text_or_null(known, value);
}

unsigned environment_threads_per_core(const char *root)
{
	char path[VALUE_BYTES];
	uint64_t count;

	/* Core 0 may be offline: the first that says is taken. */
	for (unsigned core = 0; core < 16; core++) {
		snprintf(path, sizeof path,
			 "/sys/devices/system/cpu/cpu%u/topology/thread_siblings_list", core);
		if (machine_read_list_count(root, path, &count))
			return (unsigned)count;
	}
	return 0;
}

static json_t *read_smt(const char *root)
{
	unsigned threads = environment_threads_per_core(root);

	return threads ? json_boolean(threads > 1) : json_null();
}

static json_t *read_memory(const char *root)
{
	char value[VALUE_BYTES];
	uint64_t kilobytes = 0;
	bool known = machine_read_field(root, "/proc/meminfo", "MemTotal", value, VALUE_BYTES) &&
		     machine_parse_number(value, &kilobytes, NULL);

	return number_or_null(known, kilobytes * 1024);
}

/*
 * Who the guest runs on, where that is told: by Xen itself, by the clock that the hypervisor
 * lends, or by the firmware's tables.
 */
static json_t *read_hypervisor(const char *root)
{
	static const struct {
		const char *mark, *name;
	} clocks[] = {
		{"kvm-clock", "KVM"},
		{"hyperv", "Hyper-V"},
		{"xen", "Xen"},
		{"vmware", "VMware"},
	};
	char value[VALUE_BYTES];

	if (machine_read_text(root, "/sys/hypervisor/type", value, sizeof value) > 0)
		return json_string(value);
	machine_read_text(root,
			  "/sys/devices/system/clocksource/clocksource0/available_clocksource",
			  value, sizeof value);
	for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++)
		if (strstr(value, clocks[i].mark))
			return json_string(clocks[i].name);
	return json_null();
}

/* The processor's flags say so on x86; a named hypervisor says so anywhere. */
static json_t *read_virtual_machine(const char *root, const json_t *hypervisor)
{
	char *text = malloc(MACHINE_TEXT_BYTES);
	json_t *answer = json_null();

	if (json_is_string(hypervisor)) {
		answer = json_true();
	} else if (text && machine_read_text(root, "/proc/cpuinfo", text, MACHINE_TEXT_BYTES) > 0) {
		const char *flags = strstr(text, "\nflags");

		if (flags) {
			size_t length = strcspn(flags + 1, "\n");

			answer = json_boolean(memmem(flags, length, " hypervisor", 11) != NULL);
		}
	}
	free(text);
	return answer;
}

bool environment_is_virtual(const char *root)
{
	json_t *hypervisor = read_hypervisor(root);
	bool known = json_is_true(read_virtual_machine(root, hypervisor));

	json_decref(hypervisor);
	return known;
}

static json_t *read_descriptor_limit(const char *root)
{
	struct rlimit limit;
	uint64_t most;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return json_null();
	if (limit.rlim_max != RLIM_INFINITY)
		return json_integer((json_int_t)limit.rlim_max);
	return number_or_null(machine_read_number(root, "/proc/sys/fs/nr_open", &most), most);
}

static json_t *read_port_range(const char *root)
{
	uint64_t range[2];

	if (machine_read_numbers(root, "/proc/sys/net/ipv4/ip_local_port_range", range, 2) != 2)
		return json_null();
	return json_pack("[I, I]", (json_int_t)range[0], (json_int_t)range[1]);
}

const char *environment_interrupt_accounting(const char *root, const char *options)
{
	char value[VALUE_BYTES];
	bool known = false;

	if (machine_kernel_option(options, "CONFIG_IRQ_TIME_ACCOUNTING", value, sizeof value))
		return "irq_time";
	if (machine_kernel_option(options, "CONFIG_VIRT_CPU_ACCOUNTING_NATIVE", value,
				  sizeof value))
		return "virt";
	/* Generic accounting sleeps until a core is freed of the tick (nohz_full=). */
	if (machine_kernel_option(options, "CONFIG_VIRT_CPU_ACCOUNTING_GEN", value, sizeof value)) {
		uint64_t count;

		known = true;
		if (machine_read_list_count(root, "/sys/devices/system/cpu/nohz_full", &count))
			return "virt";
	}
	known |= machine_kernel_option(options, "CONFIG_TICK_CPU_ACCOUNTING", value, sizeof value);
	return known ? "tick" : NULL;
}

/* What depends on how the kernel was built: the tick and how it counts interrupts. */
static void add_kernel_options(json_t *environment, const char *root)
{
	char *options = machine_kernel_options(root);
	const char *accounting = environment_interrupt_accounting(root, options);
	char value[VALUE_BYTES];
	uint64_t hertz = 0;
	bool known = machine_kernel_option(options, "CONFIG_HZ", value, sizeof value) &&
		     machine_parse_number(value, &hertz, NULL);

	json_object_set_new(environment, "tick_hz", number_or_null(known, hertz));
	json_object_set_new(environment, "interrupt_accounting",
			    text_or_null(accounting != NULL, accounting ? accounting : ""));
	free(options);
}

static void add_system(json_t *environment, const char *root)
{
	struct utsname name;
	bool known = uname(&name) == 0;
	uint64_t number = 0;
	char governor[VALUE_BYTES] = "";
	json_t *hypervisor = read_hypervisor(root);
	bool governed = machine_read_text(root,
					  "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
					  governor, sizeof governor) > 0;

	json_object_set_new(environment, "kernel", text_or_null(known, known ? name.release : ""));
	json_object_set_new(environment, "os", read_os(root));
	json_object_set_new(environment, "machine", text_or_null(known, known ? name.machine : ""));
	json_object_set_new(environment, "cpu_model", read_cpu_model(root));
	known = machine_read_list_count(root, "/sys/devices/system/cpu/online", &number);
	json_object_set_new(environment, "cores_online", number_or_null(known, number));
	json_object_set_new(environment, "smt", read_smt(root));
	json_object_set_new(environment, "memory_bytes", read_memory(root));
	json_object_set_new(environment, "governor", text_or_null(governed, governor));
	json_object_set_new(environment, "virtual_machine", read_virtual_machine(root, hypervisor));
	json_object_set_new(environment, "hypervisor", hypervisor);
	json_object_set_new(environment, "descriptor_limit", read_descriptor_limit(root));
	known = machine_read_number(root, "/proc/sys/net/core/somaxconn", &number);
	json_object_set_new(environment, "somaxconn", number_or_null(known, number));
	json_object_set_new(environment, "port_range", read_port_range(root));
}

static json_t *linked_libraries(void)
{
	return json_pack("{s:s, s:s}", "jansson", jansson_version_str(), "zlib", zlibVersion());
}

static const char compiler[] =
#ifdef __clang__
	__VERSION__;
#else
	"gcc " __VERSION__;
#endif

json_t *environment_read_under(const char *root)
{
	json_t *environment = json_object();
	char fingerprint[17];

	if (!environment)
		return NULL;
	add_system(environment, root);
	add_kernel_options(environment, root);
	settings_describe(environment, root);
	json_object_set_new(environment, ENVIRONMENT_OBSERVED, settings_observe(root));
	json_object_set_new(environment, "compiler", json_string(compiler));
	json_object_set_new(environment, "build_flags", json_string(TENK_BUILD_FLAGS));
	json_object_set_new(environment, "libraries", linked_libraries());
	if (environment_fingerprint(environment, fingerprint) < 0 ||
	    json_object_set_new(environment, "fingerprint", json_string(fingerprint)) < 0) {
		json_decref(environment);
		return NULL;
	}
	return environment;
}

json_t *environment_read(void)
{
	return environment_read_under("");
}

int environment_fingerprint(const json_t *environment, char fingerprint[17])
{
	json_t *hashed = json_copy((json_t *)environment);
	char *text;

	if (!hashed)
		return -ENOMEM;
	json_object_del(hashed, "fingerprint");
	json_object_del(hashed, ENVIRONMENT_OBSERVED);
	text = json_dumps(hashed, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(hashed);
	if (!text)
		return -ENOMEM;
	snprintf(fingerprint, 17, "%016" PRIx64, hash_bytes(HASH_START, text, strlen(text)));
	free(text);
	return 0;
}

int environment_add_library(json_t *environment, const char *name, const char *version)
{
	json_t *libraries = json_object_get(environment, "libraries");
	char fingerprint[17];

	if (!libraries || json_object_set_new(libraries, name, json_string(version)) < 0 ||
	    environment_fingerprint(environment, fingerprint) < 0 ||
	    json_object_set_new(environment, "fingerprint", json_string(fingerprint)) < 0)
		return -ENOMEM;
	return 0;
}

/* "6.18.44-something" is 6.18 for a headline. */
static int short_release_length(const char *release)
{
	const char *dot = strchr(release, '.');

	return dot ? (int)(dot + 1 - release) + (int)strspn(dot + 1, "0123456789")
		   : (int)strlen(release);
}

bool environment_keeps_interrupts_apart(const json_t *environment)
{
	return strcmp(json_string_of(environment, "interrupt_accounting"), "irq_time") == 0;
}

char *environment_summary(char *text, size_t size)
{
	struct machine_limits limits;
	struct utsname name = {.release = "?"};
	char memory[64] = "memory unknown", steal[64] = "steal unknown", count[32];
	char value[64];
	uint64_t stolen, total, kilobytes;

	machine_limits_read(&limits, "");
	uname(&name);
	if (machine_read_field("", "/proc/meminfo", "MemTotal", value, sizeof value) &&
	    machine_parse_number(value, &kilobytes, NULL))
		units_format(UNIT_BYTES, (double)kilobytes * 1024, memory, sizeof memory);
	if (machine_read_steal("", &stolen, &total))
		snprintf(steal, sizeof steal, "steal %.1f %% since boot",
			 100 * (double)stolen / (double)total);
	snprintf(text, size, "%" PRIu64 " core%s, %s, Linux %.*s; %s; %s descriptors", limits.cores,
		 limits.cores == 1 ? "" : "s", memory, short_release_length(name.release),
		 name.release, steal, units_format_count(limits.descriptors, count));
	return text;
}
