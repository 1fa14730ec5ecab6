/* What a request asked for that takes time: a part of its reply until that has begun. */
#ifndef TENK_TASK_REQUEST_H
#define TENK_TASK_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

struct task_kind;
struct served_file;

enum { TASK_NUMBERS = 2 };

struct task_request {
	const struct task_kind *kind; /* NULL: nothing */
	uint64_t numbers[TASK_NUMBERS];
	const char *text; /* NAME of the route, as long as the request is there; not terminated */
	uint16_t text_length;
	bool flag; /* the route's `?word` was there */
	struct served_file
		*file; /* of which more is to be read (file_served.h), and it owns it; else NULL */
	uint64_t delay_ns; /* has to pass first (inject.h); 0: nothing */
};

#endif
