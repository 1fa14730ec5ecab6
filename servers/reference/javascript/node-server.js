// A server of the http module of Node.js, for one process; node-http.js, node-cluster.js and node-workers.js run it.
'use strict';

const fs = require('node:fs');
const http = require('node:http');
const { pipeline } = require('node:stream');
const { host, port, tuned } = require('./start.js');
const work = require('./work.js');

const hello = Buffer.from(work.hello);

function answer(response, { status, type, body }) {
  if (tuned) {
    response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  } else {
    response.statusCode = status;
    response.setHeader('Content-Type', type);
  }
  response.end(body);
}

async function sendFile(response, name) {
  const file = await work.openFile(name);

  if (!file) {
    answer(response, work.notFound);
    return;
  }
  response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': file.size });
  pipeline(file.stream, response, () => {}); // a client that has gone ends it
}

// The same with the whole file in memory before its first byte is sent: read at once, which nothing else in this process
// outlasts, or by the worker pool of libuv.
const whole = {
  sync: async (file) => fs.readFileSync(file),
  async: (file) => fs.promises.readFile(file),
};

async function sendWhole(response, name, read) {
  const file = work.pathOfFile(name);
  let body = null;

  try {
    body = file && (await read(file));
  } catch {
    // there is none of that name
  }
  answer(response, body ? { status: 200, type: 'application/octet-stream', body } : work.notFound);
}

function echo(request, response) {
  const pieces = [];

  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () =>
    answer(response, { status: 200, type: 'application/octet-stream', body: Buffer.concat(pieces) }));
}

// By the first part of the path, which is what tells routes apart: [names of parameters, work].
function tableOf(routes) {
  return new Map(Object.entries(routes).map(([path, does]) => {
    const parts = path.split('/').slice(1);

    return [parts[0], { parts, does }];
  }));
}

// The parameters of a path by a route's parts; null: it does not fit.
function parametersOf(parts, given) {
  const parameters = {};

  if (parts.length !== given.length) return null;
  for (let i = 1; i < parts.length; i++) {
    if (parts[i][0] === ':') parameters[parts[i].slice(1)] = given[i];
    else if (parts[i] !== given[i]) return null;
  }
  return parameters;
}

// `reading`: how files are read that are not sent as they are read, "sync" or "async".
exports.listen = (routes = work.routes, reading = null) => {
  const table = tableOf(routes);
  const send = reading ? (response, name) => sendWhole(response, name, whole[reading]) : sendFile;

  function serveWork(request, response, path) {
    const given = path.split('/').slice(1);
    const route = table.get(given[0]);
    const parameters = route && parametersOf(route.parts, given);
    const result = parameters ? route.does(parameters, request.url) : work.notFound;

    if (result instanceof Promise) result.then((later) => answer(response, later));
    else answer(response, result);
  }

  const server = http.createServer((request, response) => {
    const [path] = request.url.split('?', 1);

    if (path === '/plaintext') {
      answer(response, { status: 200, type: 'text/plain', body: hello });
    } else if (path === '/json') {
      answer(response, { status: 200, type: 'application/json', body: JSON.stringify(work.message()) });
    } else if (path === '/echo') {
      echo(request, response);
    } else if (path.startsWith('/file/')) {
      send(response, path.slice(6));
    } else {
      serveWork(request, response, path);
    }
  });

  if (tuned) {
    server.keepAliveTimeout = 0;
    server.listen({ host, port, backlog: 65535 });
  } else {
    server.listen(port, host);
  }
};
