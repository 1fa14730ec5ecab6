'use strict';
/*
 * node-threads: how many threads does Node.js have, and when does it start those of its pool?
 *
 * There is one thread of JavaScript. Beside it V8 has some of its own, for garbage and compilers, from the start.
 * libuv's pool (four threads, unless UV_THREADPOOL_SIZE says otherwise) is started by the first call that needs it: so
 * the threads of the process are counted in /proc before and after such a call. Reading the program itself is no
 * such call: that is done with blocking reads.
 *
 * Try: node servers/observed/node-threads.js
 */
const crypto = require('crypto');
const fs = require('fs');
const {workers, tell} = require('./shared/observed.js');

const pool = workers();
const threads = () => fs.readdirSync('/proc/self/task').length;

setTimeout(() => {
	const idle = threads();

	crypto.pbkdf2('password', 'salt', 1, 32, 'sha256', () => {
		const working = threads();

		tell({
			idle_threads: idle,
			working_threads: working,
			early_pool_ratio: (pool - (working - idle)) / pool,
		});
	});
}, 100); /* an idle process: all that starts by itself has started */
