/** What the routes that solve have in common: admission before the body is read, a thread, its bytes as the answer. */
import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { answerMediaType, bodyMediaType, type MediaType } from './media-type.ts';
import type { SolverPool } from './pool.ts';
import { sendProblem } from './send-problem.ts';
import type { Operation, Timing } from './task.ts';

interface Admitted {
  readonly bodyType: MediaType;
  readonly answerType: MediaType;
  /** Aborts when the client goes away. */
  readonly gone: AbortSignal;
}

export function solverRoute(pool: SolverPool, operation: Operation): Pick<RouteOptions, 'onRequest' | 'handler'> {
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
      const body = ownBuffer(request.body as Buffer);
      const answer = await pool.run({ operation, body, bodyType, answerType }, gone);
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

/** Small buffers are slices of one that they share: transferring theirs would take the others along. */
function ownBuffer({ buffer, byteOffset, byteLength }: Buffer): ArrayBuffer {
  const whole = byteLength === buffer.byteLength && byteLength >= Buffer.poolSize;
  return whole ? (buffer as ArrayBuffer) : (buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer);
}

function serverTiming(timing: Timing): string {
  return Object.entries(timing)
    .map(([step, milliseconds]) => `${step};dur=${milliseconds.toFixed(3)}`)
    .join(', ');
}
