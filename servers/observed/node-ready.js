'use strict';
/*
 * node-ready: a timer is due and a socket can be read. Which of the two does Node.js serve first?
 *
 * "Timers come first" is said of a loop that is drawn as a list. But it is a circle, and what comes first is what
 * comes next: it depends on where in the circle the loop was when both became ready. So both are made ready by
 * callbacks of three phases, of a timer, of I/O and of setImmediate (check): each writes to a socket's other end and
 * starts a timer of 1 ms, and stays busy until that is due. In half of the repeats the socket is ready first, in
 * half the timer.
 *
 * Node.js keeps its timers in lists of its own and goes through them in one callback of libuv, so that after a timer's
 * callback it may look for more of them before the loop goes on; libuv itself does not.
 *
 * Try: node servers/observed/node-ready.js
 * Compare with: uv_ready.c
 */
const {busyFor, pair, Orders, tell} = require('./shared/observed.js');

const REPEATS = 250; /* of each phase */
const DUE_MS = 2.5;
const orders = new Orders();
const metrics = {};

/* What makes a callback of each phase run. */
const phases = (start) => ({
	timers: (callback) => setTimeout(callback, 1),
	poll: (callback) => {
		start.near.once('data', callback);
		start.far.write('x');
	},
	check: (callback) => setImmediate(callback),
});

/* Makes a timer and a socket ready within one callback. Which came first. */
function race(enter, socket, socketFirst) {
	return new Promise((done) => enter(() => {
		const seen = [];
		const note = (event) => seen.push(event) === 2 && done(seen);

		socket.near.once('data', () => note('io'));
		if (socketFirst)
			socket.far.write('x');
		setTimeout(() => note('timer'), 1);
		busyFor(DUE_MS);
		if (!socketFirst)
			socket.far.write('x');
	}));
}

async function main() {
	const socket = await pair('raced'), start = await pair('start');
	let all = 0, count = 0;

	for (const [phase, enter] of Object.entries(phases(start))) {
		let first = 0;

		for (let i = 0; i < REPEATS; i++) {
			const seen = await race(enter, socket, i % 2 === 1);

			orders.add(seen);
			first += seen[0] === 'timer';
		}
		metrics[`timer_first_after_${phase}_ratio`] = first / REPEATS;
		all += first;
		count += REPEATS;
	}
	metrics.timer_first_ratio = all / count;
	for (const end of [socket, start]) {
		end.near.destroy();
		end.far.destroy();
	}
	tell(metrics, orders);
}

main();
