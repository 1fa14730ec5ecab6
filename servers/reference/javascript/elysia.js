// Elysia on Bun.
'use strict';

const { host, onAllCores, port, tuned } = require('./start.js');
const { Elysia } = require('elysia');
const work = require('./work.js');

const octets = { headers: { 'Content-Type': 'application/octet-stream' } };

const answer = ({ status, type, body }) => new Response(body, { status, headers: { 'Content-Type': type } });

async function sendFile({ params }) {
  const path = work.pathOfFile(params.name);
  const file = path && Bun.file(path);

  if (!file || !(await file.exists())) return answer(work.notFound);
  return new Response(file, octets);
}

const app = new Elysia(tuned ? { serve: { idleTimeout: 0, reusePort: true } } : {})
  .get('/plaintext', tuned ? work.hello : () => work.hello)
  .get('/json', () => work.message())
  .post('/echo', async ({ request }) => new Response(await request.arrayBuffer(), octets), { parse: 'none' })
  .get('/file/:name', sendFile)
  .onError(({ code }) => (code === 'NOT_FOUND' ? answer(work.notFound) : undefined));
for (const [path, does] of Object.entries(work.routes)) {
  app.get(path, async ({ params, request }) => answer(await does(params, request.url)));
}

onAllCores(() => app.listen({ hostname: host, port }));
