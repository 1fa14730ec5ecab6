/* Brings a trial to where its load begins: the same ground, a fresh server, a right answer, a generator. */
#include "harness/trial/load_hosts.h"
#include "harness/trial/parts.h"

#include "harness/process/interrupt.h"
#include "harness/trial/alone.h"
#include "harness/trial/probe.h"
#include "harness/trial/settings.h"
#include "lib/clock.h"

#include <errno.h>
#include <math.h>

#define GROUND_WAIT_NS (2 * NS_PER_S)
#define GROUND_POLL_NS (20 * NS_PER_MS)
#define HOST_WAIT_NS   (180 * NS_PER_S) /* a machine starts anew in less */
#define HOST_POLL_NS   (500 * NS_PER_MS)
enum { GROUND_SOCKETS = 64, GROUND_PAGES = 512 };

static bool is_settled(const struct network_counters *now, const struct network_counters *ground)
{
	return !(now->time_wait > ground->time_wait + GROUND_SOCKETS) &&
	       !(now->sockets > ground->sockets + GROUND_SOCKETS) &&
	       !(now->memory_pages > ground->memory_pages + GROUND_PAGES);
}

/* The same ground for every trial: waits until what the one before has left is gone. */
static void await_ground(struct trial *trial)
{
	const struct network_counters *ground = &trial->context->ground;
	struct network_counters *now = &trial->seen.before;
	uint64_t deadline_ns = clock_now_ns() + GROUND_WAIT_NS;

	trial_read_network(trial->context, now);
	while (!is_settled(now, ground) && clock_now_ns() < deadline_ns && !interrupt_seen()) {
		clock_pause(GROUND_POLL_NS);
		trial_read_network(trial->context, now);
	}
	if (!is_settled(now, ground))
		trial_verdict_note(&trial->verdict, "ground",
				   "before it %.0f sockets in TIME_WAIT, %.0f TCP sockets and %.0f "
				   "pages of buffers were left over",
				   fmax(0, now->time_wait - ground->time_wait),
				   fmax(0, now->sockets - ground->sockets),
				   fmax(0, now->memory_pages - ground->memory_pages));
}

/* False, with the reason, if it cannot be held. */
static bool is_possible(struct trial *trial)
{
	struct limit_reached reached;
	enum trial_hold hold = trial_fits(trial->planned, trial->context->catalogue,
					  trial->context->limits,
					  (unsigned)CPU_COUNT(&trial->server_cores), &reached);

	if (hold == TRIAL_FITS)
		return true;
	if (hold == TRIAL_BEYOND_MODEL)
		trial_verdict_add(&trial->verdict, OUTCOME_FAILED, TRIAL_CODE_MODEL, "%s",
				  reached.text);
	else /* which is no fault of a ladder, but its end */
		trial_verdict_add(&trial->verdict,
				  trial->planned->part->ladder ? OUTCOME_SKIPPED : OUTCOME_INVALID,
				  TRIAL_CODE_MACHINE, "%s", reached.text);
	trial_verdict_explain(&trial->verdict, reached.name, reached.remedy);
	return false;
}

static bool prepare_memory(struct trial *trial)
{
	const struct server_entry *entry = catalogue_find(trial->context->catalogue,
							  trial->planned->server);
	struct error error;

	if (trial->context->host) { /* whose agent looks at the server's */
		trial->seen.kernel_before = trial->seen.kernel_then = kernel_memory_unknown();
		if (trial_memory_begin_load(&trial->memory, &trial->context->groups, trial->planned,
					    &error) == 0)
			return true;
	} else if (trial_memory_begin(&trial->memory, &trial->context->groups, trial->planned,
				      entry && entry->port, &trial->seen, &error) == 0)
		return true;
	trial_verdict_add(&trial->verdict, OUTCOME_INVALID, "setup", "%s", error.text);
	return false;
}

/* What is set and means nothing to the server. */
static void note_settings(struct trial *trial, const struct server_entry *entry,
			  const struct server_settings *settings)
{
	for (size_t i = 0; entry && i < SETTINGS; i++)
		if (*settings->values[i] &&
		    !server_entry_takes(entry, server_setting_rows[i].option))
			trial_verdict_note(&trial->verdict, "setting",
					   "%s means nothing to it: it was measured as it is",
					   server_setting_rows[i].option);
}

/* Starts the server and asks it once. False: it has failed, and is stopped. */
static bool start_server(struct trial *trial)
{
	const struct planned_trial *planned = trial->planned;
	const struct server_entry *entry = catalogue_find(trial->context->catalogue,
							  planned->server);
	struct server_settings settings = trial->context->settings;
	uint64_t begin_ns;
	struct error error;

	for (enum backend_kind kind = 0; kind < BACKENDS; kind++)
		if (trial->context->revived & 1u << kind)
			trial_verdict_note(&trial->verdict, "backend_revived",
					   "%s had ended, and was started again before this trial",
					   scenario_backend_name(kind));
	trial_settings_add(&settings, &planned->load);
	if (*planned->load.hosts && !trial->context->host &&
	    load_hosts_find_way(planned->load.hosts, settings.address, &error) < 0) {
		trial_verdict_add(&trial->verdict, OUTCOME_INVALID, "setup", "%s", error.text);
		return false;
	}
	note_settings(trial, entry, &settings);
	if (server_side_start(trial, entry, &settings, &error) < 0) {
		if (server_side_is_lost(trial))
			return false;
		trial_judge_memory(trial);
		if (!trial_judge_backends(trial))
			trial_verdict_add(&trial->verdict, OUTCOME_FAILED, "server_start", "%s",
					  error.text);
		return false;
	}
	trial->server.subject.is_idle = planned->load.idle;
	begin_ns = clock_now_ns();
	if (trial->server.running)
		trial_verdict_note(&trial->verdict, "running",
				   "the server ran before the trial, with whatever it had kept%s%s",
				   trial->server.unmeasured ? "; its CPU is not available: " : "",
				   trial->server.unmeasured ? trial->server.unmeasured : "");
	if (probe_server(trial->server.host, trial->server.port, &planned->load, &error) < 0) {
		trial_judge_memory(trial);
		if (!server_side_is_lost(trial) && !trial_judge_backends(trial))
			trial_verdict_add(&trial->verdict, OUTCOME_FAILED, "probe", "%s",
					  error.text);
		trial->forced_stop = server_side_stop(trial);
		return false;
	}
	if (planned->load.cpu_ns > 0)
		trial->seen.work_alone_ns = trial_work_alone_ns(trial->server.host,
								trial->server.port, &planned->load);
	trial->probe_ns = clock_now_ns() - begin_ns;
	if (!trial->context->host && !trial->server.running)
		mapped_files_note(trial->context->mapped, trial->server.pid, !entry->kept);
	trial_memory_unloaded(&trial->seen, &trial->server.subject);
	return true;
}

static bool start_load(struct trial *trial)
{
	const struct process_place place = trial_load_place(trial);
	struct error error;

	trial->target = (struct load_target){
		.host = trial->server.host,
		.port = trial->server.port,
		.many_sources = trial_has_many_sources(trial->planned, trial->context->limits,
						       trial->server.host),
		.in_slices = trial->seen.slices != NULL,
	};
	trial->load_at_ns = clock_now_ns();
	trial->has_load = load_process_start(&trial->load, trial->context->load_generator,
					     &trial->planned->load, &trial->target, &trial->files,
					     &place, &error) == 0;
	if (!trial->has_load)
		trial_verdict_add(&trial->verdict, OUTCOME_INVALID, "setup", "%s", error.text);
	return trial->has_load;
}

struct process_place trial_load_place(const struct trial *trial)
{
	return (struct process_place){
		.cores = &trial->context->load_cores,
		.group_entry = trial_memory_entry(&trial->memory.load),
	};
}

/* With a word to the person who waits. False: no more is to be waited. */
static bool await_host(const struct trial *trial, uint64_t until_ns)
{
	if (interrupt_seen() || clock_now_ns() >= until_ns)
		return false;
	trial_tell(trial, TRIAL_AWAITS_HOST);
	clock_pause(HOST_POLL_NS);
	return true;
}

/*
 * One that was lost in a trial before may be there again, or is just starting: it is waited for, and for the end of the server
 * that it may still have from before. False: it is not there, with the verdict.
 */
static bool reach_host(struct trial *trial)
{
	struct server_host *host = trial->context->host;
	uint64_t until_ns = clock_now_ns() + HOST_WAIT_NS;
	struct error error = {"interrupted"};
	int result;

	if (!host)
		return true;
	do
		result = server_host_reach(host, &error);
	while (result == -EHOSTUNREACH && await_host(trial, until_ns));
	while (result == 0 && await_host(trial, host->busy_until_ns))
		;
	if (result == 0 && !interrupt_seen())
		return true;
	trial->host_lost = true;
	trial_verdict_add(&trial->verdict, OUTCOME_INVALID, "server_host", "%s", error.text);
	return false;
}

bool trial_open(struct trial *trial, bool awaits_ground)
{
	uint64_t begin_ns = clock_now_ns();

	trial_tell(trial, TRIAL_IS_STARTING);
	store_time(trial->started_at, false);
	if (!is_possible(trial) || !reach_host(trial))
		return false;
	if (awaits_ground)
		await_ground(trial);
	else
		trial_read_network(trial->context, &trial->seen.before);
	trial->ground_ns = clock_now_ns() - begin_ns;
	trial->seen.after = trial->seen.before;
	return !interrupt_seen() && prepare_memory(trial) && start_server(trial) &&
	       start_load(trial);
}
