/** Faults that no route answers for: of the framework, of the HTTP parser, and paths that do not exist. */
import type { Socket } from 'node:net';
import type { ConnectionError, FastifyInstance } from 'fastify';
import { EgressoError, type ErrorCode } from '../errors.ts';
import { asEgressoError, PROBLEM_TYPE, problemOf } from './problem.ts';
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

/** What is no HTTP never becomes a request: the answer is written to the socket. Returns its code; null where nobody is there to read it. */
export function answerClientError({ code }: ConnectionError, socket: Socket): ErrorCode | null {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return null;
  }
  const message =
    code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'the request did not arrive in time' : 'the request is malformed HTTP';
  const problem = problemOf(asEgressoError({ code, statusCode: 400, message }));
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${problem.code}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  return problem.code;
}
