/* What the generator can do here, found by loading a server for two seconds. */
#include "harness/doctor/checks.h"

#include "harness/process/process.h"
#include "lib/clock.h"
#include "lib/temporary.h"
#include "lib/units.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { READY_FD = 3, PATH_BYTES = 256 };

#define READY_LIMIT_NS (10 * NS_PER_S)
#define LOAD_LIMIT_NS  (20 * NS_PER_S)
#define STOP_GRACE_NS  (2 * NS_PER_S)

/* From here on the generator was the limit, not the server. */
#define FULL_RATIO 0.9

static int fail(char *why, size_t size, int status, const char *what, const struct process *process)
{
	char said[512] = "";

	if (process)
		process_stderr(process, said, sizeof said);
	said[strcspn(said, "\n")] = '\0';
	snprintf(why, size, "%s: %s%s%s", what, strerror(-status), *said ? ": " : "", said);
	return status;
}

static void pick_cores(const struct doctor_options *options, cpu_set_t *server, cpu_set_t *load,
		       bool *shared)
{
	cpu_set_t allowed;
	int first, last;

	doctor_allowed_cores(&allowed, &first, &last);
	first = options->server_core >= 0 ? options->server_core : first;
	last = options->load_core >= 0 ? options->load_core : last;
	CPU_ZERO(server);
	CPU_ZERO(load);
	CPU_SET(first, server);
	CPU_SET(last, load);
	*shared = first == last;
}

/* {"event":"ready","port":N} */
static int read_port(int fd, int *port)
{
	char line[256] = "";
	size_t length = 0;
	uint64_t deadline_ns = clock_now_ns() + READY_LIMIT_NS;
	json_t *event;

	while (length < sizeof line - 1 && !memchr(line, '\n', length)) {
		struct pollfd poller = {.fd = fd, .events = POLLIN};
		uint64_t now_ns = clock_now_ns();
		struct timespec left = clock_to_timespec(deadline_ns > now_ns ? deadline_ns - now_ns
									      : 0);
		int ready = ppoll(&poller, 1, &left, NULL);
		ssize_t got;

		if (ready == 0)
			return -ETIMEDOUT;
		if (ready < 0 && errno == EINTR)
			continue;
		got = ready < 0 ? -1 : read(fd, line + length, sizeof line - 1 - length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -errno : -EPIPE;
		length += (size_t)got;
	}
	line[length] = '\0';
	event = json_loads(line, JSON_DISABLE_EOF_CHECK, NULL);
	*port = (int)json_integer_value(json_object_get(event, "port"));
	json_decref(event);
	return *port > 0 && *port < 65536 ? 0 : -EPROTO;
}

static int start_server(struct process *process, const char *path, const cpu_set_t *cores,
			int *port, char *why, size_t size)
{
	char *arguments[] = {(char *)path, "--listen", "127.0.0.1:0", "--ready-fd", "3", NULL};
	struct process_options options = {.arguments = arguments, .place.cores = cores};
	struct error error;
	int ends[2], status;

	_Static_assert(READY_FD == 3, "process_spawn passes descriptor 3");
	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail(why, size, -errno, "pipe", NULL);
	options.pass_fd = ends[1];
	status = process_spawn(process, &options, &error);
	close(ends[1]);
	if (status < 0) {
		close(ends[0]);
		snprintf(why, size, "%s", error.text);
		return status;
	}
	status = read_port(ends[0], port);
	close(ends[0]);
	if (status < 0) {
		process_stop(process, STOP_GRACE_NS);
		fail(why, size, status, path, process);
		process_destroy(process);
	}
	return status;
}

static int run_load(const char *path, const cpu_set_t *cores, int port, const char *report,
		    char *why, size_t size)
{
	char url[64];
	char *arguments[] = {(char *)path, "--connections", "64",     "--duration",   "2s",
			     "--warmup",   "500ms",	    "--json", (char *)report, url,
			     NULL};
	struct process_options options = {
		.arguments = arguments, .place.cores = cores, .pass_fd = -1};
	struct process process;
	struct error error;
	int status;

	snprintf(url, sizeof url, "http://127.0.0.1:%d/plaintext", port);
	status = process_spawn(&process, &options, &error);
	if (status < 0) {
		snprintf(why, size, "%s", error.text);
		return status;
	}
	if (!process_wait(&process, LOAD_LIMIT_NS)) {
		process_stop(&process, STOP_GRACE_NS);
		status = fail(why, size, -ETIMEDOUT, path, &process);
	} else if (process.exit_code != 0) {
		status = fail(why, size, -EIO, path, &process);
	}
	process_destroy(&process);
	return status;
}

static int read_report(const char *report, struct doctor_calibration *calibration)
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

int doctor_calibrate(const struct doctor_options *options, struct doctor_calibration *calibration,
		     char *why, size_t size)
{
	char report[PATH_BYTES];
	cpu_set_t server_cores, load_cores;
	struct process server;
	int port = 0, status, fd;

	*calibration = (struct doctor_calibration){0};
	temporary_template(report, sizeof report, "tenk-doctor");
	pick_cores(options, &server_cores, &load_cores, &calibration->shared);
	fd = mkostemp(report, O_CLOEXEC);
	if (fd < 0)
		return fail(why, size, -errno, report, NULL);
	close(fd);
	status = start_server(&server, options->server, &server_cores, &port, why, size);
	if (status == 0) {
		status = run_load(options->load, &load_cores, port, report, why, size);
		process_stop(&server, STOP_GRACE_NS);
		process_destroy(&server);
	}
	if (status == 0) {
		status = read_report(report, calibration);
		if (status < 0)
			fail(why, size, status, "the generator's report", NULL);
	}
	unlink(report);
	return status;
}

void doctor_check_generator(struct doctor_context *context, struct doctor_finding *finding)
{
	const struct doctor_options *options = context->options;
	struct doctor_calibration calibration;
	char why[256], good[32], cpu[32];

	if (!options->server || !options->load) {
		doctor_set_value(finding, "not measured");
		doctor_set_effect(finding, DOCTOR_NOTE,
				  "How fast the generator is here is not known; each trial still "
				  "shows how busy it was.");
		return;
	}
	if (doctor_calibrate(options, &calibration, why, sizeof why) < 0) {
		doctor_set_value(finding, "failed: %s", why);
		doctor_set_effect(finding, DOCTOR_WARNING, "Nothing can be measured like this.");
		doctor_set_remedy(finding, "make, then try %s by hand", options->load);
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
