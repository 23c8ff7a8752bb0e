/**
 * What Node by itself would answer to the head of a request: `100 Continue` to every client that expects it, and nothing but a
 * status to another expectation, or where there is no `Host`. Here clients are told to go on when the hooks that may refuse
 * their request have let it pass (RFC 9110, 10.1.1), and the others are told why not.
 */
import type { FastifyInstance } from 'fastify';
import { EgressoError } from '../errors.ts';

export function answerHeads(app: FastifyInstance): void {
  for (const event of ['checkContinue', 'checkExpectation']) {
    app.server.on(event, (request, response) => app.server.emit('request', request, response));
  }
  app.addHook('onRequest', ({ headers: { expect, host }, raw }, _reply, done) => {
    if (expect !== undefined && expect.toLowerCase() !== '100-continue') {
      return done(new EgressoError('EXPECTATION_FAILED', `Expect says ${JSON.stringify(expect)}, not 100-continue`));
    }
    if (host === undefined && raw.httpVersion === '1.1') {
      return done(new EgressoError('REQUEST_INVALID', 'the header field Host is missing'));
    }
    done();
  });
  app.addHook('preParsing', ({ headers }, reply, payload, done) => {
    if (headers.expect !== undefined) reply.raw.writeContinue();
    done(null, payload);
  });
}
