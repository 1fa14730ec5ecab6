#include "harness/command/tell.h"

#include "harness/machine/environment.h"
#include "lib/text_buffer.h"

#include <stdio.h>

void tell_heading(const struct run *run, const char *command)
{
	char machine[256], server[64], load[64];
	const char *host = run->host.name;

	fprintf(stderr, "tenk %s %s   seed %lld   server: core %s%s%s   load: core %s\n", command,
		run->title, (long long)json_integer_value(json_object_get(run->json, "seed")),
		cores_format(&run->cores.server, server, sizeof server), *host ? " of " : "", host,
		cores_format(&run->cores.load, load, sizeof load));
	fprintf(stderr, "  machine   %s\n  results   %s\n",
		environment_summary(machine, sizeof machine), run->store.directory);
}

void tell_warnings(const struct run *run)
{
	const json_t *warning;
	size_t i;

	json_array_foreach(json_object_get(run->json, "warnings"), i, warning)
		fprintf(stderr, "warning: %s\n", json_string_value(warning));
}

/* What came of the apparatus, with the remedy. */
void tell_spoiled(const struct run *run, const struct run_tally *tally)
{
	if (tally->repeated)
		fprintf(stderr, "note: %zu attempt%s repeated; the report lists them\n",
			tally->repeated, tally->repeated == 1 ? " was" : "s were");
	if (tally->invalid > tally->invalid_found)
		fprintf(stderr,
			"warning: %zu of %zu trials are invalid, spoiled by the machine or the "
			"generator, and left out of every figure%s.\n"
			"         The report lists why; tenk doctor names remedies.\n",
			tally->invalid - tally->invalid_found, run->plan.count,
			tally->empty_cells ? "; cells without any valid trial are empty" : "");
	if (tally->failed > tally->failed_found)
		fprintf(stderr, "warning: %zu of %zu trials failed; the report says how.\n",
			tally->failed - tally->failed_found, run->plan.count);
}

void tell_no_report(const struct run *run)
{
	struct text_buffer directory = {0};

	text_append_shell(&directory, run->store.directory);
	fprintf(stderr,
		"the report could not be written; all trials are kept in %s\n"
		"  report what is there  tenk report %s\n",
		run->store.directory, text_string(&directory));
	text_destroy(&directory);
}

void tell_interrupted(const struct run *run, const struct run_tally *tally)
{
	size_t done = tally->ok + tally->saturated + tally->skipped + tally->failed +
		      tally->invalid;
	struct text_buffer directory = {0};

	text_append_shell(&directory, run->store.directory);
	fprintf(stderr,
		"interrupted: %zu of %zu trials are kept in %s\n"
		"  go on with            tenk run --resume %s\n"
		"  report what is there  tenk report %s\n",
		done, run->plan.count, run->store.directory, text_string(&directory),
		text_string(&directory));
	text_destroy(&directory);
}
