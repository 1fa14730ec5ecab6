/* A request that is under way, and what is known of it. */
#ifndef TENK_EXCHANGE_H
#define TENK_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>

struct exchange {
	uint64_t due_ns;	/* when it should have been sent; in a closed loop, when it was */
	uint64_t sent_ns;	/* when we sent it */
	uint64_t first_byte_ns; /* with --first-byte, of an answer that came in parts; else 0 */
	uint8_t request;	/* which one of the mix */
	uint8_t stage;
	uint16_t status; /* of its answer */
	bool counts;	 /* it belongs to the window: it was due in it */
};

#endif
