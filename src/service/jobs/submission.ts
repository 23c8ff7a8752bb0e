/** How a job comes in: what its head says is checked before its body is read, and its body goes to disk as it comes. */
import { randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { EgressoError } from '../../errors.ts';
import type { Intake } from '../intake.ts';
import { bodyMediaType } from '../media-type.ts';
import { parseQuery } from '../routes/query.ts';
import type { RouteSteps } from '../solver-route.ts';
import { hasEnded } from './job.ts';
import type { JobOrder } from './job-service.ts';
import { jobView } from './job-view.ts';
import type { JobAccess } from './open-jobs.ts';

export const OrderQuerySchema = Type.Object(
  {
    priority: Type.Optional(Type.Integer({ minimum: 0, maximum: 9, default: 4, description: 'Higher goes first.' })),
    deadline: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'The job ends at this time: with the best plan so far, or failed.',
      }),
    ),
  },
  { additionalProperties: false },
);

export const OrderHeadersSchema = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      pattern: '^[!-~]{1,255}$',
      description: 'The same key with the same body names the same job; with another body it is refused.',
    }),
  ),
});

const DEFAULT_PRIORITY = 4;
const KEY = /^[!-~]{1,255}$/;

/** Answers 202 when the job is durable. */
export function submission(jobs: JobAccess, intake: Intake): RouteSteps {
  return {
    async onRequest(request) {
      // Before the body is read.
      intake.describe(request);
      orderOf(request);
      jobs.get();
    },

    async handler(request, reply): Promise<FastifyReply> {
      const chunks = intake.chunks(request);
      const service = jobs.get();
      const { job } = await service.submit(orderOf(request), chunks);
      const place = hasEnded(job) ? null : await service.queuePlace(job.id);
      return reply
        .code(202)
        .header('location', `/v1/jobs/${job.id}`)
        .send(jobView(job, place, service.progress(job.id)));
    },
  };
}

/** Errors: MEDIA_TYPE_UNSUPPORTED, REQUEST_INVALID. */
function orderOf(request: FastifyRequest): JobOrder {
  const { priority = DEFAULT_PRIORITY, deadline } = parseQuery(OrderQuerySchema, request.query);
  return {
    id: randomUUID(),
    owner: request.caller.id,
    priority,
    deadline: deadline === undefined ? null : timeOf(deadline),
    bodyType: bodyMediaType(request.headers['content-type']),
    idempotencyKey: keyOf(request),
  };
}

function keyOf({ headers }: FastifyRequest): string | null {
  const key = headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key === 'string' && KEY.test(key)) return key;
  throw new EgressoError('REQUEST_INVALID', 'Idempotency-Key must be 1 to 255 visible ASCII characters');
}

function timeOf(text: string): number {
  const milliseconds = Date.parse(text);
  if (Number.isFinite(milliseconds)) return milliseconds;
  throw new EgressoError('REQUEST_INVALID', `the deadline ${JSON.stringify(text)} is no time`);
}
