/*
 * Who listens on a port: the process behind a server that tenk did not start, or the one that has
 * the port which somebody else wants.
 */
#ifndef TENK_LISTENING_H
#define TENK_LISTENING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct listening {
	pid_t pid;     /* the parent of the others, if there are several; 0: not found */
	char name[32]; /* as ps(1) has it */
	bool alone;    /* no other process has the socket, and it has no children */
	char why[160]; /* why it was not found */
};

/*
 * Looks through /proc for the process that has the listening socket of that IPv4 or IPv6 address
 * ("127.0.0.1", "::1"), or of all addresses; those of any address count for each. Only processes of this user are seen, or all by root.
 */
void listening_find(struct listening *listening, const char *host, uint16_t port);

#endif
