'use strict';
/*
 * node-pool-users: which asynchronous operations does Node.js do in its thread pool, and which in none?
 *
 * The pool is made as small as it can be, one thread, and that thread is kept waiting: it opens a named pipe for
 * reading, which blocks until somebody writes. Then operations of a kind are begun, a thousand at once, and the loop
 * is given time to serve them. Those that are done while the only thread of the pool waits have not been done by
 * it. Only then is the pipe written to, and the pool free. So nothing is timed: what needs the pool cannot end
 * before it is free, and what does not need it does.
 *
 * The kinds: files (fs.read), names as getaddrinfo finds them (dns.lookup), cryptography (pbkdf2), answers
 * of sockets, DNS queries (dns.resolve4, of a server within this program), and timers.
 *
 * Try: node servers/observed/node-pool-users.js
 */
process.env.UV_THREADPOOL_SIZE = '1';

const {execFileSync} = require('child_process');
const crypto = require('crypto');
const dgram = require('dgram');
const dns = require('dns');
const fs = require('fs');
const path = require('path');
const {pair, scratchFolder, tell} = require('./shared/observed.js');

const OPERATIONS = 1000;
const PATIENCE_MS = 2000; /* until what needs no pool has been served */
const folder = scratchFolder();
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/* A DNS server that answers 127.0.0.1 to whatever it is asked. */
function nameServer() {
	const answer = Buffer.from('c00c000100010000000000047f000001', 'hex');
	const socket = dgram.createSocket({type: 'udp4', recvBufferSize: 1 << 20}, (query, from) => {
		const end = query.indexOf(0, 12) + 5; /* of the question */
		const head = Buffer.from(query.subarray(0, end));

		head.writeUInt16BE(0x8180, 2);
		head.writeUInt16BE(1, 6);
		head.writeUInt32BE(0, 8);
		socket.send(Buffer.concat([head, answer]), from.port, from.address);
	});

	return new Promise((done) => socket.bind(0, '127.0.0.1', () => done(socket)));
}

/* How many of a kind's operations, begun at once, do not end while the pool's only thread waits. */
async function waitingShare(begin) {
	const pipe = path.join(folder, 'pipe');
	let ended = 0, endedEarly;

	execFileSync('mkfifo', [pipe]);
	const opened = fs.promises.open(pipe, 'r'); /* blocks the thread until somebody writes */
	await pause(20);
	const all = Array.from({length: OPERATIONS}, (_, i) => begin(i).then(() => ended++));

	for (let waited = 0; waited < PATIENCE_MS && ended < OPERATIONS; waited += 20)
		await pause(20);
	endedEarly = ended;
	const writer = fs.openSync(pipe, 'w');
	await Promise.all(all);
	await (await opened).close();
	fs.closeSync(writer);
	fs.unlinkSync(pipe);
	return 1 - endedEarly / OPERATIONS;
}

const promised = (call) => new Promise((done, fail) => call((error) => (error ? fail(error) : done())));

async function main() {
	const file = fs.openSync(__filename), buffer = Buffer.alloc(64);
	const names = await nameServer(), resolver = new dns.Resolver({timeout: 300, tries: 10});
	const socket = await pair('socket');

	const answers = []; /* that are waited for, each a byte */

	socket.far.on('data', (bytes) => socket.far.write(bytes));
	socket.near.on('data', (bytes) => bytes.forEach(() => answers.shift()()));
	resolver.setServers([`127.0.0.1:${names.address().port}`]);
	const kinds = {
		file: () => promised((done) => fs.read(file, buffer, 0, 64, 0, done)),
		lookup: () => promised((done) => dns.lookup('localhost', done)),
		crypto: () => promised((done) => crypto.pbkdf2('password', 'salt', 1, 32, 'sha256', done)),
		socket: () => new Promise((done) => {
			answers.push(done);
			socket.near.write('x');
		}),
		resolve: (i) => promised((done) => resolver.resolve4(`host${i}.example`, done)),
		timer: () => pause(1),
	};
	const metrics = {};
	let through = 0;

	for (const [kind, begin] of Object.entries(kinds)) {
		metrics[`through_pool_${kind}_ratio`] = await waitingShare(begin);
		through += metrics[`through_pool_${kind}_ratio`] > 0.5;
	}
	metrics.through_pool_ratio = through / Object.keys(kinds).length;
	names.close();
	socket.near.destroy();
	socket.far.destroy();
	tell(metrics);
}

main();
