'use strict';
/*
 * node-phases: in which order does Node.js go through the phases of its loop?
 *
 * Within one callback everything is made ready that the loop knows: a timer is due, a callback is pending (that of a
 * connection which failed at once), a socket can be read (poll), setImmediate is called (check), and a socket is
 * destroyed (close). Then the order is noted in which the five callbacks run. The loop is a circle, so the order is
 * told as it is read from the timers on, wherever in the circle the callback stood that made all ready: that
 * of a timer, of poll, or of check, a third of the repeats each.
 *
 * Try: node servers/observed/node-phases.js
 * Compare with: uv_phases.c
 */
const net = require('net');
const {busyFor, pair, Orders, tell} = require('./shared/observed.js');

const REPEATS = 333; /* of each phase to start from */
const DUE_MS = 2.5;
const orders = new Orders();

const turned = (events) => {
	const first = events.indexOf('timers');

	return [...events.slice(first), ...events.slice(0, first)];
};

/* What makes a callback of each phase run. */
const starts = (start) => [
	(callback) => setTimeout(callback, 1),
	(callback) => {
		start.near.once('data', callback);
		start.far.write('x');
	},
	(callback) => setImmediate(callback),
];

/* Makes all ready within one callback. The order that was seen. */
function round(enter, socket, closing) {
	return new Promise((done) => enter(() => {
		const seen = [];
		const note = (event) => seen.push(event) === 5 && done(seen);

		net.connect('/nowhere/to/be/found').on('error', () => note('pending'));
		closing.once('close', () => note('close')).destroy();
		setImmediate(() => note('check'));
		socket.near.once('data', () => note('poll'));
		socket.far.write('x');
		setTimeout(() => note('timers'), 1);
		busyFor(DUE_MS);
	}));
}

async function main() {
	const socket = await pair('read'), start = await pair('start');

	for (const enter of starts(start))
		for (let i = 0; i < REPEATS; i++) {
			const closing = await pair('closing');

			orders.add(turned(await round(enter, socket, closing.near)));
			closing.far.destroy();
		}
	for (const end of [socket, start]) {
		end.near.destroy();
		end.far.destroy();
	}
	tell({}, orders);
}

main();
