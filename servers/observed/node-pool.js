'use strict';
/*
 * node-pool: what do more threads in the pool of Node.js bring?
 *
 * Four threads do at once what blocks. Whether a fifth would help depends on what they do. A thread that waits
 * leaves its core to others: sixteen times the threads wait for sixteen times as much. A thread that computes needs a
 * core, and where there is one, the pool is not what is saturated, the core is: the CPU that the process used, over the
 * time, tells the two apart.
 *
 * So 64 operations of a kind are kept going for half a second, with as many threads as --workers= says. What
 * waits is the opening of a named pipe, which blocks a thread of the pool until the loop, which looks every 10 ms,
 * opens the other end; each thread has one of them, so that is done as often as there are threads.
 *
 * Try: node servers/observed/node-pool.js --workers=4; node servers/observed/node-pool.js --workers=64
 * Compare with: uv_pool.c
 */
const {execFileSync} = require('child_process');
const crypto = require('crypto');
const dns = require('dns');
const fs = require('fs');
const path = require('path');
const {scratchFolder, workers, tell} = require('./shared/observed.js');

const AT_ONCE = 64;
const DURATION_MS = 500;
const WAIT_MS = 10;
const ITERATIONS = 1000; /* of pbkdf2: about a millisecond */
const {O_WRONLY, O_NONBLOCK} = fs.constants;

/* Keeps 64 of an operation going. How many ended in a second, and how many cores were busy with it. */
function rate(begin) {
	return new Promise((done) => {
		const start = process.hrtime.bigint(), used = process.cpuUsage();
		const seconds = () => Number(process.hrtime.bigint() - start) / 1e9;
		let count = 0, going = AT_ONCE;

		const next = (slot) => begin(slot, (error) => {
			if (error)
				throw error;
			if (seconds() * 1000 < DURATION_MS) {
				count++;
				next(slot);
			} else if (--going === 0) {
				const {user, system} = process.cpuUsage(used);

				done({perSecond: count / (DURATION_MS / 1000), cores: (user + system) / 1e6 / seconds()});
			}
		});
		for (let slot = 0; slot < AT_ONCE; slot++)
			next(slot);
	});
}

/*
 * Opens the other end of pipes that somebody waits for, as many as have waited by now; where nobody does, that fails at
 * once. A thread that is let go may wait for the next pipe before all have been looked at, and has to wait there.
 */
function release(pipes, threads) {
	for (const pipe of pipes)
		try {
			fs.closeSync(fs.openSync(pipe, O_WRONLY | O_NONBLOCK));
			if (--threads === 0)
				return;
		} catch (error) {
			if (error.code !== 'ENXIO')
				throw error;
		}
}

async function waitingRate(threads) {
	const folder = scratchFolder();
	const pipes = Array.from({length: AT_ONCE}, (_, i) => path.join(folder, String(i)));

	execFileSync('mkfifo', pipes);
	const releasing = setInterval(release, WAIT_MS, pipes, threads);
	const {perSecond} = await rate((slot, done) => fs.open(pipes[slot], 'r', (error, fd) => {
		if (!error)
			fs.closeSync(fd);
		done(error);
	}));

	clearInterval(releasing);
	return perSecond;
}

async function main() {
	const threads = workers();
	const file = fs.openSync(__filename), buffer = Buffer.alloc(1024);
	const waiting = await waitingRate(threads);
	const computing = await rate((_, done) => crypto.pbkdf2('password', 'salt', ITERATIONS, 32, 'sha256', done));
	const looking = await rate((_, done) => dns.lookup('localhost', done));
	const reading = await rate((_, done) => fs.read(file, buffer, 0, buffer.length, 0, done));

	tell({
		pool_waiting_per_s: waiting,
		pool_crypto_per_s: computing.perSecond,
		pool_crypto_cores: computing.cores,
		pool_lookup_per_s: looking.perSecond,
		pool_cached_read_per_s: reading.perSecond,
	});
}

main();
