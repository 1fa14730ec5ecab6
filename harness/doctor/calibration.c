/* What the generator can do here, found by loading a server for two seconds. */
#include "harness/doctor/checks.h"

#include "harness/machine/cores.h"
#include "harness/process/interrupt.h"
#include "harness/trial/load_process.h"
#include "harness/trial/server_process.h"
#include "lib/clock.h"
#include "lib/temporary.h"
#include "lib/units.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOAD_LIMIT_NS (20 * NS_PER_S)
#define STOP_GRACE_NS (2 * NS_PER_S)
#define LOOK_EVERY_NS (100 * NS_PER_MS) /* whether there was a Ctrl-C */

/* From here on the generator was the limit, not the server. */
#define FULL_RATIO 0.9

/* What the generator can do with the core it is given. */
struct calibration {
	double requests_per_s; /* reached */
	double cpu_per_request_ns;
	double utilisation_ratio; /* of the generator's busiest thread */
	double good_for_per_s; /* what one core can do: reached if it was full, else by its CPU */
	bool shared;	       /* there is one core only, server and generator shared it */
};

/* One core of those that a run would give to each. 0, or -errno with a message. */
static int pick_cores(struct cores *cores, struct error *error)
{
	struct cores all;
	int result = cores_choose(&all, NULL, NULL, error);

	if (result < 0)
		return result;
	*cores = all;
	cores_first(&all.server, 1, &cores->server);
	cores_first(&all.load, 1, &cores->load);
	return 0;
}

static int fail(struct error *error, int status, const char *what, const struct process *process)
{
	char said[512] = "";

	if (process)
		process_stderr(process, said, sizeof said);
	said[strcspn(said, "\n")] = '\0';
	error_set(error, "%s: %s%s%s", what, strerror(-status), *said ? ": " : "", said);
	return status;
}

static int run_load(const char *program, uint16_t port, const cpu_set_t *cores,
		    const struct load_files *files, struct error *error)
{
	const struct load load = {.method = "GET",
				  .target = "/plaintext",
				  .connections = 64,
				  .duration_ns = 2 * NS_PER_S,
				  .warmup_ns = 500 * NS_PER_MS,
				  .timeout_ns = 10 * NS_PER_S};
	const struct load_target target = {.host = "127.0.0.1", .port = port};
	const struct process_place place = {.cores = cores};
	uint64_t deadline_ns = clock_now_ns() + LOAD_LIMIT_NS;
	const struct kept_program by_path = {.path = program, .fd = -1};
	struct load_process generator;
	bool ended;
	int status = load_process_start(&generator, &by_path, &load, &target, files, &place, error);

	if (status < 0)
		return status;
	do
		ended = process_wait(&generator.process, LOOK_EVERY_NS);
	while (!ended && !interrupt_seen() && clock_now_ns() < deadline_ns);
	if (!ended) {
		process_stop(&generator.process, STOP_GRACE_NS);
		status = fail(error, interrupt_seen() ? -EINTR : -ETIMEDOUT, program,
			      &generator.process);
	} else if (generator.process.exit_code != 0) {
		status = fail(error, -EIO, program, &generator.process);
	}
	load_process_destroy(&generator);
	return status;
}

static int read_report(const char *report, struct calibration *calibration)
{
	json_t *json = json_load_file(report, 0, NULL);
	const json_t *generator = json_object_get(json, "generator");
	double cpu_ns = json_number_value(json_object_get(generator, "cpu_per_request_ns"));
	double ratio = json_number_value(json_object_get(generator, "utilisation_ratio"));

	calibration->requests_per_s = json_number_value(json_object_get(json, "requests_per_s"));
	calibration->cpu_per_request_ns = cpu_ns;
	calibration->utilisation_ratio = ratio;
	json_decref(json);
	if (!(cpu_ns > 0) || !(calibration->requests_per_s > 0))
		return -EPROTO;
	calibration->good_for_per_s = ratio >= FULL_RATIO ? calibration->requests_per_s
							  : (double)NS_PER_S / cpu_ns;
	return 0;
}

/* 64 connections, about 2.5 s. 0, or -errno with a message. */
static int calibrate(const struct doctor_context *context, struct calibration *calibration,
		     struct error *error)
{
	struct server_entry entry = {.name = (char *)context->server,
				     .executable = (char *)context->server};
	struct load_files files = {.report = ""};
	struct cores cores;
	const struct process_place place = {.cores = &cores.server};
	struct server_process server;
	int status = pick_cores(&cores, error), fd;

	if (status < 0)
		return status;
	*calibration = (struct calibration){.shared = cores.shared};
	temporary_template(files.report, sizeof files.report, "tenk-doctor");
	fd = mkostemp(files.report, O_CLOEXEC);
	if (fd < 0)
		return fail(error, -errno, files.report, NULL);
	close(fd);
	status = server_process_start(&server, &entry, NULL, &place, error);
	if (status == 0) {
		status = run_load(context->load, server.port, &cores.load, &files, error);
		server_process_stop(&server);
		server_process_destroy(&server);
	}
	if (status == 0) {
		status = read_report(files.report, calibration);
		if (status < 0)
			fail(error, status, "the generator's report", NULL);
	}
	unlink(files.report);
	return status;
}

void doctor_check_generator(struct doctor_context *context, struct doctor_finding *finding)
{
	struct calibration calibration;
	struct error error;
	char good[32], cpu[32];

	if (!context->server || !context->load) {
		doctor_set_value(finding, "not measured");
		doctor_set_effect(finding, DOCTOR_NOTE,
				  "How fast the generator is here is not known; each trial still "
				  "shows how busy it was.");
		return;
	}
	if (calibrate(context, &calibration, &error) < 0) {
		doctor_set_value(finding, "failed: %s", error.text);
		doctor_set_effect(finding, DOCTOR_WARNING, "Nothing can be measured like this.");
		doctor_set_remedy(finding, "make, then try %s by hand", context->load);
		return;
	}
	units_format(UNIT_RATE, calibration.good_for_per_s, good, sizeof good);
	units_format(UNIT_DURATION, calibration.cpu_per_request_ns, cpu, sizeof cpu);
	doctor_set_value(finding, "good for %s%s a core (%s of CPU a request, %.0f %% busy)",
			 calibration.utilisation_ratio >= FULL_RATIO ? "" : "about ", good, cpu,
			 calibration.utilisation_ratio * 100);
	if (calibration.shared)
		doctor_set_effect(
			finding, DOCTOR_WARNING,
			"It shares its only core with the server: this is the rate of both.");
	else if (calibration.utilisation_ratio >= FULL_RATIO)
		doctor_set_effect(
			finding, DOCTOR_NOTE,
			"The generator was the limit, not the server: rates of fast servers "
			"are \"at least\"; compare CPU per request instead.");
	if (finding->verdict != DOCTOR_OK)
		doctor_set_remedy(finding,
				  "give the generator more cores, or compare at a fixed rate");
}
