'use strict';
/*
 * node-pending: how many callbacks can wait in Node.js at once, and what does each take?
 *
 * A million timers are started, and a million functions wait for one promise: two million callbacks that are all
 * pending when the promise is kept and the timers are due. Each is counted when it runs. What they take is the
 * growth of resident memory over their number, JavaScript's own objects and the closures that belong to them included.
 *
 * Try: node servers/observed/node-pending.js
 * Compare with: uv_pending.c
 */
const {tell} = require('./shared/observed.js');

const EACH = 1000000;
const DELAY_MS = 1;
const resident = () => process.memoryUsage.rss();

let ran = 0, keep;
const promise = new Promise((done) => { keep = done; });
const before = resident();

function startTimers() {
	for (let i = 0; i < EACH; i++)
		setTimeout(() => ran++, DELAY_MS);
}

function startWaits() {
	for (let i = 0; i < EACH; i++)
		promise.then(() => ran++);
}

startTimers();
const withTimers = resident();
startWaits();
const withAll = resident();
const pending = 2 * EACH - ran; /* nothing runs while we do not return to the loop */

/* It was started last, with the delay of all others, so it is the last to run. */
setTimeout(() => {
	tell({
		pending_count: ran === 2 * EACH ? pending : null,
		pending_timer_bytes: (withTimers - before) / EACH,
		pending_wait_bytes: (withAll - withTimers) / EACH,
		pending_fired_ns: Number(process.hrtime.bigint() - begin),
	});
}, DELAY_MS);

const begin = process.hrtime.bigint();

keep();
