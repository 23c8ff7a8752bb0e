/** Before anything else of a request: who sends it, may it, and not too often. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { EgressoError } from '../../errors.ts';
import { type Access, ANONYMOUS, type Caller, LOCAL_CALLER, mayUse } from './caller.ts';
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

const LOOPBACK_NAME = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i;
const CREDENTIALS = /^Bearer +([^ ]+) *$/i;

/** Without keys everybody who names this machine is the local caller. Errors: UNAUTHENTICATED, FORBIDDEN, RATE_LIMITED. */
export function guard(app: FastifyInstance, keys: KeySet | undefined): void {
  const limiter = new RateLimiter();
  app.decorateRequest('caller');
  app.addHook('onRequest', (request, reply, done) => {
    request.caller = ANONYMOUS;
    const { access = 'solve' } = request.routeOptions.config;
    if (access === 'public') return done();
    try {
      if (keys === undefined) {
        refuseOtherNames(request);
        request.caller = LOCAL_CALLER;
        return done();
      }
      request.caller = authenticate(request, reply, keys);
      authorize(request.caller, access, reply);
      limit(request.caller, limiter, reply);
      done();
    } catch (error) {
      done(error as Error);
    }
  });
}

/** A page of another site may let its name stand for this machine: its scripts would be let in. */
function refuseOtherNames({ hostname }: FastifyRequest): void {
  if (LOOPBACK_NAME.test(hostname)) return;
  const message = `without keys requests are taken for names of this machine only, not for ${JSON.stringify(hostname)}`;
  throw new EgressoError('FORBIDDEN', message);
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

function authorize(caller: Caller, access: Access, reply: FastifyReply): void {
  if (mayUse(caller, access)) return;
  challenge(reply, 'insufficient_scope');
  throw new EgressoError('FORBIDDEN', `the key ${caller.id} has not the role ${access}`);
}

function limit(caller: Caller, limiter: RateLimiter, reply: FastifyReply): void {
  const wait = limiter.take(caller, performance.now());
  if (wait === 0) return;
  reply.header('retry-after', Math.ceil(wait / 1000));
  const { id, requestsPerMinute } = caller;
  throw new EgressoError('RATE_LIMITED', `the key ${id} may send ${requestsPerMinute} requests a minute`);
}

/** RFC 6750, 3: the error is told only where there were credentials. */
function challenge(reply: FastifyReply, error?: 'invalid_token' | 'insufficient_scope'): void {
  reply.header('www-authenticate', `Bearer realm="egresso"${error === undefined ? '' : `, error="${error}"`}`);
}
