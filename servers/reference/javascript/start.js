// How each of these servers is started: PROGRAM HOST PORT [WORKERS]
// With WORKERS it is tuned as its manifest says, on so many cores; without, everything stays as it comes.
// Upon SIGUSR2 a process collects its garbage, for which nothing is prepared before.
'use strict';

const cluster = require('node:cluster');
const { spawn } = require('node:child_process');
const os = require('node:os');

const [host, port, workers] = process.argv.slice(2);

exports.host = host;
exports.port = Number(port);
exports.tuned = workers !== undefined;
exports.workers = Number(workers ?? os.availableParallelism());

if (exports.tuned) process.env.NODE_ENV = 'production';

function collect() {
  if (process.versions.bun) {
    Bun.gc(true);
    return;
  }
  require('node:v8').setFlagsFromString('--expose-gc');
  require('node:vm').runInNewContext('gc')();
}
process.on('SIGUSR2', collect);

let processes = 1;

// So many processes that serve, below one that does not; 0: this one serves. Of Node.js by its cluster module,
// whose primary accepts for all; of Bun, as its makers advise, by processes that all listen on the same port.
exports.inProcesses = (count, serve) => {
  const isOne = process.versions.bun ? process.env.TENK_WORKER : !cluster.isPrimary;

  processes = Math.max(1, count);
  if (count < 1 || isOne) {
    serve();
  } else if (process.versions.bun) {
    const children = [];

    for (let i = 0; i < count; i++) {
      children.push(spawn(process.execPath, process.argv.slice(1), {
        env: { ...process.env, TENK_WORKER: String(i) },
        stdio: 'inherit',
      }));
    }
    process.on('SIGTERM', () => {
      for (const child of children) child.kill();
      process.exit();
    });
  } else {
    for (let i = 0; i < count; i++) cluster.fork({ TENK_WORKER: String(i) });
  }
};

// One a core, and nothing below another where one process is enough.
exports.onAllCores = (serve) => exports.inProcesses(exports.tuned && exports.workers > 1 ? exports.workers : 0, serve);

// This process's part of what all of them may have together, at least one.
exports.partOf = (total) => {
  const index = Number(process.env.TENK_WORKER ?? 0);

  return Math.max(1, Math.floor(total / processes) + (index < total % processes));
};
