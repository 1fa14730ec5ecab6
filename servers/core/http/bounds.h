/*
 * How much is done at once. The same for every model that brings no reading and writing of its own,
 * so that models differ in how they wait, and not in how much they carry each time. What has an option
 * is so unless that says otherwise.
 */
#ifndef TENK_BOUNDS_H
#define TENK_BOUNDS_H

enum {
	/*
	 * Received with one call at most. A thread, whose stack is what its connection costs, begins
	 * with a few hundred bytes, and takes as much as others from those who have sent more. --buffer.
	 */
	HTTP_INPUT_BYTES = 16384,
	/*
	 * Of answers that leave together: heads and small bodies, 29 times that of GET /plaintext. The
	 * rest of a large body goes with the last of them, as far as there are pieces for it.
	 */
	HTTP_BATCH_BYTES = 4096,
	/* Accepted in a turn, before others have theirs. --accepts-per-turn. */
	ACCEPTS_PER_TURN = 64,
	/* Learnt with one wait, where the kernel keeps the list. --events-per-wait. */
	EVENTS_PER_WAIT = 256,
};

#endif
