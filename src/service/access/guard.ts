/** The gate before every route. */
import type { FastifyInstance } from 'fastify';
import { type Access, ANONYMOUS, type Caller } from '../../http/access/caller.ts';
import { Gate, Refusal } from '../../http/access/gate.ts';
import type { KeySet } from '../../http/access/key-set.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sends the request. */
    caller: Caller;
  }
  interface FastifyContextConfig {
    /** What the route asks of its caller; `solve` where it says nothing. */
    access?: Access;
  }
}

/** Errors: UNAUTHENTICATED, FORBIDDEN, RATE_LIMITED. */
export function guard(app: FastifyInstance, keys: KeySet | undefined): void {
  const gate = new Gate(keys);
  app.decorateRequest('caller');
  app.addHook('onRequest', (request, reply, done) => {
    request.caller = ANONYMOUS;
    const { headers, hostname, routeOptions } = request;
    const { access = 'solve' } = routeOptions.config;
    try {
      request.caller = gate.admit({ authorization: headers.authorization, hostname }, access, performance.now());
      done();
    } catch (error) {
      if (error instanceof Refusal) {
        request.caller = error.caller;
        reply.headers(error.headers);
      }
      done(error as Error);
    }
  });
}
