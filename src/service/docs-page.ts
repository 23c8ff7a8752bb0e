/** The page at /docs: the OpenAPI document for people, from files of the package, nothing from elsewhere. */
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';

/** The page sets styles of elements; scripts come from files alone. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "object-src 'none'",
  "frame-ancestors 'none'",
].join('; ');

export async function docsPage(app: FastifyInstance): Promise<void> {
  // In a scope of its own: what the page brings is public, and nothing else is.
  await app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'public' };
      route.logLevel = 'warn';
    });
    await scope.register(swaggerUi, {
      routePrefix: '/docs',
      staticCSP: CONTENT_SECURITY_POLICY,
      uiConfig: { url: '/openapi.json', docExpansion: 'list', persistAuthorization: false },
    });
  });
}
