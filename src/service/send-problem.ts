import type { FastifyReply } from 'fastify';
import { PROBLEM_TYPE, problemOf } from './problem.ts';
import type { Failure } from './task.ts';

/** A place is free as soon as some request ends; few take longer. */
const RETRY_AFTER_SECONDS = 1;

/** Answers with a problem document, whatever the client accepts: always JSON. */
export function sendProblem(
  reply: FastifyReply,
  fault: Pick<Failure, 'code' | 'message' | 'errors' | 'errorCount'>,
): FastifyReply {
  const problem = problemOf(fault);
  if (problem.status === 503) reply.header('retry-after', RETRY_AFTER_SECONDS);
  // The rest of the body is not read.
  if (problem.status === 413) reply.header('connection', 'close');
  return reply
    .code(problem.status)
    .type(PROBLEM_TYPE)
    .send(Buffer.from(JSON.stringify(problem)));
}
