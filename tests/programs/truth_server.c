/*
 * truth-server: answers as slowly as it is told to, and knows how slow it was.
 *
 * It is the independent truth that the load generator is tested against: from when the kernel got a
 * request (SO_TIMESTAMPNS) to sending its answer it takes the time itself, into a histogram of its
 * own, and GET /truth tells what is in it. --delay delays every answer, --slow a random share of them and all
 * to GET /slow, which are told apart too, --stall the whole server, again and again, as a garbage collector would.
 *
 * With --threads each thread has a listener, connections and a table of descriptors of its own, so
 * that it holds more connections than one process may open. A connection costs it 80 bytes.
 *
 * Try: truth-server --delay 5ms --listen 127.0.0.1:8080
 */
#include "lib/clock.h"
#include "lib/command_line.h"
#include "lib/histogram.h"
#include "lib/libc.h"
#include "lib/list.h"
#include "lib/random.h"
#include "lib/units.h"

#include <argp.h>
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { THREADS_MAX = 256, EVENTS_MAX = 256, BUFFER_BYTES = 65536 };

/* Waits of one length each, so that who begins first ends first. */
enum wait { WAIT_NONE, WAIT_NORMAL, WAIT_SLOW, WAITS };

static struct settings {
	struct sockaddr_in address;
	int ready_fd;
	uint64_t threads, stall_ns, every_ns, wait_ns[WAITS];
	double share;
} settings = {.ready_fd = -1, .threads = 1, .every_ns = 5 * NS_PER_S, .share = 0.005};

struct connection {
	struct list_node node;
	struct list *waits_in; /* with those that wait as long; NULL: no request is under way */
	uint64_t received_ns;  /* when it was read: its wait begins */
	uint64_t arrived_ns;   /* when it was there to be read: its time begins */
	int descriptor;
	unsigned requests;  /* read and not answered yet */
	uint8_t line_ends;  /* of "\r\n\r\n", how many bytes have come */
	uint8_t word_bytes; /* of what a request begins with */
	char word[sizeof("GET /truth")];
	bool asks_truth, asks_slow;
};

/* ThreadSanitizer knows of one table only, and takes equal numbers in two for a race. */
#ifdef __SANITIZE_THREAD__
#define TABLES_APART false
#else
#define TABLES_APART true
#endif

struct server {
	pthread_t thread;
	int listener, epoll_fd;
	struct list waiting[WAITS];
	struct random random;
	uint64_t stall_at_ns; /* 0: nothing has been asked yet */
	pthread_mutex_t lock; /* of the histogram, which another thread may read for /truth */
	struct histogram taken, taken_slow; /* all, and of GET /slow */
	char buffer[BUFFER_BYTES];
};

static struct server *servers[THREADS_MAX];

static void fail(const char *what)
{
	fprintf(stderr, "truth-server: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void say(struct connection *c, const char *text, size_t size)
{
	/* Answers are short and asked for one by one: a full buffer is a client that is gone. */
	if (send(c->descriptor, text, size, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)size)
		shutdown(c->descriptor, SHUT_RDWR);
}

static void tell_truth(struct connection *c)
{
	struct histogram *all = malloc(sizeof(*all)), *slow = malloc(sizeof(*slow));
	char body[512], text[1024];

	if (!all || !slow)
		fail("malloc");
	histogram_init(all);
	histogram_init(slow);
	for (uint64_t i = 0; i < settings.threads; i++) {
		pthread_mutex_lock(&servers[i]->lock);
		histogram_merge(all, &servers[i]->taken);
		histogram_merge(slow, &servers[i]->taken_slow);
		pthread_mutex_unlock(&servers[i]->lock);
	}
	snprintf(body, sizeof(body),
		 "{\"count\":%" PRIu64 ",\"p50_ns\":%" PRIu64 ",\"p90_ns\":%" PRIu64
		 ",\"p99_ns\":%" PRIu64 ",\"p99_9_ns\":%" PRIu64 ",\"max_ns\":%" PRIu64
		 ",\"slow_count\":%" PRIu64 ",\"slow_p50_ns\":%" PRIu64 "}\n",
		 all->total, histogram_percentile_ns(all, 50), histogram_percentile_ns(all, 90),
		 histogram_percentile_ns(all, 99), histogram_percentile_ns(all, 99.9), all->max_ns,
		 slow->total, histogram_percentile_ns(slow, 50));
	snprintf(text, sizeof(text), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s",
		 strlen(body), body);
	say(c, text, strlen(text));
	free(all);
	free(slow);
}

static void begin_wait(struct server *s, struct connection *c)
{
	enum wait wait = settings.wait_ns[WAIT_SLOW] && random_unit(&s->random) < settings.share
				 ? WAIT_SLOW
				 : WAIT_NORMAL;

	if (c->asks_slow)
		wait = WAIT_SLOW;
	if (c->asks_truth)
		wait = WAIT_NONE;
	c->received_ns = clock_now_ns();
	c->waits_in = &s->waiting[wait];
	list_append(c->waits_in, &c->node);
}

static void answer(struct server *s, struct connection *c)
{
	static const char good[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

	list_remove(c->waits_in, &c->node);
	c->waits_in = NULL;
	if (c->asks_truth) {
		tell_truth(c);
	} else {
		pthread_mutex_lock(&s->lock);
		histogram_record(&s->taken, clock_now_ns() - c->arrived_ns);
		if (c->asks_slow)
			histogram_record(&s->taken_slow, clock_now_ns() - c->arrived_ns);
		pthread_mutex_unlock(&s->lock);
		say(c, good, sizeof(good) - 1);
	}
	c->asks_truth = c->asks_slow = false;
	if (--c->requests > 0)
		begin_wait(s, c);
}

static void answer_what_is_due(struct server *s)
{
	for (enum wait wait = 0; wait < WAITS; wait++) {
		uint64_t now_ns = clock_now_ns();
		struct list_node *node;

		while ((node = s->waiting[wait].first)) {
			struct connection *c = LIST_ENTRY(node, struct connection, node);

			if (c->received_ns + settings.wait_ns[wait] > now_ns)
				break;
			answer(s, c);
		}
	}
}

static void drop(struct connection *c)
{
	if (c->waits_in)
		list_remove(c->waits_in, &c->node);
	close(c->descriptor);
	free(c);
}

/* Requests end with an empty line and have no body. */
static void take(struct connection *c, char byte)
{
	static const char line_ends[] = "\r\n\r\n";

	if (c->word_bytes < sizeof(c->word) - 1) {
		c->word[c->word_bytes++] = byte;
		c->word[c->word_bytes] = '\0';
		c->asks_truth |= strcmp(c->word, "GET /truth") == 0;
		c->asks_slow |= strcmp(c->word, "GET /slow") == 0;
	}
	c->line_ends = byte == line_ends[c->line_ends] ? (uint8_t)(c->line_ends + 1) : byte == '\r';
	if (c->line_ends == sizeof(line_ends) - 1) {
		c->requests++;
		c->line_ends = c->word_bytes = 0;
	}
}

/* The kernel's own time of when something came, of the clock that we use; now if it has none. */
static uint64_t arrival_ns(struct msghdr *message)
{
	uint64_t now_ns = clock_now_ns(), offset_ns = clock_read_ns(CLOCK_REALTIME) - now_ns;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		struct timespec time;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
			continue;
		memcpy(&time, CMSG_DATA(c), sizeof(time));
		return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_nsec - offset_ns;
	}
	return now_ns;
}

static void receive(struct server *s, struct connection *c)
{
	union {
		char bytes[CMSG_SPACE(sizeof(struct timespec))];
		struct cmsghdr align;
	} control;
	struct iovec into = {.iov_base = s->buffer, .iov_len = sizeof(s->buffer)};
	struct msghdr message = {.msg_iov = &into,
				 .msg_iovlen = 1,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof(control.bytes)};
	ssize_t size = recvmsg(c->descriptor, &message, 0);

	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (size <= 0) {
		drop(c);
		return;
	}
	c->arrived_ns = arrival_ns(&message);
	for (ssize_t i = 0; i < size; i++)
		take(c, s->buffer[i]);
	if (c->requests > 0 && !c->waits_in)
		begin_wait(s, c);
	if (s->stall_at_ns == 0 && settings.stall_ns > 0)
		s->stall_at_ns = clock_now_ns() + settings.every_ns;
}

static void accept_all(struct server *s)
{
	int descriptor;

	while ((descriptor = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		static const int one = 1;
		struct connection *c = calloc(1, sizeof(*c));
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};

		setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		setsockopt(descriptor, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof(one));
		if (!c || epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, descriptor, &event) < 0) {
			close(descriptor);
			free(c);
			continue;
		}
		c->descriptor = descriptor;
	}
}

/* Serves `every`, then does nothing at all for the length of the stall. */
static void stall_if_due(struct server *s)
{
	struct timespec until;

	if (s->stall_at_ns == 0 || clock_now_ns() < s->stall_at_ns)
		return;
	until = clock_to_timespec(s->stall_at_ns + settings.stall_ns);
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
		;
	s->stall_at_ns += settings.stall_ns + settings.every_ns;
}

static uint64_t next_deadline(const struct server *s)
{
	uint64_t deadline_ns = s->stall_at_ns ? s->stall_at_ns : UINT64_MAX;

	for (enum wait wait = 0; wait < WAITS; wait++) {
		const struct list_node *node = s->waiting[wait].first;
		uint64_t at_ns;

		if (!node)
			continue;
		at_ns = LIST_ENTRY(node, const struct connection, node)->received_ns +
			settings.wait_ns[wait];
		deadline_ns = at_ns < deadline_ns ? at_ns : deadline_ns;
	}
	return deadline_ns;
}

__attribute__((noreturn)) static void *serve(void *argument)
{
	struct server *s = argument;
	struct epoll_event events[EVENTS_MAX], accepts = {.events = EPOLLIN, .data.ptr = NULL};

	if (TABLES_APART && settings.threads > 1 && unshare(CLONE_FILES) < 0)
		fail("unshare");
	s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll_fd < 0 || epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, s->listener, &accepts) < 0)
		fail("epoll");
	prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
	for (;;) {
		uint64_t deadline_ns = next_deadline(s), now_ns = clock_now_ns();
		struct timespec wait = clock_to_timespec(deadline_ns > now_ns ? deadline_ns - now_ns
									      : 0);
		int count = epoll_pwait2(s->epoll_fd, events, EVENTS_MAX,
					 deadline_ns == UINT64_MAX ? NULL : &wait, NULL);

		stall_if_due(s);
		for (int i = 0; i < count; i++) {
			if (events[i].data.ptr)
				receive(s, events[i].data.ptr);
			else
				accept_all(s);
		}
		answer_what_is_due(s);
	}
}

static void open_listener(struct server *s)
{
	static const int one = 1;
	socklen_t size = sizeof(settings.address);

	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->listener < 0 ||
	    setsockopt(s->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    (settings.threads > 1 &&
	     setsockopt(s->listener, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)) < 0) ||
	    bind(s->listener, (struct sockaddr *)&settings.address, size) < 0 ||
	    listen(s->listener, SOMAXCONN) < 0 ||
	    /* The others take the port that the first was given. */
	    getsockname(s->listener, (struct sockaddr *)&settings.address, &size) < 0)
		fail("cannot listen");
}

static void parse_listen(const struct argp_state *state, const char *text)
{
	char host[INET_ADDRSTRLEN];
	const char *colon = strchr(text, ':');

	settings.address.sin_family = AF_INET;
	if (!colon || (size_t)(colon - text) >= sizeof(host)) {
		argp_error(state, "--listen: \"%s\" is not ADDRESS:PORT", text);
		return;
	}
	snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text);
	settings.address.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
	if (inet_pton(AF_INET, host, &settings.address.sin_addr) != 1)
		argp_error(state, "--listen: \"%s\" is not an IPv4 address", host);
}

enum {
	KEY_LISTEN = 256,
	KEY_READY,
	KEY_THREADS,
	KEY_DELAY,
	KEY_STALL,
	KEY_EVERY,
	KEY_SLOW,
	KEY_SHARE
};

static const struct argp_option option_table[] = {
	{"listen", KEY_LISTEN, "ADDRESS:PORT", 0, "IPv4 only; port 0 is any that is free", 0},
	{"ready-fd", KEY_READY, "FD", 0, "write a line with the port there", 0},
	{"threads", KEY_THREADS, "N", 0, "threads, each with descriptors of its own (1)", 0},
	{"delay", KEY_DELAY, "TIME", 0, "from reading a request to answering it (0)", 0},
	{"stall", KEY_STALL, "TIME", 0, "do nothing at all for so long, again and again", 0},
	{"every", KEY_EVERY, "TIME", 0, "how long to serve between two stalls (5s)", 0},
	{"slow", KEY_SLOW, "TIME", 0, "delay of a random share of the answers", 0},
	{"share", KEY_SHARE, "RATIO", 0, "which share that is (0.5%)", 0},
	{0},
};

static const struct {
	int key;
	enum unit_kind kind;
	uint64_t *value;
} quantities[] = {
	{KEY_THREADS, UNIT_COUNT, &settings.threads},
	{KEY_DELAY, UNIT_DURATION, &settings.wait_ns[WAIT_NORMAL]},
	{KEY_STALL, UNIT_DURATION, &settings.stall_ns},
	{KEY_EVERY, UNIT_DURATION, &settings.every_ns},
	{KEY_SLOW, UNIT_DURATION, &settings.wait_ns[WAIT_SLOW]},
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct error error;

	for (size_t i = 0; i < sizeof(quantities) / sizeof(quantities[0]); i++)
		if (quantities[i].key == key) {
			if (units_parse_integer(quantities[i].kind, text, quantities[i].value,
						&error) < 0)
				argp_error(state, "%s", error.text);
			return 0;
		}
	switch (key) {
	case KEY_LISTEN:
		parse_listen(state, text);
		return 0;
	case KEY_READY:
		settings.ready_fd = (int)strtol(text, NULL, 10);
		return 0;
	case KEY_SHARE:
		if (units_parse_real(UNIT_RATIO, text, &settings.share, &error) < 0)
			argp_error(state, "%s", error.text);
		return 0;
	case ARGP_KEY_END:
		if (settings.threads < 1 || settings.threads > THREADS_MAX)
			argp_error(state, "--threads: from 1 to %d", THREADS_MAX);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int main(int argc, char **argv)
{
	static const struct argp argp = {.options = option_table,
					 .parser = parse_option,
					 .doc = "Answers as slowly as it is told to, and keeps "
						"record of it (GET /truth)."};

	settings.address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	settings.address.sin_family = AF_INET;
	command_line_read(&argp, argc, argv, NULL);
	for (uint64_t i = 0; i < settings.threads; i++) {
		struct server *s = calloc(1, sizeof(*s));

		if (!s)
			fail("calloc");
		histogram_init(&s->taken);
		histogram_init(&s->taken_slow);
		random_seed(&s->random, i + 1);
		pthread_mutex_init(&s->lock, NULL);
		open_listener(s);
		servers[i] = s;
	}
	for (uint64_t i = 0; i < settings.threads; i++)
		if ((errno = pthread_create(&servers[i]->thread, NULL, serve, servers[i])))
			fail("cannot start a thread");
	if (settings.ready_fd < 0)
		printf("listening on port %u\n", ntohs(settings.address.sin_port));
	else if (dprintf(settings.ready_fd, "{\"event\":\"ready\",\"port\":%u}\n",
			 ntohs(settings.address.sin_port)) < 0)
		fail("--ready-fd");
	fflush(stdout);
	pthread_join(servers[0]->thread, NULL);
	return 0;
}
