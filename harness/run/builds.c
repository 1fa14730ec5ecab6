/*
 * All trials of a run are of the same builds, whatever becomes of the files meanwhile (a package upgrade). Our own
 * servers and the generator are kept, and those of then are started. What cannot be kept (servers of other people,
 * libraries, programs that observe themselves) is looked at before each block, and the run ends where it has changed.
 */
#include "harness/run/parts.h"

#include "harness/catalogue/foreign.h"
#include "harness/run/progress.h"
#include "lib/json.h"
#include "lib/text_buffer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int run_keep_builds(struct run *run, struct error *error)
{
	int result = kept_program_open(&run->load_generator, run->paths.load_generator);

	if (result < 0) {
		error_set(error, "cannot open %s: %s", run->paths.load_generator,
			  strerror(-result));
		return result;
	}
	return catalogue_keep(&run->catalogue, error);
}

static bool is_told(const struct run *run, const char *text)
{
	const json_t *warning;
	size_t i;

	json_array_foreach(json_object_get(run->json, "warnings"), i,
			   warning) if (strcmp(json_string_value(warning), text) == 0) return true;
	return false;
}

static int complain(const struct run *run, const char *what, struct error *error)
{
	struct text_buffer folder = {0};

	text_append_shell(&folder, run->store.directory);
	error_set(
		error,
		"%s has been replaced or changed since the run began, and trials of two builds are not "
		"comparable: what was measured is kept in %s.\n"
		"  go on, with what was there put back   tenk run --resume %s\n"
		"  begin anew, with what is there now    %s",
		what, run->store.directory, text_string(&folder),
		json_string_of(run->json, "repeat"));
	text_destroy(&folder);
	return -ESTALE;
}

/* One that is kept goes on; that is told once. */
static int check_kept(struct run *run, const struct kept_program *program,
		      struct progress *progress, struct error *error)
{
	enum kept_state state = kept_program_look(program);
	const char *slash = strrchr(program->path, '/');
	const char *name = slash ? slash + 1 : program->path;
	char text[NAME_MAX + 200];

	if (state == KEPT_LOST)
		return complain(run, name, error);
	snprintf(text, sizeof text,
		 "%s has been replaced since the run began: all trials are of the one that was "
		 "there then",
		 name);
	if (state == KEPT_REPLACED && !is_told(run, text)) {
		run_warn(run, "%s", text);
		progress_tell(progress, "note: %s", text);
	}
	return 0;
}

static int check_server(struct run *run, const struct server_entry *entry,
			struct progress *progress, struct error *error)
{
	char build[17];

	if (entry->kept)
		return check_kept(run, entry->kept, progress, error);
	if (!entry->manifest)
		return 0;
	foreign_build(entry->manifest, entry->profile, build);
	return strcmp(build, entry->build) == 0 ? 0 : complain(run, entry->name, error);
}

static int check_observed(const struct run *run, const char *name, struct error *error)
{
	const struct observed_folders folders = run_observed_folders(run);
	const json_t *then = json_find(json_object_get(run->json, "servers"), "name", name);
	struct observed_program program;
	struct error why;
	json_t *now = observed_find(&program, &folders, &run->catalogue, name, &why) == 0
			      ? observed_to_json(&program, name)
			      : NULL;
	bool same = strcmp(json_string_of(now, "build"), json_string_of(then, "build")) == 0;

	json_decref(now);
	return same ? 0 : complain(run, name, error);
}

int run_check_builds(struct run *run, size_t first, size_t end, struct progress *progress,
		     struct error *error)
{
	int result = check_kept(run, &run->load_generator, progress, error);
	const char *other;

	for (size_t i = first; result == 0 && i < end; i++) {
		const struct planned_trial *planned = &run->plan.trials[i];
		const struct server_entry *entry = catalogue_find(&run->catalogue, planned->server);

		if (planned->part->observes)
			result = check_observed(run, planned->server, error);
		else if (entry &&
			 !run_has_server_host(run)) /* whose agent knows them by their builds */
			result = check_server(run, entry, progress, error);
	}
	other = result == 0 ? mapped_files_find_other(&run->mapped) : NULL;
	return other ? complain(run, other, error) : result;
}
