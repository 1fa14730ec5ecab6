'use strict';
/*
 * node-timers: does a timer ever fire sooner than its delay, and how late does it fire when the loop is busy?
 *
 * The loop keeps time in whole milliseconds. A timer of 1,000 ms that is started at 10.9 ms is one that was started
 * at 10, and so is due at 1,010. If the loop sleeps for nothing but this timer, it asks the kernel for a sleep of
 * 1,000 ms, and is late. But if it is awake at 1,010.0 for another reason, it fires the timer then, which is 0.9 ms
 * early. So a thousand timers are started here at all fractions of a millisecond, and the earliest is what counts:
 * a promise that is kept most of the time is no promise.
 *
 * Then the loop's clock is let go stale, by work between the loop's last look at the clock and setTimeout. libuv's
 * own timers then count from the stale time (uv-timers shows it); Node.js looks at the clock again.
 *
 * Last, a timer of 1,000 ms is started, and the loop kept busy for 1,300 ms: nobody fires a timer but the loop.
 *
 * Try: node servers/observed/node-timers.js
 * Compare with: servers/observed/uv_timers.c
 */
const {busyFor, tell} = require('./shared/observed.js');

const TIMERS = 1000;
const BETWEEN_MS = 0.037; /* no whole part of a millisecond */
const STALE_MS = 10;
const STALE_TIMERS = 20;
const BUSY_MS = 1300;

const metrics = {};
let onTime = 0;

/* Starts timers one after another, in turns of the loop, each after some work. All waits, over the delay. */
async function waits(delayMs, count, workMs) {
	const started = [];

	for (let i = 0; i < count; i++) {
		await new Promise(setImmediate);
		busyFor(workMs);
		started.push(new Promise((done) => {
			const called = process.hrtime.bigint();

			setTimeout(() => done(Number(process.hrtime.bigint() - called) / 1e6 / delayMs), delayMs);
		}));
	}
	return Promise.all(started);
}

async function earliest(delayMs, count, workMs) {
	const all = await waits(delayMs, count, workMs);

	onTime += all.filter((share) => share >= 1).length;
	return Math.min(...all);
}

async function main() {
	metrics.earliest_1ms_ratio = await earliest(1, TIMERS, BETWEEN_MS);
	metrics.earliest_1000ms_ratio = await earliest(1000, TIMERS, BETWEEN_MS);
	metrics.timers_on_time_ratio = onTime / (2 * TIMERS);
	metrics.earliest_stale_1ms_ratio = await earliest(1, STALE_TIMERS, STALE_MS);
	metrics.earliest_stale_1000ms_ratio = await earliest(1000, STALE_TIMERS, STALE_MS);

	const called = process.hrtime.bigint();
	const fired = new Promise((done) => setTimeout(() => done(process.hrtime.bigint()), 1000));

	busyFor(BUSY_MS);
	metrics.timer_busy_ns = Number(await fired - called);
	tell(metrics);
}

main();
