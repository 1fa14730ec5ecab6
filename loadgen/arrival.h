/* When what is read came: by the kernel's stamp, where that was asked for. */
#ifndef TENK_ARRIVAL_H
#define TENK_ARRIVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Has the kernel stamp what comes on that socket, or not. Where it does not know how, nothing is told.
 * By SO_TIMESTAMPING, since that can be taken back: with SO_TIMESTAMPNS the kernel goes on to stamp every
 * packet of the machine until the socket is closed, which costs 3 % of a fast request.
 */
void arrival_ask(int descriptor, bool stamps);

/*
 * How long ago the last of it came on a TCP connection, as the kernel remembers it by itself: to a step
 * of its coarse clock, some milliseconds. 0: no longer ago than that, or not known.
 */
uint64_t arrival_age_ns(int descriptor);

/*
 * As recv(2), and when the kernel got the last of it, in nanoseconds of CLOCK_REALTIME; 0 if it does
 * not tell.
 */
ssize_t arrival_receive(int descriptor, char *buffer, size_t size, uint64_t *stamp_ns);

#endif
