'use strict';
/*
 * node-microtasks: what runs first, the rest of the function, promises, or a timer?
 *
 * A function runs to its end before anything else does (1, 2). Then V8's queue of microtasks is emptied, in which
 * callbacks of promises stand, those of promises included that only these callbacks settle (3, 4). And only then
 * goes the loop on, to timers (5). So a promise is not a task of the loop: it is what is left to do of the callback
 * that the loop is in.
 *
 * It is tried a thousand times, in half of which the timer has long been due when the function ends: it has
 * had its chance, and promises still go first.
 *
 * Try: node servers/observed/node-microtasks.js
 */
const {busyFor, Orders, tell} = require('./shared/observed.js');

const REPEATS = 1000;
const DUE_MS = 1.5; /* a timer of 0 ms is one of 1 ms */
const orders = new Orders();

function once(timerIsDue, done) {
	const seen = [];

	seen.push(1);
	setTimeout(() => {
		seen.push(5);
		orders.add(seen);
		done();
	}, 0);
	Promise.resolve().then(() => seen.push(3)).then(() => seen.push(4));
	if (timerIsDue)
		busyFor(DUE_MS);
	seen.push(2);
}

function repeat(left) {
	if (left === 0)
		tell({}, orders);
	else
		once(left % 2 === 0, () => repeat(left - 1));
}

repeat(REPEATS);
