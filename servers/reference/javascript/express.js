// Express on Node.js.
'use strict';

const http = require('node:http');
const { pipeline } = require('node:stream');
const { host, onAllCores, port, tuned } = require('./start.js');
const express = require('express');
const work = require('./work.js');

const app = express();
if (tuned) {
  app.disable('etag');
  app.disable('x-powered-by');
}

function answer(response, { status, type, body }) {
  if (tuned) response.status(status).set('Content-Type', type).end(body);
  else response.status(status).type(type).send(body);
}

app.get('/plaintext', (request, response) => answer(response, { status: 200, type: 'text/plain', body: work.hello }));
app.get('/json', (request, response) => response.json(work.message()));
app.post('/echo', express.raw({ type: () => true, limit: Infinity }), (request, response) =>
  answer(response, { status: 200, type: 'application/octet-stream', body: request.body ?? '' }));
app.get('/file/:name', async (request, response) => {
  const file = await work.openFile(request.params.name);

  if (!file) return answer(response, work.notFound);
  response.set({ 'Content-Type': 'application/octet-stream', 'Content-Length': file.size });
  pipeline(file.stream, response, () => {}); // a client that has gone ends it
});
for (const [path, does] of Object.entries(work.routes)) {
  app.get(path, async (request, response) => answer(response, await does(request.params, request.url)));
}

onAllCores(() => {
  if (!tuned) {
    app.listen(port, host);
    return;
  }
  const server = http.createServer(app);

  server.keepAliveTimeout = 0;
  server.listen({ host, port, backlog: 65535 });
});
