// The http module of Node.js: node server.js HOST PORT [WORKERS]
// Upon SIGUSR2 it collects its garbage, for which nothing is prepared before.
// With WORKERS it is tuned as manifest.yaml says; without, everything stays as it comes.
'use strict';

const cluster = require('cluster');
const http = require('http');
const v8 = require('v8');
const vm = require('vm');

const [host, port, workers] = process.argv.slice(2);
const tuned = workers !== undefined;
const plaintext = Buffer.from('Hello, World!');
const symbols = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_';
const kept = new Map(); // bodies of /bytes/N

function bytes(count) {
  let body = kept.get(count);
  if (!body) {
    body = Buffer.from(symbols.repeat(Math.ceil(count / symbols.length)).slice(0, count));
    kept.clear(); // one length at a time is asked for
    kept.set(count, body);
  }
  return body;
}

function answer(response, type, body) {
  if (tuned) {
    response.writeHead(200, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  } else {
    response.setHeader('Content-Type', type);
  }
  response.end(body);
}

function serve(request, response) {
  const [, route, value] = request.url.split('/');
  if (route === 'plaintext') {
    answer(response, 'text/plain', plaintext);
  } else if (route === 'json') {
    answer(response, 'application/json', JSON.stringify({ message: 'Hello, World!' }));
  } else if (route === 'bytes') {
    answer(response, 'application/octet-stream', bytes(Number(value)));
  } else if (route === 'wait') {
    setTimeout(() => answer(response, 'text/plain', `Waited ${Number(value)} ms`), Number(value));
  } else if (route === 'echo') {
    const pieces = [];
    request.on('data', (piece) => pieces.push(piece));
    request.on('end', () => answer(response, 'application/octet-stream', Buffer.concat(pieces)));
  } else {
    response.writeHead(404, { 'Content-Type': 'text/plain' });
    response.end('Not Found\n');
  }
}

function listen() {
  const server = http.createServer(serve);
  if (tuned) {
    server.keepAliveTimeout = 0;
    server.listen({ host, port: Number(port), backlog: 65535 });
  } else {
    server.listen(Number(port), host);
  }
}

process.on('SIGUSR2', () => {
  v8.setFlagsFromString('--expose-gc');
  vm.runInNewContext('gc')();
});

if (cluster.isPrimary && Number(workers) > 1) {
  for (let i = 0; i < Number(workers); i++) cluster.fork();
} else {
  listen();
}
