// The http module of Node.js in one process, whose worker threads do what would stop its loop.
'use strict';

const { Worker, isMainThread, parentPort } = require('node:worker_threads');
const { workers } = require('./start.js');
const { routes } = require('./work.js');

const offloaded = ['/block/:ms', '/cpu/:n'];
// As many as libuv has for files: of threads that block, one a core is not enough.
const threads = Number(process.env.TENK_OFFLOAD || Math.max(4, workers));

// What a thread of the pool does, one job after the other.
function work() {
  parentPort.on('message', ({ route, parameters }) => parentPort.postMessage(routes[route](parameters)));
}

// A pool of threads; the function that it returns gives one of them a job, in turn.
function makePool(count) {
  const idle = [];
  const waiting = [];

  function begin(thread, job) {
    thread.finish = job.finish;
    thread.postMessage(job.order);
  }
  for (let i = 0; i < count; i++) {
    const thread = new Worker(__filename, { argv: process.argv.slice(2) });

    thread.on('message', (answer) => {
      const { finish } = thread;

      if (waiting.length > 0) begin(thread, waiting.shift());
      else idle.push(thread);
      finish(answer);
    });
    idle.push(thread);
  }
  return (order) =>
    new Promise((finish) => {
      if (idle.length > 0) begin(idle.pop(), { order, finish });
      else waiting.push({ order, finish });
    });
}

function serve() {
  const offload = makePool(threads);
  const replaced = offloaded.map((route) => [route, (parameters) => offload({ route, parameters })]);

  require('./node-server.js').listen({ ...routes, ...Object.fromEntries(replaced) });
}

if (isMainThread) serve();
else work();
