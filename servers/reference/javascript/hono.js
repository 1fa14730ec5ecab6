// Hono, on Node.js through its adapter, and on Bun.
'use strict';

const { Readable } = require('node:stream');
const { host, onAllCores, port, tuned } = require('./start.js');
const { Hono } = require('hono');
const work = require('./work.js');

const app = new Hono();
const octets = { 'Content-Type': 'application/octet-stream' };

const answer = (c, { status, type, body }) => c.body(body, status, { 'Content-Type': type });

app.get('/plaintext', (c) => c.text(work.hello));
app.get('/json', (c) => c.json(work.message()));
app.post('/echo', async (c) => c.body(await c.req.arrayBuffer(), 200, octets));
app.get('/file/:name', process.versions.bun ? sendFileBun : sendFileNode);
for (const [path, does] of Object.entries(work.routes)) {
  app.get(path, async (c) => answer(c, await does(c.req.param(), c.req.url)));
}

async function sendFileNode(c) {
  const file = await work.openFile(c.req.param('name'));

  if (!file) return answer(c, work.notFound);
  return c.body(Readable.toWeb(file.stream), 200, { ...octets, 'Content-Length': String(file.size) });
}

async function sendFileBun(c) {
  const path = work.pathOfFile(c.req.param('name'));
  const file = path && Bun.file(path);

  if (!file || !(await file.exists())) return answer(c, work.notFound);
  return new Response(file, { headers: octets });
}

function listenNode() {
  const { createAdaptorServer, serve } = require('@hono/node-server');

  if (!tuned) {
    serve({ fetch: app.fetch, hostname: host, port });
    return;
  }
  const server = createAdaptorServer({ fetch: app.fetch, hostname: host });

  server.keepAliveTimeout = 0;
  server.listen({ host, port, backlog: 65535 });
}

const listenBun = () =>
  Bun.serve({ fetch: app.fetch, hostname: host, port, ...(tuned && { idleTimeout: 0, reusePort: true }) });

onAllCores(process.versions.bun ? listenBun : listenNode);
