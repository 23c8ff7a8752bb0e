/** The OpenAPI document, generated from the schemas of the routes. */
import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';

/** Of the interface, as in its paths: v1. */
const API_VERSION = '1.0.0';

/** Before the first route: only what is registered later is described. */
export async function describeApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Egresso', description: 'Solver service for BGP border-router selection.', version: API_VERSION },
      tags: [{ name: 'solver' }, { name: 'jobs' }, { name: 'health' }],
    },
  });
  app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) =>
    reply.type('application/json').send(JSON.stringify(app.swagger())),
  );
}
