/*
 * The database of /query/ID: a cluster of its own, made for the run and thrown away with it.
 *
 * It has a table of 10,000 rows, which fits into its memory. It listens on a socket in its folder and on
 * nothing else. Nothing it writes is waited for, since nothing of it will be read again; what works
 * beside requests (autovacuum, checkpoints, the writer of dirty pages) is off, so that it rests when
 * nobody asks it. Started by root it runs as somebody else, as it insists.
 */
#include "harness/backends/parts.h"

#include "harness/machine/paths.h"
#include "harness/process/interrupt.h"
#include "lib/clock.h"
#include "lib/temporary.h"
#include "lib/text_buffer.h"

#include <errno.h>
#include <glob.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define START_NS (60 * NS_PER_S)
#define LOOK_NS	 (10 * NS_PER_MS)
enum { KEPT_CONNECTIONS = 8, SOCKET_PATH_MOST = 85, READY_LINE = 8 };

/* Where Debian has its programs; the last is the newest of those that are there. */
static const char debian[] = "/usr/lib/postgresql/*/bin";

/* One program for all of its life, so that one guard has all of it: it makes the cluster, and becomes it. */
static const char script[] =
	"set -e\n"
	"bin=$1 folder=$2\n"
	"shift 2\n"
	"\"$bin/initdb\" -D \"$folder/data\" -U tenk -A trust -N -E UTF8 --no-locale >\"$folder/said\" 2>&1 ||\n"
	"	{ cat \"$folder/said\" >&2; exit 1; }\n"
	"\"$bin/postgres\" --single -D \"$folder/data\" -c fsync=off postgres >\"$folder/said\" 2>&1 <<'END' || "
	"{ cat \"$folder/said\" >&2; exit 1; }\n"
	"CREATE TABLE messages (id integer PRIMARY KEY, message text)\n"
	"INSERT INTO messages SELECT i, 'Message ' || i FROM generate_series(1, 10000) i\n"
	"VACUUM (FREEZE, ANALYZE) messages\n"
	"END\n"
	"grep -q ERROR \"$folder/said\" && { cat \"$folder/said\" >&2; exit 1; }\n"
	"exec \"$bin/postgres\" -D \"$folder/data\" -k \"$folder\" \"$@\"\n";

static const struct {
	const char *name, *value; /* NULL: as many connections as are needed */
} settings[] = {
	{"listen_addresses", ""},
	{"unix_socket_permissions", "0700"}, /* whoever reaches it is its superuser */
	{"max_connections", NULL},
	{"fsync", "off"},
	{"synchronous_commit", "off"},
	{"full_page_writes", "off"},
	{"wal_level", "minimal"},
	{"max_wal_senders", "0"},
	{"checkpoint_timeout", "1d"},
	{"autovacuum", "off"},
	{"bgwriter_lru_maxpages", "0"},
	{"max_parallel_workers", "0"},
	{"jit", "off"},
	{"huge_pages", "off"},
	{"dynamic_shared_memory_type", "mmap"}, /* in its folder, with which it goes */
	{"log_min_messages", "fatal"},
};
enum {
	SETTINGS_GIVEN = sizeof settings / sizeof *settings,
	ARGUMENTS = 6 + 2 * SETTINGS_GIVEN + 1
};

/* The folder with its programs, allocated; NULL: they are not here. */
static char *find_programs(void)
{
	const char *named = getenv("TENK_POSTGRESQL");
	char path[PATH_MAX], *found = NULL;
	glob_t folders;

	if (named && *named)
		return paths_join(path, named, "initdb", "") == 0 && access(path, X_OK) == 0
			       ? strdup(named)
			       : NULL;
	if (glob(debian, 0, NULL, &folders) != 0)
		return NULL;
	for (size_t i = folders.gl_pathc; !found && i-- > 0;)
		if (paths_join(path, folders.gl_pathv[i], "initdb", "") == 0 &&
		    access(path, X_OK) == 0)
			found = strdup(folders.gl_pathv[i]);
	globfree(&folders);
	return found;
}

char *postgresql_missing(const struct catalogue *catalogue)
{
	char *programs = find_programs();

	(void)catalogue;
	free(programs);
	return programs
		       ? NULL
		       : strdup("PostgreSQL is not installed (scripts/install-deps --with postgresql, or "
				"apt-get install postgresql; TENK_POSTGRESQL names the folder of its "
				"programs if they are elsewhere)");
}

/* Whom it becomes if we are root: its own user, or nobody. */
static bool find_user(uid_t *user, gid_t *group)
{
	static const char *const names[] = {"postgres", "nobody"};

	*user = 0;
	*group = 0;
	for (size_t i = 0; getuid() == 0 && *user == 0 && i < sizeof names / sizeof *names; i++) {
		struct passwd record, *found = NULL;
		char texts[1024];

		if (getpwnam_r(names[i], &record, texts, sizeof texts, &found) == 0 && found) {
			*user = record.pw_uid;
			*group = record.pw_gid;
		}
	}
	return getuid() != 0 || *user != 0;
}

static int make_folder(char *folder, uid_t user, gid_t group, struct error *error)
{
	int code;

	temporary_template(folder, PATH_MAX, "tenk-postgresql");
	if (strlen(folder) > SOCKET_PATH_MOST) {
		error_set(error, "%s is too long a path for a socket: give TMPDIR a shorter one",
			  folder);
		return -ENAMETOOLONG;
	}
	if (mkdtemp(folder) && chmod(folder, 0755) == 0 &&
	    (user == 0 || chown(folder, user, group) == 0))
		return 0;
	code = -errno;
	error_set(error, "cannot make a folder %s: %s", folder, strerror(-code));
	temporary_remove(folder);
	return code;
}

/* As pg_ctl does it: the last line of its file of its own says how far it is. */
static bool is_ready(const char *folder)
{
	char path[PATH_MAX], line[256] = "";
	int lines = 0;
	FILE *file = NULL;

	if (paths_join(path, folder, "data/postmaster.pid", "") == 0)
		file = fopen(path, "re");
	while (file && fgets(line, sizeof line, file))
		lines++;
	if (file)
		fclose(file);
	return lines >= READY_LINE && strncmp(line, "ready", 5) == 0;
}

static int await_ready(struct process *process, const char *folder, struct error *error)
{
	uint64_t deadline_ns = clock_now_ns() + START_NS;
	char said[600];

	while (!is_ready(folder)) {
		if (interrupt_seen())
			return -EINTR;
		if (process_wait(process, LOOK_NS)) {
			process_stderr(process, said, sizeof said);
			error_set(error, "it did not start: %s", *said ? said : "it ended at once");
			return -ECHILD;
		}
		if (clock_now_ns() > deadline_ns) {
			error_set(error, "it was not ready within a minute");
			return -ETIMEDOUT;
		}
	}
	return 0;
}

/* "-c name=value" for each setting; what it holds is the caller's to free, from `first` on. */
static int add_settings(char **arguments, size_t first, unsigned connections, json_t *told)
{
	size_t count = first;

	for (size_t i = 0; i < SETTINGS_GIVEN; i++) {
		char number[16];
		const char *value = settings[i].value;

		snprintf(number, sizeof number, "%u", connections + KEPT_CONNECTIONS);
		value = value ? value : number;
		json_object_set_new(told, settings[i].name, json_string(value));
		arguments[count++] = strdup("-c");
		if (asprintf(&arguments[count], "%s=%s", settings[i].name, value) < 0)
			arguments[count] = NULL;
		if (!arguments[count - 1] || !arguments[count])
			return -ENOMEM;
		count++;
	}
	return 0;
}

/* "postgresql://tenk@localhost/postgres?host=%2Ftmp%2F..." */
static bool write_address(struct backend *backend, const char *folder)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
	struct text_buffer url = {0};
	bool fits;

	text_append(&url, "postgresql://tenk@localhost/postgres?host=");
	for (const char *c = folder; *c; c++)
		text_append_format(&url, strchr(plain, *c) ? "%c" : "%%%02X", (unsigned char)*c);
	fits = !text_failed(&url) && strlen(text_string(&url)) < sizeof backend->address;
	if (fits)
		snprintf(backend->address, sizeof backend->address, "%s", text_string(&url));
	text_destroy(&url);
	return fits;
}

/* "15", of "/usr/lib/postgresql/15/bin"; "" elsewhere. */
static void read_version(const char *programs, char version[16])
{
	if (sscanf(programs, "/usr/lib/postgresql/%15[0-9.]/bin", version) != 1)
		version[0] = '\0';
}

static int spawn(const struct backends *backends, struct backend *backend, const char *programs,
		 const char *folder, uid_t user, gid_t group, struct error *error)
{
	struct guard_options guard = {
		.grace_ns = 2 * NS_PER_S, .folder = folder, .stop_signal = SIGQUIT};
	char *arguments[ARGUMENTS] = {(char *)"/bin/sh",	   (char *)"-c",
				      (char *)(uintptr_t)script,   (char *)"postgresql",
				      (char *)(uintptr_t)programs, (char *)(uintptr_t)folder};
	struct process_options options = {.arguments = arguments,
					  .place.cores = &backends->cores,
					  .pass_fd = -1,
					  .guard = &guard,
					  .user = user,
					  .group = group};
	json_t *told = json_object();
	char version[16];
	int result = add_settings(arguments, 6, backends->connections, told);

	if (result == 0)
		result = process_spawn(&backend->server.process, &options, error);
	else
		error_set(error, "out of memory");
	for (size_t i = 6; arguments[i]; i++)
		free(arguments[i]);
	read_version(programs, version);
	backend->description = json_pack("{s:s?, s:o}", "version", *version ? version : NULL,
					 "settings", told);
	return result;
}

int postgresql_start(const struct backends *backends, struct backend *backend, struct error *error)
{
	char folder[PATH_MAX] = "", *programs = find_programs();
	uid_t user;
	gid_t group;
	int result = -ENOENT;

	if (!programs)
		error_set(error, "it is not installed");
	else if (!find_user(&user, &group))
		error_set(error, "it does not run as root, and there is no user to become");
	else
		result = make_folder(folder, user, group, error);
	if (result == 0) {
		result = spawn(backends, backend, programs, folder, user, group, error);
		if (result < 0)
			temporary_remove(folder); /* there is no guard to do it */
	}
	free(programs);
	if (result == 0) {
		backend->server.pid = backend->server.process.main_pid;
		result = await_ready(&backend->server.process, folder, error);
	}
	if (result == 0 && !write_address(backend, folder))
		result = error_set(error, "its folder's path is too long: %s", folder);
	if (result < 0)
		process_stop(&backend->server.process, 5 * NS_PER_S);
	return result;
}
