#include "harness/doctor/doctor.h"
#include "harness/doctor/switch.h"
#include "harness/machine/environment.h"
#include "harness/machine/limits.h"
#include "lib/units.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

TestSuite(doctor, .timeout = 60);

static const struct machine_limits roomy = {
	.descriptors = 20000,
	.ports = 28232,
	.threads = 32000,
	.threads_by = "kernel.pid_max",
	.cores = 2,
	.memory_bytes = UINT64_C(1) << 30,
	.files = 4000000,
};

Test(doctor, what_fits_is_allowed)
{
	struct machine_demand demand = {
		.connections = 10000, .server_threads = 10001, .cores = 2, .memory_bytes = 1000};
	struct limit_reached reached;

	cr_expect(machine_limits_allow(&roomy, &demand, &reached));
}

Test(doctor, what_does_not_fit_has_its_reason)
{
	static const struct {
		struct machine_demand demand;
		const char *named[2], *limit;
	} cases[] = {
		{{.connections = 20000}, {"20,000", "ulimit -Hn"}, "descriptors"},
		{{.connections = 3000000, .descriptor_tables = 300, .source_addresses = 254},
		 {"3,000,000", "fs.file-max"},
		 "files"},
		{{.server_threads = 50000}, {"50,000", "kernel.pid_max"}, "threads"},
		{{.cores = 3}, {"3 cores", "2"}, "cores"},
		{{.memory_bytes = UINT64_C(4) << 30}, {"4.00 GiB", "1.00 GiB"}, "memory"},
	};
	struct machine_limits few_ports = roomy;
	struct machine_demand many = {.connections = 5000};
	struct limit_reached reached;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		cr_expect(!machine_limits_allow(&roomy, &cases[i].demand, &reached));
		for (size_t j = 0; j < 2; j++)
			cr_expect(strstr(reached.text, cases[i].named[j]) != NULL, "%s",
				  reached.text);
		cr_expect_str_eq(reached.name, cases[i].limit);
		cr_expect(*reached.remedy, "%s has no remedy", reached.name);
	}
	few_ports.ports = 1000;
	cr_expect(!machine_limits_allow(&few_ports, &many, &reached));
	cr_expect(strstr(reached.text, "ip_local_port_range") != NULL, "%s", reached.text);
}

/* Tables of their own, and more addresses to come from, lift what one has. */
Test(doctor, a_million_fits_into_many_tables_and_comes_from_many_addresses)
{
	struct machine_demand demand = {
		.connections = 1000000, .descriptor_tables = 64, .source_addresses = 254};
	struct limit_reached reached;

	cr_expect(machine_limits_allow(&roomy, &demand, &reached), "%s", reached.text);
	demand.descriptor_tables = 52; /* 19,230 each on the average, and more in the fullest */
	cr_expect(!machine_limits_allow(&roomy, &demand, &reached));
	cr_expect(strstr(reached.text, "each of its tables") != NULL, "%s", reached.text);
	demand.descriptor_tables = 64;
	demand.source_addresses = 10;
	cr_expect(!machine_limits_allow(&roomy, &demand, &reached));
	cr_expect(strstr(reached.text, "ip_local_port_range") != NULL, "%s", reached.text);
}

/* The last connections' descriptors are kept for listener, logs and the like. */
Test(doctor, descriptors_are_kept_for_other_things)
{
	struct machine_demand demand = {.connections = roomy.descriptors -
						       MACHINE_DESCRIPTORS_KEPT};
	struct limit_reached reached;

	cr_expect(machine_limits_allow(&roomy, &demand, &reached));
	demand.connections++;
	cr_expect(!machine_limits_allow(&roomy, &demand, &reached));
}

Test(doctor, limits_unknown_do_not_limit)
{
	const struct machine_limits unknown = {UINT64_MAX, UINT64_MAX, UINT64_MAX, "",
					       UINT64_MAX, UINT64_MAX, UINT64_MAX};
	struct machine_demand demand = {.connections = 1000000,
					.server_threads = 1000000,
					.cores = 64,
					.memory_bytes = UINT64_C(1) << 40};
	struct limit_reached reached;

	cr_expect(machine_limits_allow(&unknown, &demand, &reached));
}

Test(doctor, counts_are_grouped_by_thousands)
{
	char text[32];

	cr_expect_str_eq(units_format_count(0, text), "0");
	cr_expect_str_eq(units_format_count(999, text), "999");
	cr_expect_str_eq(units_format_count(1000, text), "1,000");
	cr_expect_str_eq(units_format_count(12345678, text), "12,345,678");
	cr_expect_str_eq(units_format_count(UINT64_MAX, text), "no limit");
}

Test(doctor, summary_names_cores_and_descriptors)
{
	char text[256];

	cr_expect(strstr(environment_summary(text, sizeof text), "core") != NULL, "%s", text);
	cr_expect(strstr(text, "descriptors") != NULL, "%s", text);
	cr_expect(strstr(text, "Linux ") != NULL, "%s", text);
}

Test(doctor, a_switch_costs_something_and_less_than_the_handover)
{
	struct doctor_switch_cost cost;

	cr_assert(doctor_measure_switch(&cost) == 0);
	cr_expect(cost.calls_ns > 0);
	cr_expect(cost.handover_ns > cost.calls_ns);
	cr_expect(cost.switch_ns < cost.handover_ns);
}

Test(doctor, every_finding_has_a_value_and_every_warning_a_remedy)
{
	/* A root without files: nothing can be read, nothing may be made up. */
	static const char *const roots[] = {"", "/nonexistent"};

	for (size_t i = 0; i < 2; i++) {
		struct doctor_options options = {.json = true, .root = roots[i]};
		char *text = NULL;
		size_t size = 0, warnings = 99, counted = 0, index;
		FILE *out = open_memstream(&text, &size);
		json_t *report, *finding;

		cr_assert(doctor_run(out, &options, &warnings) == 0);
		fclose(out);
		report = json_loads(text, 0, NULL);
		cr_assert(report != NULL, "%s", text);
		json_array_foreach(json_object_get(report, "findings"), index, finding)
		{
			const char *key = json_string_value(json_object_get(finding, "key"));
			const char *verdict =
				json_string_value(json_object_get(finding, "verdict"));
			const char *effect = json_string_value(json_object_get(finding, "effect"));

			cr_expect(*json_string_value(json_object_get(finding, "value")), "%s", key);
			cr_expect(strcmp(verdict, "ok") == 0 || *effect, "%s", key);
			if (strcmp(verdict, "warning") == 0) {
				counted++;
				cr_expect(*json_string_value(json_object_get(finding, "remedy")),
					  "%s", key);
			}
		}
		cr_expect(index >= 18);
		finding = json_object_get(report, "limits");
		cr_expect(json_is_integer(json_object_get(finding, "cores")));
		cr_expect(i == 1 ? json_is_null(json_object_get(finding, "memory_bytes"))
				 : json_integer_value(json_object_get(finding, "memory_bytes")) >
					   0);
		cr_expect(counted == warnings);
		json_decref(report);
		free(text);
	}
}
