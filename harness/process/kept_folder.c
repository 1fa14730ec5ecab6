#include "harness/process/kept_folder.h"

#include "lib/libc.h"
#include "lib/temporary.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Waits for SIGTERM, which it gets when its parent dies too, and for nothing else. */
static _Noreturn void keep(const char *path, pid_t parent)
{
	sigset_t all, term;
	int number;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	setpgid(0, 0); /* Ctrl-C is for tenk, which then says when */
	close_range(0, ~0U, 0);
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && getppid() == parent)
		while (sigwait(&term, &number) != 0)
			;
	temporary_remove(path);
	_exit(0);
}

int kept_folder_make(struct kept_folder *folder, const char *name, struct error *error)
{
	pid_t parent = getpid();
	int code = 0;

	*folder = (struct kept_folder){0};
	temporary_template(folder->path, sizeof folder->path, name);
	if (!mkdtemp(folder->path)) {
		code = -errno;
		error_set(error, "cannot make a folder %s: %s", folder->path, strerror(-code));
		folder->path[0] = '\0';
		return code;
	}
	folder->keeper = fork();
	if (folder->keeper == 0)
		keep(folder->path, parent);
	if (folder->keeper < 0 || chmod(folder->path, 0755) < 0) {
		code = -errno;
		error_set(error, "cannot keep a folder %s: %s", folder->path, strerror(-code));
		kept_folder_remove(folder);
	}
	return code;
}

void kept_folder_remove(struct kept_folder *folder)
{
	if (folder->keeper > 0) {
		kill(folder->keeper, SIGTERM);
		while (waitpid(folder->keeper, NULL, 0) < 0 && errno == EINTR)
			;
	}
	temporary_remove(folder->path); /* if there was no keeper */
	*folder = (struct kept_folder){0};
}
