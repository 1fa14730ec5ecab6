/* Many processes under MPI: how they begin, agree and end. */
#include "lib/clock.h"
#include "loadgen/mpi/ranks_mpi.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What each says when it begins. */
struct hello {
	char host[65], version[32];
	uint64_t sizes[3]; /* of what is sent as it lies in memory */
};

struct agreement {
	int result;
	struct error error;
};

struct ranks_context ranks_context;

static uint64_t deadline_ns(void)
{
	return clock_now_ns() + RANKS_MOST_NS;
}

/* All end at once, on all machines. */
static void give_up(const char *why)
{
	fprintf(stderr, "tenk-load-mpi: %s\n", why);
	MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
}

static struct hello make_hello(void)
{
	struct hello hello = {.version = TENK_VERSION,
			      .sizes = {sizeof(struct result), sizeof(struct ranks_report),
					sizeof(struct ranks_orders)}};

	gethostname(hello.host, sizeof(hello.host) - 1);
	return hello;
}

static bool is_same_build(const struct hello *a, const struct hello *b)
{
	return strcmp(a->version, b->version) == 0 &&
	       memcmp(a->sizes, b->sizes, sizeof(a->sizes)) == 0;
}

static void meet_others(const struct hello *own)
{
	struct ranks_context *context = &ranks_context;
	char text[256];

	for (uint32_t i = 1; i < context->place.count; i++) {
		struct ranks_report *report = &context->reports[i];
		struct hello hello;

		if (!wire_receive((int)i, WIRE_HELLO, &hello, sizeof(hello), deadline_ns()) ||
		    !is_same_build(own, &hello)) {
			snprintf(text, sizeof(text),
				 "rank %u is not of the same build as rank 0 on %s: copy the same "
				 "tenk-load-mpi to all machines",
				 i, own->host);
			give_up(text);
		}
		memcpy(report->host, hello.host, sizeof(report->host));
		ranks_estimate_offset((int)i, &report->clock_offset_ns,
				      &report->clock_uncertain_ns);
		wire_send((int)i, WIRE_OFFSET, &report->clock_offset_ns,
			  sizeof(report->clock_offset_ns), deadline_ns());
	}
}

static void meet_rank_0(const struct hello *own)
{
	wire_send(0, WIRE_HELLO, own, sizeof(*own), deadline_ns());
	ranks_answer_pings();
	if (!wire_receive(0, WIRE_OFFSET, &ranks_context.offset_ns, sizeof(ranks_context.offset_ns),
			  deadline_ns()))
		give_up("rank 0 does not answer");
}

/*
 * On exit(3) in the midst of reading options. Most often all ranks do that alike; one that does it alone, since a
 * file is not there, tells rank 0, which would wait for it.
 */
static void finish(void)
{
	static struct agreement refused = {.result = -EINVAL,
					   .error.text =
						   "its command line is refused there: is a file "
						   "that it names on that machine, too?"};
	MPI_Request request;
	int finished = 0;

	MPI_Finalized(&finished);
	if (finished || ranks_context.is_broken)
		return;
	if (ranks_context.place.rank > 0)
		MPI_Isend(&refused, sizeof(refused), MPI_BYTE, 0, WIRE_AGREE, MPI_COMM_WORLD,
			  &request);
	MPI_Finalize();
}

static uint32_t count_here(void)
{
	MPI_Comm here;
	int count = 1;

	MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &here);
	MPI_Comm_size(here, &count);
	MPI_Comm_free(&here);
	return (uint32_t)count;
}

/*
 * MPI's own threads are not to take signals that are for whoever conducts: they would end the process. Threads of the
 * load do not speak.
 */
static void init_without_signals(int *argc, char ***argv)
{
	sigset_t signals, before;
	int provided;

	sigfillset(&signals);
	pthread_sigmask(SIG_BLOCK, &signals, &before);
	MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &provided);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void ranks_begin(int *argc, char ***argv)
{
	struct ranks_context *context = &ranks_context;
	int rank, count;
	struct hello hello;

	init_without_signals(argc, argv);
	MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &count);
	atexit(finish);
	context->place = (struct ranks_place){.rank = (uint32_t)rank, .count = (uint32_t)count};
	context->place.here = count_here();
	context->state_sending = MPI_REQUEST_NULL;
	hello = make_hello();
	if (rank > 0) {
		if (!freopen("/dev/null", "we", stdout) || !freopen("/dev/null", "we", stderr))
			give_up("cannot open /dev/null");
		meet_rank_0(&hello);
		return;
	}
	context->others = calloc((size_t)count, sizeof(*context->others));
	context->reports = calloc((size_t)count, sizeof(*context->reports));
	if (!context->others || !context->reports)
		give_up("out of memory");
	for (int i = 0; i < count; i++)
		context->others[i].sending = MPI_REQUEST_NULL;
	memcpy(context->reports[0].host, hello.host, sizeof(hello.host));
	meet_others(&hello);
}

void ranks_end(int status)
{
	if (ranks_context.is_broken) {
		fflush(NULL);
		MPI_Abort(MPI_COMM_WORLD, status ? status : EXIT_FAILURE);
	}
	MPI_Finalize();
	for (uint32_t i = 0; ranks_context.others && i < ranks_context.place.count; i++)
		free(ranks_context.others[i].intervals);
	free(ranks_context.others);
	free(ranks_context.reports);
}

struct ranks_place ranks_place(void)
{
	return ranks_context.place;
}

/* What others say of the last thing; the first that could not do it has its message told. */
static void hear_all(struct agreement *whole)
{
	unsigned failed = whole->result < 0;

	for (uint32_t i = 1; i < ranks_context.place.count; i++) {
		struct agreement one;

		if (!wire_receive((int)i, WIRE_AGREE, &one, sizeof(one), deadline_ns())) {
			one.result = -ETIMEDOUT;
			error_set(&one.error, "it does not answer");
			ranks_context.is_broken = true;
		}
		if (one.result == 0)
			continue;
		if (failed++ > 0)
			continue;
		*whole = one;
		error_prefix(&whole->error, "rank %u on %s", i, ranks_context.reports[i].host);
	}
}

int ranks_agree(int result, struct error *error)
{
	struct agreement whole = {.result = result};
	int verdict = -ETIMEDOUT;

	if (result < 0)
		whole.error = *error;
	if (ranks_context.place.rank > 0) {
		wire_send(0, WIRE_AGREE, &whole, sizeof(whole), deadline_ns());
		if (!wire_receive(0, WIRE_VERDICT, &verdict, sizeof(verdict), deadline_ns()))
			error_set(error, "rank 0 does not answer");
		return verdict;
	}
	hear_all(&whole);
	for (uint32_t i = 1; i < ranks_context.place.count; i++)
		wire_send((int)i, WIRE_VERDICT, &whole.result, sizeof(whole.result), deadline_ns());
	if (whole.result < 0)
		*error = whole.error;
	return whole.result;
}

void ranks_share(void *bytes, size_t size)
{
	if (ranks_context.place.rank > 0) {
		wire_receive(0, WIRE_SHARE, bytes, size, deadline_ns());
		return;
	}
	for (uint32_t i = 1; i < ranks_context.place.count; i++)
		wire_send((int)i, WIRE_SHARE, bytes, size, deadline_ns());
}
