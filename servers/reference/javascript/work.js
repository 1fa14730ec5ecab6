// What all of these servers answer, whatever their framework: the same work, and the same bytes in bodies.
// A route's work takes the parameters of its path and the URL, and ends in { status, type, body }, or in
// a promise of that. What frameworks do in ways of their own (/plaintext, /json, /echo, /file/NAME) is theirs.
'use strict';

const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { partOf } = require('./start.js');

const longestMs = 60000;
const mostBytes = 1 << 30;
const mostCalls = 1000;
const mostRounds = 1e10;
const patienceMs = 10000; // of a fetch, beyond what it asks for

const text = (body) => ({ status: 200, type: 'text/plain', body });
const failure = (status, body) => ({ status, type: 'text/plain', body });
const notFound = failure(404, '404 Not Found\n');

// A number in a path, or NaN if it is none or too large.
const numberOf = (digits, most) => (/^\d+$/.test(digits) && Number(digits) <= most ? Number(digits) : NaN);

const symbols = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_';
let kept; // the body of /bytes/N: one length at a time is asked for
let keptLength;

function bytes({ n }) {
  const count = numberOf(n, mostBytes);

  if (Number.isNaN(count)) return notFound;
  if (keptLength !== count) {
    kept = Buffer.alloc(count, symbols);
    if (process.versions.bun) kept = new Blob([kept]); // of which Bun makes no copy for each answer
    keptLength = count;
  }
  return { status: 200, type: 'application/octet-stream', body: kept };
}

async function wait({ ms }) {
  const time = numberOf(ms, longestMs);

  if (Number.isNaN(time)) return notFound;
  await sleep(time);
  return text(`Waited ${time} ms`);
}

const never = new Int32Array(new SharedArrayBuffer(4));

function block({ ms }) {
  const time = numberOf(ms, longestMs);

  if (Number.isNaN(time)) return notFound;
  Atomics.wait(never, 0, 0, time);
  return text(`Blocked ${time} ms`);
}

// Marsaglia's xorshift32, on integers of 32 bits as long as the inner loop counts in them, too.
function cpu({ n }) {
  let rounds = numberOf(n, mostRounds);
  let x = 2463534242 | 0;

  if (Number.isNaN(rounds)) return notFound;
  while (rounds > 0) {
    const count = Math.min(rounds, 1 << 30);

    for (let i = 0; i < count; i++) {
      x ^= x << 13;
      x ^= x >>> 17;
      x ^= x << 5;
    }
    rounds -= count;
  }
  return text(String(x >>> 0));
}

async function calls({ n, ms }, url) {
  const count = numberOf(n, mostCalls);
  const time = numberOf(ms, longestMs);

  if (Number.isNaN(count + time)) return notFound;
  if (url.endsWith('?together')) {
    await Promise.all(Array.from({ length: count }, () => sleep(time)));
  } else {
    for (let i = 0; i < count; i++) await sleep(time);
  }
  return text(`Waited ${count} x ${time} ms`);
}

// The parts of postgresql://USER:PASSWORD@HOST:PORT/DATABASE?host=FOLDER&port=PORT, of which many are left out.
function parseDatabase(url) {
  const [, user, password, host, port, database, query] =
    /^postgres(?:ql)?:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^:/?]*)(?::(\d+))?\/?([^?]*)\??(.*)$/
      .exec(url).map((part) => part && decodeURIComponent(part));
  const more = Object.fromEntries(new URLSearchParams(query));

  return {
    host: more.host || host || '127.0.0.1',
    port: Number(more.port || port || 5432),
    database: more.dbname || database,
    user: more.user || user,
    password: more.password || password || '',
  };
}

let sql; // made when it is first asked for: not every server has a database

// By the client that is built into Bun, as its makers advise; on Node.js by one of its quickest.
function connect() {
  const { host, port, database, user, password } = parseDatabase(process.env.TENK_DATABASE);
  const max = partOf(Number(process.env.TENK_DATABASE_CONNECTIONS || 16));

  if (process.versions.bun) {
    const place = host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { hostname: host, port };

    return new Bun.SQL({ adapter: 'postgres', ...place, database, username: user, password, max, connectionTimeout: 5 });
  }
  return require('postgres')({
    host, port, database, user, pass: password, max,
    max_lifetime: null,
    fetch_types: false, // a question more for each connection
    connect_timeout: 5,
    backoff: () => 0.1, // seconds until a database that is away is asked for again
    onnotice: () => {},
  });
}

async function query({ id }) {
  const number = numberOf(id, 2 ** 31 - 1);

  if (Number.isNaN(number)) return notFound;
  try {
    if (!process.env.TENK_DATABASE) return notFound;
    sql ??= connect();
    const [row] = await sql`SELECT id, message FROM messages WHERE id = ${number}`;

    return row ? { status: 200, type: 'application/json', body: JSON.stringify(row) } : notFound;
  } catch {
    return failure(503, '503 Service Unavailable: no connection to the database\n');
  }
}

const [backendHost, backendPort] = (process.env.TENK_BACKEND || '').split(/:(?=\d+$)/);
const keptConnections = Number(process.env.TENK_FETCH_CONNECTIONS ?? 65535); // 0: a fresh one for each request
let agent; // made when all processes are there that share them

// By Node's own client: its fetch costs several times as much. A connection that was kept may have been
// closed meanwhile: then once more.
function askNode(target, time, again) {
  agent ??= new http.Agent({ keepAlive: keptConnections > 0, maxFreeSockets: partOf(keptConnections) });
  return new Promise((resolve, reject) => {
    const request = http.get(
      { host: backendHost, port: backendPort, path: target, agent, timeout: time },
      (response) => {
        const pieces = [];

        response.on('data', (piece) => pieces.push(piece));
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode, body: Buffer.concat(pieces).toString() }));
      });

    request.on('timeout', () => request.destroy(new DOMException('late', 'TimeoutError')));
    request.on('error', (error) => {
      if (request.reusedSocket && error.code === 'ECONNRESET' && !again) {
        resolve(askNode(target, time, true));
      } else {
        reject(error);
      }
    });
  });
}

async function askBun(target, time) {
  const response = await fetch(`http://${process.env.TENK_BACKEND}${target}`, {
    keepalive: keptConnections > 0,
    signal: AbortSignal.timeout(time),
  });

  return { status: response.status, body: await response.text() };
}

const ask = process.versions.bun ? askBun : askNode;

async function fetchWait({ ms }) {
  const time = numberOf(ms, longestMs);

  if (Number.isNaN(time) || !backendPort) return notFound;
  try {
    const { status, body } = await ask(`/wait/${time}`, time + patienceMs);

    return status === 200 ? text(body) : failure(503, '503 Service Unavailable: the backend failed\n');
  } catch (error) {
    return error.name === 'TimeoutError'
      ? failure(504, '504 Gateway Timeout: the backend is late\n')
      : failure(503, '503 Service Unavailable: no connection to the backend\n');
  }
}

exports.hello = 'Hello, World!';
exports.message = () => ({ message: 'Hello, World!' });
exports.notFound = notFound;

exports.routes = {
  '/bytes/:n': bytes,
  '/wait/:ms': wait,
  '/block/:ms': block,
  '/cpu/:n': cpu,
  '/query/:id': query,
  '/fetch/:ms': fetchWait,
  '/calls/:n/wait/:ms': calls,
};

// The path of /file/NAME, or null: a name of letters, digits, '.', '-' and '_' that does not begin with a dot.
exports.pathOfFile = (name) =>
  process.env.TENK_FILES && /^[\w-][\w.-]*$/.test(name) ? path.join(process.env.TENK_FILES, name) : null;

// The same opened: { size, stream }, or null if there is none.
exports.openFile = async (name) => {
  const file = exports.pathOfFile(name);
  let handle;

  try {
    handle = file && (await fs.promises.open(file));
    const status = await handle?.stat();

    if (status?.isFile()) return { size: status.size, stream: handle.createReadStream() };
    await handle?.close();
  } catch {
    await handle?.close();
  }
  return null;
};
