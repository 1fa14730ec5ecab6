/*
 * The far end of server_host.h: what `tenk agent` does on a machine whose servers a tenk on another one measures. It runs
 * one server at a time, by the same functions as a trial does here.
 */
#ifndef TENK_SERVER_AGENT_H
#define TENK_SERVER_AGENT_H

#include "lib/error.h"

/*
 * Greets and serves, reading from one descriptor and writing to the other, until it is told nothing any more; then ends its
 * server. 0, or -errno with a message.
 */
int server_agent_run(int from, int to, struct error *error);

#endif
