/** What the routes that solve have in common: admission before the body is read, a thread, its bytes as the answer. */
import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { answerMediaType, bodyMediaType, type MediaType } from './media-type.ts';
import type { SolverPool } from './pool.ts';
import { sendProblem } from './send-problem.ts';
import { receiveShared } from './shared-body.ts';
import type { Operation, Timing } from './task.ts';

interface Admitted {
  readonly bodyType: MediaType;
  readonly answerType: MediaType;
  /** Aborts when the client goes away. */
  readonly gone: AbortSignal;
}

export function solverRoute(
  pool: SolverPool,
  operation: Operation,
  bodyLimit: number,
): Pick<RouteOptions, 'onRequest' | 'handler'> {
  const admissions = new WeakMap<FastifyRequest, Admitted>();

  return {
    // Here and not in the handler: a body that nobody will take must not be held in memory.
    async onRequest(request, reply) {
      const { accept, 'content-type': contentType, 'content-encoding': contentEncoding } = request.headers;
      const bodyType = bodyMediaType(contentType, contentEncoding);
      const answerType = answerMediaType(accept);
      const place = pool.admit();
      const client = new AbortController();
      // "close" comes after every response, and when the client leaves during its upload.
      reply.raw.once('close', () => {
        place[Symbol.dispose]();
        if (reply.raw.writableEnded) return;
        request.log.info({ method: request.method, url: request.url }, 'the client went away');
        client.abort();
      });
      admissions.set(request, { bodyType, answerType, gone: client.signal });
    },

    async handler(request, reply): Promise<FastifyReply> {
      const { bodyType, answerType, gone } = admissions.get(request) as Admitted;
      const body = await receiveShared(request.body as Readable, bodyLimit, announcedLength(request));
      const answer = await pool.run({ operation, body, bodyType, answerType }, { signal: gone }).answer;
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

/** Undefined where the body comes in chunks. */
export function announcedLength({ headers }: FastifyRequest): number | undefined {
  const length = headers['content-length'];
  return length === undefined ? undefined : Number(length);
}

function serverTiming(timing: Timing): string {
  return Object.entries(timing)
    .map(([step, milliseconds]) => `${step};dur=${milliseconds.toFixed(3)}`)
    .join(', ');
}
