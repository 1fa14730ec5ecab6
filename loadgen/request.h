/* The request's bytes: built once, before the first connection, and sent as they are. */
#ifndef TENK_REQUEST_H
#define TENK_REQUEST_H

#include "lib/error.h"
#include "loadgen/options.h"
#include "loadgen/target.h"

struct request {
	char *bytes; /* malloc'ed */
	size_t size;
	bool is_head; /* answers have no body */
};

/*
 * Method, target, Host, the headers asked for, Content-Length where there is a body or the method
 * expects one, and the body. 0, -ENOMEM, or -EINVAL with a message.
 */
int request_build(struct request *request, const struct options *options,
		  const struct target *target, struct error *error);
void request_destroy(struct request *request);

#endif
