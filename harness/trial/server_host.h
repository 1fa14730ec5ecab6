/*
 * Another machine on which servers run and are sampled, reached by ssh: near is this tenk, far a "tenk agent" of the
 * same build (server_agent.h), which does there what a trial asks for by the same functions as it would here.
 *
 * Every call has an end. One that is not answered in time, or whose connection breaks, loses the machine: whatever is
 * asked from then on fails at once with the reason, until server_host_reach is called again. The agent ends its server
 * when the connection does.
 */
#ifndef TENK_SERVER_HOST_H
#define TENK_SERVER_HOST_H

#include "harness/process/process.h"
#include "harness/trial/server_host_wire.h"
#include "lib/error.h"

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

enum { SERVER_HOST_BYTES = 256 };

struct server_host {
	char name[SERVER_HOST_BYTES]; /* as ssh takes it; "": there is none, servers run here */
	char program[PATH_MAX];	      /* tenk over there */
	char own_program[PATH_MAX];   /* the one that runs here, of which that one must be */
	struct process ssh;
	int wire; /* a socket to it; -1: it is not connected */
	/* Once it was reached: */
	struct machine_limits limits;
	char threads_by[64];
	cpu_set_t cores;		     /* that servers may have */
	bool interrupts_apart;		     /* as in struct observation */
	char address[SETTING_ADDRESS_BYTES]; /* by which this machine reaches it */
	json_t *environment;
	char lost[SERVER_HOST_LOST_BYTES]; /* why it is gone; "": it is not */
	uint64_t busy_until_ns; /* until then it may still have a server from before it was lost */
};

/* What goes on the command line: "b", "me@b", or with the path of tenk there "b:/opt/tenk". 0 or -EINVAL with a message. */
int server_host_name(struct server_host *host, const char *text, struct error *error);

/* Connects, unless it is connected, and learns what there is. 0 or -errno with a message. */
int server_host_reach(struct server_host *host, struct error *error);

/*
 * Asks, and waits for the answer, for so long at most. 0: there is one (which may tell of a failure of its own);
 * -EHOSTUNREACH: the machine is lost, and host->lost says why.
 */
int server_host_ask(struct server_host *host, const struct host_request *request,
		    struct host_answer *answer, uint64_t timeout_ns);

/* Whether it was lost meanwhile, without asking it. */
bool server_host_is_lost(struct server_host *host);

/* Ends the connection, and with it the agent and its server. */
void server_host_leave(struct server_host *host);

#endif
