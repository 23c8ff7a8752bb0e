/**
 * `Expect: 100-continue` (RFC 9110, 10.1.1): Node by itself tells every client to send its body. Here it is told when the
 * hooks that may refuse the request have let it pass.
 */
import type { FastifyInstance } from 'fastify';

export function continueWhenTaken(app: FastifyInstance): void {
  app.server.on('checkContinue', (request, response) => app.server.emit('request', request, response));
  app.addHook('preParsing', ({ headers }, reply, payload, done) => {
    if (headers.expect !== undefined) reply.raw.writeContinue();
    done(null, payload);
  });
}
