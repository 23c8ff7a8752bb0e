/** Faults that no route answers for: of the framework, and paths that do not exist. */
import type { FastifyInstance } from 'fastify';
import { EgressoError } from '../errors.ts';
import { asEgressoError } from '../http/problem.ts';
import { sendProblem } from './send-problem.ts';

export function answerFaults(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => {
    const fault = asEgressoError(error);
    if (fault.code === 'INTERNAL') request.log.error(error);
    return sendProblem(reply, fault);
  });
  // Before the body of a request to nowhere is read.
  app.addHook('onRequest', ({ is404, method, url }, _reply, done) => {
    if (is404) done(notFound(method, url));
    else done();
  });
  // Of files of the page.
  app.setNotFoundHandler(({ method, url }, reply) => sendProblem(reply, notFound(method, url)));
}

function notFound(method: string, url: string): EgressoError {
  return new EgressoError('ROUTE_NOT_FOUND', `there is no ${method} ${url}`);
}
