/*
 * What somebody who conducts a run in slices (--slices-fd) wants next. A line each, which ends with a
 * newline:
 *
 *	lead 20ms	offer load for so long, and count nothing
 *	slice 100ms	offer load for so long: what is due in it is measured
 *	end		that is all; so is the end of the file
 */
#ifndef TENK_ORDERS_H
#define TENK_ORDERS_H

#include "lib/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ORDERS_LINE_BYTES = 128 };

struct order {
	enum order_kind { ORDER_LEAD, ORDER_SLICE, ORDER_END } kind;
	uint64_t length_ns; /* of a lead or a slice */
};

struct orders {
	int descriptor; /* a pipe's or a socket's end to read from; it stays the caller's */
	char buffer[ORDERS_LINE_BYTES];
	size_t size;   /* of what was read and not taken */
	unsigned line; /* the number of the last that was taken, from 1 on */
	bool ended;    /* nothing more will come */
};

enum orders_step {
	ORDERS_TAKEN, /* there was one */
	ORDERS_NONE,  /* there is none yet: wait until the descriptor can be read */
	ORDERS_WRONG, /* what came is no order: the error says which line, and what would be one */
};

/* The next order; does not wait for it. A last line without its newline was cut off, and is none. */
enum orders_step orders_next(struct orders *orders, struct order *order, struct error *error);

#endif
