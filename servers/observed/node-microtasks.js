#!/usr/bin/env node
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
const REPEATS = 1000;
const orders = {};

function busyFor(ms) {
	const end = process.hrtime.bigint() + BigInt(ms * 1e6);

	while (process.hrtime.bigint() < end);
}

function once(timerIsDue) {
	return new Promise((done) => {
		const seen = [];

		seen.push(1);
		setTimeout(() => {
			seen.push(5);
			const order = seen.join(' ');
			orders[order] = (orders[order] || 0) + 1;
			done();
		}, 0);
		Promise.resolve().then(() => seen.push(3)).then(() => seen.push(4));
		if (timerIsDue)
			busyFor(1.5); /* setTimeout of 0 is one of 1 ms */
		seen.push(2);
	});
}

async function main() {
	for (let i = 0; i < REPEATS; i++) {
		await once(i % 2 === 1);
		await new Promise(setImmediate); /* each time from a callback of the loop's own */
	}
	const {node, uv, v8} = process.versions;

	console.log(JSON.stringify({metrics: {}, observed_order: orders, versions: {node, libuv: uv, v8}}));
}

main();
