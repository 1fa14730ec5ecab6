#include "report/gnuplot.h"

#include "lib/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGUMENTS_MAX = 16, PATIENCE_S = 30 };

/* The ends of the child's standard output and error that stay here. */
struct pipes {
	int output[2], error[2];
};

static void close_if_open(int *descriptor)
{
	if (*descriptor >= 0)
		close(*descriptor);
	*descriptor = -1;
}

static void pipes_close(struct pipes *pipes)
{
	for (int i = 0; i < 2; i++) {
		close_if_open(&pipes->output[i]);
		close_if_open(&pipes->error[i]);
	}
}

static int pipes_open(struct pipes *pipes)
{
	*pipes = (struct pipes){{-1, -1}, {-1, -1}};
	if (pipe2(pipes->output, O_CLOEXEC) < 0 || pipe2(pipes->error, O_CLOEXEC) < 0) {
		int code = -errno;

		pipes_close(pipes);
		return code;
	}
	return 0;
}

/* PATH to find fonts and itself by, and nothing else of the user's: the output must not vary. */
static char **environment_make(void)
{
	static char locale[] = "LC_ALL=C.UTF-8";
	static char home[] = "HOME=/";
	const char *path = getenv("PATH");
	char **environment = calloc(4, sizeof *environment);

	if (!environment)
		return NULL;
	environment[0] = locale;
	environment[1] = home;
	if (path && asprintf(&environment[2], "PATH=%s", path) < 0) {
		free(environment);
		return NULL;
	}
	return environment;
}

static void environment_free(char **environment)
{
	if (environment)
		free(environment[2]);
	free(environment);
}

static int child_start(const char *program, const char *folder, const char *const *files,
		       const struct pipes *pipes, pid_t *pid)
{
	char *arguments[ARGUMENTS_MAX] = {(char *)program, (char *)"-d"};
	posix_spawn_file_actions_t actions;
	char **environment = environment_make();
	size_t count = 2;
	int code;

	for (; *files && count + 1 < ARGUMENTS_MAX; files++)
		arguments[count++] = (char *)*files;
	if (!environment)
		return -ENOMEM;
	code = posix_spawn_file_actions_init(&actions);
	if (code != 0) {
		environment_free(environment);
		return -code;
	}
	code = posix_spawn_file_actions_addchdir_np(&actions, folder);
	if (code == 0)
		code = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	if (code == 0)
		code = posix_spawn_file_actions_adddup2(&actions, pipes->output[1], 1);
	if (code == 0)
		code = posix_spawn_file_actions_adddup2(&actions, pipes->error[1], 2);
	if (code == 0)
		code = posix_spawnp(pid, program, &actions, NULL, arguments, environment);
	posix_spawn_file_actions_destroy(&actions);
	environment_free(environment);
	return -code;
}

/* Reads both pipes until the child has closed them. 0, -ETIMEDOUT or -errno. */
static int pipes_read(struct pipes *pipes, struct text_buffer *out, struct text_buffer *complaints)
{
	uint64_t deadline_ns = clock_now_ns() + PATIENCE_S * NS_PER_S;
	struct {
		int *descriptor;
		struct text_buffer *buffer;
	} ends[] = {{&pipes->output[0], out}, {&pipes->error[0], complaints}};

	while (pipes->output[0] >= 0 || pipes->error[0] >= 0) {
		struct pollfd watched[] = {{pipes->output[0], POLLIN, 0},
					   {pipes->error[0], POLLIN, 0}};
		uint64_t now_ns = clock_now_ns();
		int ready;

		if (now_ns >= deadline_ns)
			return -ETIMEDOUT;
		ready = poll(watched, 2, (int)((deadline_ns - now_ns) / NS_PER_MS) + 1);
		if (ready < 0 && errno != EINTR)
			return -errno;
		for (int i = 0; i < 2 && ready > 0; i++) {
			char bytes[16384];
			ssize_t length;

			if (!watched[i].revents)
				continue;
			length = read(*ends[i].descriptor, bytes, sizeof bytes);
			if (length > 0)
				text_append_bytes(ends[i].buffer, bytes, (size_t)length);
			else if (length == 0 || errno != EINTR)
				close_if_open(ends[i].descriptor);
		}
	}
	return 0;
}

static int child_wait(pid_t pid, int *status)
{
	while (waitpid(pid, status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

/* The last line of what it wrote that says something: the ones before it quote the command. */
static void complaint_report(struct error *error, const char *text)
{
	const char *last = NULL;
	size_t last_length = 0;

	while (*text) {
		size_t length = strcspn(text, "\n");

		if (strspn(text, " \t\r^") < length) {
			last = text;
			last_length = length < 400 ? length : 400;
		}
		text += length + (text[length] == '\n');
	}
	if (last)
		error_set(error, "gnuplot: %.*s", (int)last_length, last);
	else
		error_set(error, "gnuplot failed without saying why");
}

int gnuplot_run(const char *program, const char *folder, const char *const *files,
		struct text_buffer *out, struct error *error)
{
	struct text_buffer complaints = {0};
	struct pipes pipes;
	pid_t pid = -1;
	int status = 0, code = pipes_open(&pipes), waited;

	if (code < 0)
		return code;
	code = child_start(program ? program : "gnuplot", folder, files, &pipes, &pid);
	close_if_open(&pipes.output[1]);
	close_if_open(&pipes.error[1]);
	if (code < 0) {
		if (code == -ENOENT)
			error_set(error, "gnuplot is not installed");
		else
			error_set(error, "gnuplot: %s", strerror(-code));
		pipes_close(&pipes);
		return code;
	}
	code = pipes_read(&pipes, out, &complaints);
	if (code < 0)
		kill(pid, SIGKILL);
	waited = child_wait(pid, &status);
	if (code == -ETIMEDOUT) {
		error_set(error, "gnuplot did not end within %d s", PATIENCE_S);
	} else if (code < 0 || waited < 0) {
		code = code < 0 ? code : waited;
		error_set(error, "gnuplot: %s", strerror(-code));
	} else if (status != 0) {
		complaint_report(error, text_string(&complaints));
		code = -EINVAL;
	}
	text_destroy(&complaints);
	pipes_close(&pipes);
	return code;
}
