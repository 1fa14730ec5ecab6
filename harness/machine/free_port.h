/* A port for a server that cannot choose one itself. */
#ifndef TENK_FREE_PORT_H
#define TENK_FREE_PORT_H

#include <stdint.h>

/*
 * A port of 127.0.0.1 that nobody has now, and that no connection will be given: one that the kernel
 * deals out (ip_local_port_range) may be anybody's before a server that takes its time listens on it.
 * Where it deals out nearly all, any. `root`: where /proc is found, "" but for tests. 0 or -errno.
 */
int free_port_find(const char *root, uint16_t *port);

#endif
