/** Before anything else of a request: who sends it, may it, and not too often. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { EgressoError } from '../../errors.ts';
import { type Access, type Caller, LOCAL_CALLER, mayUse } from './caller.ts';
import type { KeySet } from './key-set.ts';
import { RateLimiter } from './rate-limiter.ts';

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

const CREDENTIALS = /^Bearer +([^ ]+) *$/i;

/** Without keys everybody is the local caller. Errors: UNAUTHENTICATED, FORBIDDEN, RATE_LIMITED. */
export function guard(app: FastifyInstance, keys: KeySet | undefined): void {
  const limiter = new RateLimiter();
  app.decorateRequest('caller');
  app.addHook('onRequest', async (request, reply) => {
    const access = request.routeOptions.config.access ?? 'solve';
    request.caller = LOCAL_CALLER;
    if (keys === undefined || access === 'public') return;
    request.caller = authenticate(request, reply, keys);
    if (!mayUse(request.caller, access)) {
      challenge(reply, 'insufficient_scope');
      throw new EgressoError('FORBIDDEN', `the key ${request.caller.id} has not the role ${access}`);
    }
    const wait = limiter.take(request.caller, performance.now());
    if (wait === 0) return;
    reply.header('retry-after', Math.ceil(wait / 1000));
    const { id, requestsPerMinute } = request.caller;
    throw new EgressoError('RATE_LIMITED', `the key ${id} may send ${requestsPerMinute} requests a minute`);
  });
}

function authenticate({ headers }: FastifyRequest, reply: FastifyReply, keys: KeySet): Caller {
  const { authorization } = headers;
  if (authorization === undefined) {
    challenge(reply);
    throw new EgressoError(
      'UNAUTHENTICATED',
      'the header field Authorization is missing; it has to say Bearer and a key',
    );
  }
  const [, key = ''] = CREDENTIALS.exec(authorization) ?? [];
  const caller = keys.callerOf(key);
  if (caller !== undefined) return caller;
  challenge(reply, 'invalid_token');
  throw new EgressoError('UNAUTHENTICATED', 'the header field Authorization holds no key that is known here');
}

/** RFC 6750, 3: the error is told only where there were credentials. */
function challenge(reply: FastifyReply, error?: 'invalid_token' | 'insufficient_scope'): void {
  reply.header('www-authenticate', `Bearer realm="egresso"${error === undefined ? '' : `, error="${error}"`}`);
}
