/*
 * What a trial does where its server is: on this machine by the functions that are for that, on another one (the
 * context's host) by asking its agent, which uses the same. Private to trial/.
 */
#ifndef TENK_SERVER_SIDE_H
#define TENK_SERVER_SIDE_H

#include "harness/machine/free_memory.h"
#include "harness/trial/parts.h"

/*
 * Starts the trial's server, having noted of memory how it was without. 0 or -errno with a message; -EHOSTUNREACH: its
 * machine is lost, which is no server's fault.
 */
int server_side_start(struct trial *trial, const struct server_entry *entry,
		      const struct server_settings *settings, struct error *error);

/* Whether it has died by itself; then trial->server.process says how. */
bool server_side_has_ended(struct trial *trial);

/* Stops it if it still runs; afterwards trial->server.process says how it ended. True: had to kill. */
bool server_side_stop(struct trial *trial);

/* Processes and cores of the server, and of this machine what the generator has. */
void server_side_sample(struct trial *trial, struct sample *sample, enum sample_edge edge);

/* All there is of its memory, into trial->seen, with the generator's group. */
void server_side_read_memory(struct trial *trial);

/* Its threads, for the most that there were; and how often the kernel has killed of its processes. */
void server_side_watch(struct trial *trial);
unsigned server_side_kills(struct trial *trial);

/* The kernel's own threads, where the server is and where the generator is. */
void server_side_read_kernel_threads(struct trial *trial, struct kernel_threads *there,
				     struct kernel_threads *here);

/* How much memory is left, where there is less than shall be kept; on another machine with what server_side_watch is for. */
void server_side_read_free(struct trial *trial, struct free_memory *memory);

/* Whether the machine of the server is lost, or refused the trial, with the verdict when that is seen first. */
bool server_side_is_lost(struct trial *trial);

#endif
