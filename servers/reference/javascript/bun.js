// The server that is built into Bun.
'use strict';

const { host, onAllCores, port, tuned } = require('./start.js');
const work = require('./work.js');

const plain = { headers: { 'Content-Type': 'text/plain' } };
const octets = { headers: { 'Content-Type': 'application/octet-stream' } };

const answer = ({ status, type, body }) => new Response(body, { status, headers: { 'Content-Type': type } });

async function sendFile(request) {
  const path = work.pathOfFile(request.params.name);
  const file = path && Bun.file(path);

  if (!file || !(await file.exists())) return answer(work.notFound);
  return new Response(file, octets);
}

// Tuned, what never changes is made once, and is sent without any JavaScript being run.
const routes = {
  '/plaintext': { GET: tuned ? new Response(work.hello, plain) : () => new Response(work.hello, plain) },
  '/json': { GET: () => Response.json(work.message()) },
  '/echo': { POST: async (request) => new Response(await request.arrayBuffer(), octets) },
  '/file/:name': { GET: sendFile },
};
for (const [path, does] of Object.entries(work.routes)) {
  routes[path] = {
    GET: (request) => {
      const result = does(request.params, request.url);

      return result instanceof Promise ? result.then(answer) : answer(result);
    },
  };
}

onAllCores(() =>
  Bun.serve({
    hostname: host,
    port,
    routes,
    fetch: () => answer(work.notFound),
    ...(tuned && { idleTimeout: 0, reusePort: true }),
  }));
