import type { FastifyReply } from 'fastify';
import type { ErrorCode } from '../errors.ts';
import { PROBLEM_TYPE, problemOf } from '../http/problem.ts';
import { BusyError } from './admission/busy-error.ts';
import { lingerUnlessRead } from './linger.ts';
import type { Failure } from './task.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of the problem that it was answered with. */
    problemCode?: ErrorCode;
  }
}

/** Where nothing better is known: a place is free as soon as some request ends. */
const RETRY_AFTER_SECONDS = 1;

/** Answers with a problem document, whatever the client accepts: always JSON. */
export function sendProblem(
  reply: FastifyReply,
  fault: Pick<Failure, 'code' | 'message' | 'errors' | 'errorCount'>,
): FastifyReply {
  const problem = problemOf(fault);
  reply.request.problemCode = problem.code;
  const isTemporary = problem.status === 503 || problem.status === 429;
  if (isTemporary && !reply.hasHeader('retry-after')) {
    reply.header('retry-after', fault instanceof BusyError ? fault.retryAfterSeconds : RETRY_AFTER_SECONDS);
  }
  lingerUnlessRead(reply);
  return reply
    .code(problem.status)
    .type(PROBLEM_TYPE)
    .send(Buffer.from(JSON.stringify(problem)));
}
