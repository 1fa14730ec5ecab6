#include "servers/core/http/counters.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <unistd.h>

enum { PLACES_MOST = 1024, LINE_BYTES = 1024, HANDLER_STACK_BYTES = 32768 };

/* Until counters_open: for programs that use core without it. */
static struct counters at_first;
struct counters *counters_places = &at_first;
unsigned counters_mask; /* one less than there are */

static pid_t owner;

/* The groups of the line, and each counter's key there. */
static const struct {
	const char *group; /* begins with this one; NULL: goes on */
	const char *key;
} keys[COUNTERS] = {
	[COUNTER_ACCEPTED] = {"", "accepted"},
	[COUNTER_REQUESTS] = {NULL, "requests"},
	[REFUSED_LIMIT] = {"refused", "limit"},
	[REFUSED_MEMORY] = {NULL, "memory"},
	[REFUSED_WORKER] = {NULL, "worker"},
	[REFUSED_UNWATCHED] = {NULL, "unwatched"},
	[ACCEPT_SHORTAGE] = {"accept", "shortage"},
	[ACCEPT_ABORTED] = {NULL, "aborted"},
	[CLOSED_PEER] = {"closed", "peer"},
	[CLOSED_PEER_MIDWAY] = {NULL, "peer_midway"},
	[CLOSED_ANSWERED] = {NULL, "answered"},
	[CLOSED_REFUSED] = {NULL, "refused"},
	[CLOSED_HEADER_TIMEOUT] = {NULL, "header_timeout"},
	[CLOSED_BODY_TIMEOUT] = {NULL, "body_timeout"},
	[CLOSED_IDLE_TIMEOUT] = {NULL, "idle_timeout"},
	[CLOSED_WRITE_TIMEOUT] = {NULL, "write_timeout"},
	[CLOSED_BROKEN] = {NULL, "broken"},
	[CLOSED_MEMORY] = {NULL, "memory"},
	[CLOSED_STOP] = {NULL, "stop"},
	[CLOSED_KILLED] = {NULL, "killed"},
};

uint64_t counters_sum(enum counter which)
{
	uint64_t sum = 0;

	for (size_t i = 0; i <= counters_mask; i++)
		sum += atomic_load_explicit(&counters_places[i].values[which],
					    memory_order_relaxed);
	return sum;
}

/* All that were accepted first: who counts meanwhile may then only seem to be gone. */
uint64_t counters_open_connections(void)
{
	uint64_t accepted = counters_sum(COUNTER_ACCEPTED), gone = 0;

	for (size_t i = 0; i <= counters_mask; i++)
		for (int which = REFUSED_LIMIT; which < COUNTERS; which++)
			if (which <= REFUSED_UNWATCHED || which >= CLOSED_PEER)
				gone += atomic_load_explicit(&counters_places[i].values[which],
							     memory_order_relaxed);
	return accepted > gone ? accepted - gone : 0;
}

/* By hand: what stdio offers must not be called from a signal handler. */
static char *put_text(char *to, const char *text)
{
	size_t length = strlen(text);

	memcpy(to, text, length);
	return to + length;
}

static char *put_value(char *to, const char *key, uint64_t value)
{
	char digits[21] = {0};
	size_t start = sizeof digits - 1;

	do {
		digits[--start] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	to = put_text(to, "\"");
	to = put_text(to, key);
	to = put_text(to, "\":");
	return put_text(to, digits + start);
}

void counters_print(int fd)
{
	char line[LINE_BYTES], *to = put_text(line, "{\"event\":\"counters\",");
	bool grouped = false;

	to = put_value(to, "open", counters_open_connections());
	for (int i = 0; i < COUNTERS; i++) {
		const char *group = keys[i].group;

		if (group && *group) {
			to = put_text(to, grouped ? "},\"" : ",\"");
			to = put_text(to, group);
			to = put_text(to, "\":{");
			grouped = true;
		} else {
			to = put_text(to, ",");
		}
		to = put_value(to, keys[i].key, counters_sum((enum counter)i));
	}
	to = put_text(to, "}}\n");
	if (write(fd, line, (size_t)(to - line)) < 0)
		return; /* nobody to tell */
}

/* A child that inherited the handler has nothing to say: its parent knows all. */
static void on_question(int number)
{
	int saved = errno;

	(void)number;
	if (getpid() == owner)
		counters_print(STDERR_FILENO);
	errno = saved;
}

int counters_open(void)
{
	static char handler_stack[HANDLER_STACK_BYTES]; /* a coroutine's may be too small */
	stack_t stack = {.ss_sp = handler_stack, .ss_size = sizeof handler_stack};
	struct sigaction question = {.sa_handler = on_question,
				     .sa_flags = SA_RESTART | SA_ONSTACK};
	unsigned count = 1, processors = (unsigned)get_nprocs_conf();
	void *shared;

	while (count < processors && count < PLACES_MOST)
		count *= 2;
	shared = mmap(NULL, count * sizeof(struct counters), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return -errno;
	counters_places = shared;
	counters_mask = count - 1;
	owner = getpid();
	sigemptyset(&question.sa_mask);
	if (sigaltstack(&stack, NULL) < 0 || sigaction(SIGUSR1, &question, NULL) < 0)
		return -errno;
	return 0;
}
