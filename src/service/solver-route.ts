/** What the routes that solve have in common: admission before the body is read, a thread, its bytes as the answer. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ExpectedBody, Intake } from './intake.ts';
import { answerMediaType, type MediaType } from './media-type.ts';
import type { SolverPool } from './pool.ts';
import { sendProblem } from './send-problem.ts';
import type { Operation, Timing } from './task.ts';

interface Expected {
  readonly body: ExpectedBody;
  readonly answerType: MediaType;
  /** Aborts when the client goes away. */
  readonly gone: AbortSignal;
}

/** Steps of a route: what is looked at before the body is read, and what answers. */
export interface RouteSteps {
  onRequest(request: FastifyRequest, reply: FastifyReply): Promise<void>;
  handler(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>;
}

export function solverRoute(pool: SolverPool, operation: Operation, intake: Intake): RouteSteps {
  const expectations = new WeakMap<FastifyRequest, Expected>();

  return {
    // Here and not in the handler: a body that nobody will take must not be held in memory.
    async onRequest(request, reply) {
      const answerType = answerMediaType(request.headers.accept);
      const body = intake.expect(request);
      const client = new AbortController();
      // "close" comes after every response, and when the client leaves during its upload.
      reply.raw.once('close', () => {
        if (!reply.raw.writableEnded) client.abort();
      });
      expectations.set(request, { body, answerType, gone: client.signal });
    },

    async handler(request, reply): Promise<FastifyReply> {
      const { body: expected, answerType, gone } = expectations.get(request) as Expected;
      const { bytes, type, compressed, place } = await intake.receive(request, expected);
      // The bytes of the answer are held until they have left.
      whenClosed(reply, () => place[Symbol.dispose]());
      const task = { operation, body: bytes, bodyType: type, compressed, answerType };
      const answer = await pool.run(task, { signal: gone }).answer;
      if (answer.ok) {
        return reply
          .type(answerType)
          .header('server-timing', serverTiming(answer.timing))
          .send(Buffer.from(answer.body));
      }
      if (answer.stack !== undefined) request.log.error({ code: answer.code, stack: answer.stack }, answer.message);
      return sendProblem(reply, answer);
    },
  };
}

function whenClosed({ raw }: FastifyReply, act: () => void): void {
  if (raw.closed) act();
  else raw.once('close', act);
}

function serverTiming(timing: Timing): string {
  return Object.entries(timing)
    .map(([step, milliseconds]) => `${step};dur=${milliseconds.toFixed(3)}`)
    .join(', ');
}
