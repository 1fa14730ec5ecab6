#include "loadgen/orders.h"
#include "lib/clock.h"
#include "lib/units.h"
#include "loadgen/failure.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { SHOWN_BYTES = 64 };

#define LENGTH_LEAST_NS NS_PER_MS
#define LENGTH_MOST_NS	(3600 * NS_PER_S)

/* Of a line that goes on and on a beginning is enough. */
static enum orders_step refuse(const struct orders *orders, const char *text, const char *why,
			       struct error *error)
{
	char shown[SHOWN_BYTES];

	error_set(error,
		  "--slices-fd, line %u: \"%s\": %s; a line is \"lead TIME\", \"slice TIME\" or "
		  "\"end\", such as \"slice 100ms\"",
		  orders->line, failure_show_bytes(text, strlen(text), shown, sizeof(shown)), why);
	return ORDERS_WRONG;
}

static enum orders_step parse(const struct orders *orders, const char *text, struct order *order,
			      struct error *error)
{
	static const char *const words[] = {[ORDER_LEAD] = "lead ", [ORDER_SLICE] = "slice "};
	struct error problem;

	*order = (struct order){.kind = ORDER_END};
	if (strcmp(text, "end") == 0)
		return ORDERS_TAKEN;
	for (enum order_kind kind = ORDER_LEAD; kind <= ORDER_SLICE; kind++) {
		if (strncmp(text, words[kind], strlen(words[kind])) != 0)
			continue;
		order->kind = kind;
		if (units_parse_integer(UNIT_DURATION, text + strlen(words[kind]),
					&order->length_ns, &problem) < 0)
			return refuse(orders, text, problem.text, error);
		if (order->length_ns < LENGTH_LEAST_NS || order->length_ns > LENGTH_MOST_NS)
			return refuse(orders, text, "the time is from 1ms to 1h", error);
		return ORDERS_TAKEN;
	}
	return refuse(orders, text, "that is no order", error);
}

/* What the descriptor has, without waiting for it: whether others wait on it is theirs to say. */
static void receive(struct orders *orders)
{
	struct pollfd ready = {.fd = orders->descriptor, .events = POLLIN};
	ssize_t size;

	if (poll(&ready, 1, 0) != 1)
		return;
	size = read(orders->descriptor, orders->buffer + orders->size,
		    sizeof(orders->buffer) - orders->size);

	if (size > 0)
		orders->size += (size_t)size;
	else if (size == 0 || (errno != EAGAIN && errno != EINTR))
		orders->ended = true;
}

enum orders_step orders_next(struct orders *orders, struct order *order, struct error *error)
{
	char text[ORDERS_LINE_BYTES];
	const char *end = memchr(orders->buffer, '\n', orders->size);
	size_t length;

	if (!end && !orders->ended) {
		receive(orders);
		end = memchr(orders->buffer, '\n', orders->size);
	}
	if (!end && orders->ended) {
		*order = (struct order){.kind = ORDER_END};
		return ORDERS_TAKEN;
	}
	if (!end && orders->size < sizeof(orders->buffer))
		return ORDERS_NONE;
	orders->line++;
	length = end ? (size_t)(end - orders->buffer) : sizeof(text) - 1;
	memcpy(text, orders->buffer, length);
	text[length] = '\0';
	if (!end)
		return refuse(orders, text, "the line does not end", error);
	orders->size -= length + 1;
	memmove(orders->buffer, end + 1, orders->size);
	return parse(orders, text, order, error);
}
