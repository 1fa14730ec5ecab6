/* The address of this machine from which another one is reached. */
#ifndef TENK_OWN_ADDRESS_H
#define TENK_OWN_ADDRESS_H

#include <sys/socket.h>

/*
 * As the kernel would choose it: of a datagram socket that is connected nothing is sent. 0, or -errno: it cannot be reached.
 */
int own_address_find(const struct sockaddr *to, socklen_t to_bytes, struct sockaddr_storage *own);

#endif
