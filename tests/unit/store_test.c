#include "stored/store.h"

#include "stored/json_lines.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/tenk-store-test-XXXXXX";
static struct store store;
static struct error error;

/* Each test is in a folder of its own. */
static void setup(void)
{
	cr_assert(mkdtemp(folder));
	cr_assert_eq(chdir(folder), 0);
}

static void teardown(void)
{
	char command[64];

	store_close(&store);
	snprintf(command, sizeof command, "rm -rf %s", folder);
	cr_assert_eq(chdir("/"), 0);
	cr_assert_eq(system(command), 0);
}

TestSuite(store, .init = setup, .fini = teardown);

static bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

static void says(const char *wanted)
{
	cr_assert(strstr(error.text, wanted), "\"%s\" is not in: %s", wanted, error.text);
}

Test(store, a_run_without_a_place_gets_one_below_results)
{
	cr_assert_eq(store_create(&store, NULL, "quick", &error), 0, "%s", error.text);
	cr_assert_eq(strncmp(store.directory, "results/", strlen("results/")), 0);
	cr_assert(strstr(store.directory, "Z-quick"));
	cr_assert(is_there(store.directory));
}

Test(store, where_no_folder_can_be_made_another_place_is_named)
{
	fclose(fopen("results", "w"));
	cr_assert_lt(store_create(&store, NULL, "quick", &error), 0);
	says("results");
	cr_assert_lt(store_create(&store, "nowhere/run", "quick", &error), 0);
	says("cannot make the folder nowhere/run: No such file or directory");
}

Test(store, results_that_may_not_be_made_here_are_put_elsewhere)
{
	if (getuid() == 0)
		cr_skip("to root no place is read-only");
	cr_assert_eq(chmod(".", 0500), 0);
	cr_assert_lt(store_create(&store, NULL, "quick", &error), 0);
	says("here (--out names another place): cannot make the folder results");
	cr_assert_eq(chmod(".", 0700), 0);
}

Test(store, a_folder_that_holds_a_run_is_left_alone)
{
	cr_assert_eq(store_create(&store, "run", "quick", &error), 0, "%s", error.text);
	store_close(&store);
	cr_assert_eq(store_create(&store, "run", "quick", &error), -EEXIST);
	says("tenk run --resume run");
}

Test(store, two_are_never_at_work_in_one_folder)
{
	struct store other;

	cr_assert_eq(store_create(&store, "run", "quick", &error), 0, "%s", error.text);
	cr_assert_eq(store_open(&other, "run", &error), -EBUSY);
	says("another tenk is at work in run");
	store_close(&store);
	cr_assert_eq(store_open(&other, "run", &error), 0, "%s", error.text);
	store_close(&other);
	cr_assert_eq(store_open(&other, "nowhere", &error), -ENOENT);
	says("nowhere holds no run to go on with");
}

Test(store, a_line_that_was_cut_short_is_cut_off)
{
	json_t *trial = json_pack("{s:i}", "trial", 1);
	struct stat status;
	off_t whole;
	FILE *file;

	cr_assert_eq(store_create(&store, "run", "quick", &error), 0, "%s", error.text);
	cr_assert_eq(store_append_trial(&store, trial, &error), 0);
	json_decref(trial);
	cr_assert_eq(fstat(store.trials_fd, &status), 0);
	whole = status.st_size;
	store_close(&store);
	file = fopen("run/trials.jsonl", "a");
	cr_assert(file && fputs("{\"trial\": 2, \"outc", file) >= 0 && fclose(file) == 0);
	cr_assert_eq(store_open(&store, "run", &error), 0, "%s", error.text);
	cr_assert_eq(fstat(store.trials_fd, &status), 0);
	cr_assert_eq(status.st_size, whole);
}

Test(store, of_a_line_that_does_not_fit_on_the_disk_nothing_is_left)
{
	json_t *trial = json_pack("{s:s}", "trial", "a line of some length");
	struct rlimit room = {.rlim_max = RLIM_INFINITY};
	struct stat status;

	cr_assert_eq(store_create(&store, "run", "quick", &error), 0, "%s", error.text);
	cr_assert_eq(store_append_trial(&store, trial, &error), 0);
	cr_assert_eq(fstat(store.trials_fd, &status), 0);
	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(getrlimit(RLIMIT_FSIZE, &room), 0);
	room.rlim_cur = (rlim_t)status.st_size + 5;
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &room), 0);
	cr_assert_eq(store_append_trial(&store, trial, &error), -EFBIG);
	room.rlim_cur = room.rlim_max;
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &room), 0);
	says("cannot append to trials.jsonl: File too large");
	cr_assert_eq(fstat(store.trials_fd, &status), 0);
	cr_assert_eq(store_append_trial(&store, trial, &error), 0);
	json_decref(trial);
	cr_assert_eq(json_lines_end(store.trials_fd), 2 * status.st_size);
}

Test(store, what_cannot_take_the_place_of_run_json_leaves_nothing_behind)
{
	json_t *run = json_pack("{s:s}", "id", "a");

	cr_assert_eq(store_create(&store, "run", "quick", &error), 0, "%s", error.text);
	cr_assert_eq(store_write_run(&store, run, &error), 0, "%s", error.text);
	cr_assert_eq(unlink("run/run.json"), 0);
	cr_assert_eq(mkdir("run/run.json", 0777), 0);
	cr_assert_eq(store_write_run(&store, run, &error), -EISDIR);
	says("cannot write run.json: Is a directory");
	cr_assert_not(is_there("run/run.json.new"));
	json_decref(run);
}
