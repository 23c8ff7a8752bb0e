import type { FastifyInstance, HTTPMethods } from 'fastify';
import { EgressoError } from '../errors.ts';

/**
 * Watches which methods each path takes; the function it returns, called after the last route, answers the others with
 * 405 and Allow (RFC 9110, 15.5.6).
 */
export function trackMethods(app: FastifyInstance): () => void {
  const taken = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const methods = taken.get(url) ?? new Set();
    taken.set(url, methods);
    for (const name of [method].flat()) methods.add(name);
  });
  return () => {
    for (const [url, methods] of [...taken]) {
      const allow = [...methods].sort().join(', ');
      const others = app.supportedMethods.filter((name) => !methods.has(name)) as HTTPMethods[];
      app.route({
        method: others,
        url,
        schema: { hide: true },
        config: { access: 'public' },
        // Before a body is read.
        async onRequest({ method }, reply) {
          reply.header('allow', allow);
          throw new EgressoError('METHOD_NOT_ALLOWED', `${url} does not take ${method}, only ${allow}`);
        },
        async handler() {},
      });
    }
  };
}
