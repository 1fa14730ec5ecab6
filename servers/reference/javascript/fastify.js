// Fastify on Node.js.
'use strict';

const { host, onAllCores, port, tuned } = require('./start.js');
const fastify = require('fastify');
const work = require('./work.js');

// Of what an answer in JSON consists: Fastify writes it by a function that it makes of this.
const schema = {
  response: { 200: { type: 'object', properties: { message: { type: 'string' } } } },
};

const app = fastify({ bodyLimit: 2 ** 31 });
if (tuned) app.server.keepAliveTimeout = 0; // its option takes 0 for its own default

function answer(reply, { status, type, body }) {
  return reply.code(status).header('Content-Type', type).send(body);
}

app.get('/plaintext', (request, reply) => answer(reply, { status: 200, type: 'text/plain', body: work.hello }));
app.get('/json', tuned ? { schema } : {}, (request, reply) => reply.send(work.message()));
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => done(null, body));
app.post('/echo', (request, reply) =>
  answer(reply, { status: 200, type: 'application/octet-stream', body: request.body ?? '' }));
app.get('/file/:name', async (request, reply) => {
  const file = await work.openFile(request.params.name);

  if (!file) return answer(reply, work.notFound);
  return reply.header('Content-Length', file.size).header('Content-Type', 'application/octet-stream').send(file.stream);
});
for (const [path, does] of Object.entries(work.routes)) {
  app.get(path, async (request, reply) => answer(reply, await does(request.params, request.url)));
}

onAllCores(() => app.listen({ host, port, ...(tuned && { backlog: 65535 }) }));
