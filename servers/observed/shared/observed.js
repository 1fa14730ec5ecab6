'use strict';
/* What the programs of servers/observed share: working, sockets, files, counting, and telling. */
const fs = require('fs');
const net = require('net');
const os = require('os');
const path = require('path');

/* Keeps the only thread of JavaScript busy, as a long computation does. */
function busyFor(ms) {
	const end = process.hrtime.bigint() + BigInt(Math.round(ms * 1e6));

	while (process.hrtime.bigint() < end);
}

/* A pair of sockets: what is written to one end can be read at the other as soon as write returns. */
function pair(name) {
	return new Promise((done) => {
		const file = path.join(os.tmpdir(), `observe-${process.pid}-${name}`);
		const server = net.createServer((near) => {
			server.close(); /* which removes the file, too */
			done({near, far});
		}).listen(file);
		const far = net.connect(file);
	});
}

/* A folder that is gone when the program ends, also if it is told to. */
function scratchFolder() {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'observe-'));

	process.on('exit', () => fs.rmSync(folder, {recursive: true, force: true}));
	process.on('SIGTERM', () => process.exit(1));
	return folder;
}

/* The number behind --workers=, of threads of the pool; 4 is libuv's own. To be asked for before the pool is used. */
function workers() {
	const word = process.argv.find((argument) => argument.startsWith('--workers='));
	const count = word ? Number(word.slice('--workers='.length)) : 4;

	process.env.UV_THREADPOOL_SIZE = String(count);
	return count;
}

/* Counts how often each order of events was seen. */
class Orders {
	counts = {};

	add(events) {
		const order = events.join(' ');

		this.counts[order] = (this.counts[order] || 0) + 1;
	}
}

/* Prints the observation, with what it is an observation of (docs/scenarios.md). */
function tell(metrics, orders) {
	const {node, uv, v8} = process.versions;
	const seen = orders && {observed_order: orders.counts};

	console.log(JSON.stringify({metrics, ...seen, versions: {node, libuv: uv, v8}}));
}

module.exports = {busyFor, pair, scratchFolder, workers, Orders, tell};
