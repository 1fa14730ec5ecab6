/*
 * Machines that load a server together, by tenk-load-mpi (docs/many-machines.md): "a,b:2", a name each and how many
 * ranks run there, as mpirun's --host has it.
 */
#ifndef TENK_LOAD_HOSTS_H
#define TENK_LOAD_HOSTS_H

#include "harness/catalogue/settings.h"
#include "lib/error.h"

/* How many ranks that is. */
unsigned load_hosts_count(const char *hosts);

/* 0, or -EINVAL with a message: a name is empty, or a number is none. */
int load_hosts_check(const char *hosts, struct error *error);

/* The address of this machine by which the first of them reaches it. 0, or -errno with a message. */
int load_hosts_find_way(const char *hosts, char address[SETTING_ADDRESS_BYTES],
			struct error *error);

/* Where mpirun is, by PATH; "": nowhere. */
const char *load_hosts_mpirun(void);

#endif
