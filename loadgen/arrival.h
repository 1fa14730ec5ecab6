/* When what is read came: by the kernel's stamp, where SO_TIMESTAMPNS was asked for. */
#ifndef TENK_ARRIVAL_H
#define TENK_ARRIVAL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * As recv(2), and when the kernel got the last of it, in nanoseconds of CLOCK_REALTIME; 0 if it does
 * not tell.
 */
ssize_t arrival_receive(int descriptor, char *buffer, size_t size, uint64_t *stamp_ns);

#endif
