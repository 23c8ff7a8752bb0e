/** Faults of the HTTP parser. */
import type { Socket } from 'node:net';
import type { ErrorCode } from '../errors.ts';
import { asEgressoError, PROBLEM_TYPE, problemOf } from './problem.ts';

/** What is no HTTP never becomes a request: the answer is written to the socket. Returns its code; null where nobody is there to read it. */
export function answerClientError({ code }: NodeJS.ErrnoException, socket: Socket): ErrorCode | null {
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
