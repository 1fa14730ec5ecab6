/*
 * What a request adds to the figures of the parts of a load that have some of their own: of its kind, where there
 * are several, and of its stage. A load without parts is not to pay for them: who calls this looks at `any` first.
 * It knows no clock: each function is told what time it is.
 */
#ifndef TENK_PARTS_H
#define TENK_PARTS_H

#include "loadgen/exchange.h"
#include "loadgen/kinds.h"
#include "loadgen/tally.h"

struct parts {
	bool any;
	struct tally *of_kinds, *of_stages; /* an array each; NULL: there are none of them */
	struct kinds *kinds;
	bool open_loop; /* service times are apart from response times */
	/* Of gaps.h: when the first of the window's begins, how many it has, and slices before it had. */
	uint64_t start_ns;
	size_t windows, windows_before;
};

/* When the window is, of which the end may still change; and that another may follow. */
void parts_set_window(struct parts *parts, uint64_t start_ns, uint64_t end_ns);
void parts_rest(struct parts *parts);

/* A request that counts was sent; is a sample; is one that is no more than a lower bound. */
void parts_send(const struct parts *parts, const struct exchange *exchange);
void parts_record(const struct parts *parts, const struct exchange *exchange, uint64_t now_ns);
void parts_bound(const struct parts *parts, const struct exchange *exchange, uint64_t now_ns);

/*
 * One that counts or not had a good answer of so many bytes; none in time; or has failed, which is told of one that
 * had none in time too. `counting`: what happens now is part of an interval.
 */
void parts_answer(const struct parts *parts, const struct exchange *exchange, uint64_t bytes,
		  uint64_t now_ns, bool counting);
void parts_time_out(const struct parts *parts, const struct exchange *exchange, uint64_t now_ns,
		    bool counting);
void parts_fail(const struct parts *parts, const struct exchange *exchange, enum error_class class,
		uint64_t now_ns, bool counting);

/* One in the window has failed before it could be sent. */
void parts_fail_unsent(const struct parts *parts, const struct exchange *exchange,
		       enum error_class class);

/* Nobody waits any more for the answer to one that was sent, or for one in the window that was not. */
void parts_leave(const struct parts *parts, const struct exchange *exchange, uint64_t now_ns);
void parts_leave_unsent(const struct parts *parts, const struct exchange *exchange,
			uint64_t now_ns);

#endif
