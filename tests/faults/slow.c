/*
 * A library to be loaded before all others (LD_PRELOAD) on which a process and a thread take
 * TENK_SLOW_US microseconds more to make, as they do on small and busy machines. Programs that are
 * started with another environment are slowed all the same: what loads it is handed on.
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* The function that this one stands in front of. */
#define REAL(function)                     \
	static __typeof__(function) *real; \
	if (!real)                         \
	real = (__typeof__(real))dlsym(RTLD_NEXT, #function)

enum { TEXT_MOST = 4096, VARIABLES_MOST = 1024 };

static char ours[TEXT_MOST / 2], delay_text[64];
static struct timespec delay;

__attribute__((constructor)) static void read_environment(void)
{
	const char *text = getenv("TENK_SLOW_US"), *libraries = getenv("LD_PRELOAD");
	long us = text ? strtol(text, NULL, 10) : 0;

	delay = (struct timespec){.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
	snprintf(delay_text, sizeof delay_text, "TENK_SLOW_US=%ld", us);
	snprintf(ours, sizeof ours, "%s", libraries ? libraries : "");
}

/* Not by nanosleep, which others may stand in front of. */
static void take_time(void)
{
	struct timespec left = delay;
	int kept = errno;

	while (syscall(SYS_nanosleep, &left, &left) < 0 && errno == EINTR)
		;
	errno = kept;
}

pid_t fork(void)
{
	REAL(fork);
	take_time();
	return real();
}

/* The kernel lets the parent wait; whoever does not need that is content with a fork. */
pid_t vfork(void)
{
	return fork();
}

int clone(int (*run)(void *), void *stack, int flags, void *argument, ...)
{
	va_list more;
	void *parent_tid, *tls, *child_tid;
	REAL(clone);

	va_start(more, argument);
	parent_tid = va_arg(more, void *);
	tls = va_arg(more, void *);
	child_tid = va_arg(more, void *);
	va_end(more);
	take_time();
	return real(run, stack, flags, argument, parent_tid, tls, child_tid);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
		   void *argument)
{
	REAL(pthread_create);
	take_time();
	return real(thread, attributes, start, argument);
}

/* --- handing on ------------------------------------------------------------------------------- */

static const char *value_of(char *const *environment, const char *name)
{
	size_t length = strlen(name);

	for (; environment && *environment; environment++)
		if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=')
			return *environment + length + 1;
	return NULL;
}

/* An environment that is handed on, on the stack: a child of vfork may not allocate. */
struct handed_on {
	char *variables[VARIABLES_MOST];
	char text[TEXT_MOST];
};

/* Adds our library behind those that are loaded anyway. What does not fit stays as it is. */
static char *const *hand_on(struct handed_on *made, char *const *environment)
{
	const char *others = value_of(environment, "LD_PRELOAD");
	size_t count = 0;

	for (char *const *v = environment; v && *v; v++) {
		if (count == VARIABLES_MOST - 3)
			return environment;
		if (strncmp(*v, "LD_PRELOAD=", strlen("LD_PRELOAD=")) != 0 &&
		    strncmp(*v, "TENK_SLOW_US=", strlen("TENK_SLOW_US=")) != 0)
			made->variables[count++] = *v;
	}
	if (!others || !*others || strstr(others, ours))
		snprintf(made->text, TEXT_MOST, "LD_PRELOAD=%s", others && *others ? others : ours);
	else
		snprintf(made->text, TEXT_MOST, "LD_PRELOAD=%s:%s", others, ours);
	made->variables[count++] = made->text;
	made->variables[count++] = delay_text;
	made->variables[count] = NULL;
	return made->variables;
}

int execve(const char *path, char *const arguments[], char *const environment[])
{
	struct handed_on made;
	REAL(execve);

	return real(path, arguments, hand_on(&made, environment));
}

int execvpe(const char *file, char *const arguments[], char *const environment[])
{
	struct handed_on made;
	REAL(execvpe);

	return real(file, arguments, hand_on(&made, environment));
}

int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
		const posix_spawnattr_t *attributes, char *const arguments[],
		char *const environment[])
{
	struct handed_on made;
	REAL(posix_spawn);

	take_time();
	return real(pid, path, actions, attributes, arguments, hand_on(&made, environment));
}

int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
		 const posix_spawnattr_t *attributes, char *const arguments[],
		 char *const environment[])
{
	struct handed_on made;
	REAL(posix_spawnp);

	take_time();
	return real(pid, file, actions, attributes, arguments, hand_on(&made, environment));
}
