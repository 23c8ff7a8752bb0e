/** The OpenAPI document, generated from the schemas of the routes. */
import swagger from '@fastify/swagger';
import type { FastifyInstance, RouteOptions } from 'fastify';

/** Of the interface, as in its paths: v1. */
const API_VERSION = '1.0.0';

const BEARER = 'bearer';

/** Before the first route: only what is registered later is described. */
export async function describeApi(app: FastifyInstance): Promise<void> {
  // Hooks run in their order: before that of the document, which keeps what it sees.
  app.addHook('onRoute', ({ config, schema }) => {
    // The empty requirement: without keys nobody is asked for one.
    if (schema !== undefined && config?.access !== 'public') schema.security ??= [{ [BEARER]: [] }, {}];
  });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Egresso',
        description: 'Solver service for BGP border-router selection.',
        version: API_VERSION,
        license: { name: 'MIT', identifier: 'MIT' },
      },
      tags: [
        { name: 'solver', description: 'Runs while the client waits.' },
        { name: 'jobs', description: 'Runs that outlive the connection, and the process.' },
        { name: 'operation', description: 'For whoever runs the service.' },
      ],
      components: { securitySchemes: { [BEARER]: { type: 'http', scheme: 'bearer' } } },
    },
  });
}

export function openapiRoute(app: FastifyInstance): RouteOptions {
  return {
    method: 'GET',
    url: '/openapi.json',
    schema: { hide: true },
    config: { access: 'public' },
    handler: (_request, reply) => reply.type('application/json').send(JSON.stringify(app.swagger())),
  };
}
