/** How a job comes in: what its head says is checked before its body is read, and its body goes to disk as it comes. */
import { randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { EgressoError } from '../../errors.ts';
import type { Intake } from '../intake.ts';
import { bodyMediaType } from '../media-type.ts';
import { parseQuery } from '../routes/query.ts';
import type { RouteSteps } from '../solver-route.ts';
import type { Job } from './job.ts';
import type { JobOrder, JobService } from './job-service.ts';
import { currentView } from './job-view.ts';
import type { JobAccess } from './open-jobs.ts';

export const OrderQuerySchema = Type.Object(
  {
    priority: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 9, description: 'Higher goes first. 4 unless it is said; batches 3.' }),
    ),
    deadline: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'The job ends at this time: with the best plan so far, or failed.',
      }),
    ),
  },
  { additionalProperties: false },
);

/** Of a route that solves at once, or later where it is preferred. */
export const PreferHeadersSchema = Type.Object({
  prefer: Type.Optional(Type.String({ description: '`respond-async` makes a job of it.' })),
  'idempotency-key': Type.Optional(Type.String({ description: 'Of the job.' })),
});

export const OrderHeadersSchema = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      pattern: '^[!-~]{1,255}$',
      description: 'The same key with the same body names the same job; with another body it is refused.',
    }),
  ),
});

/** Batches let others pass. */
const DEFAULT_PRIORITY: Record<Job['operation'], number> = { solve: 4, batch: 3 };
const KEY = /^[!-~]{1,255}$/;

export interface SubmissionOptions {
  readonly operation: Job['operation'];
  readonly intake: Intake;
  /** Where what was accepted is found, its id left out. */
  readonly location: string;
  readonly view: (jobs: JobService, job: Job) => Promise<object>;
}

export const JOB_SUBMISSION = { operation: 'solve', location: '/v1/jobs', view: currentView } as const;

/** Answers 202 when the job is durable. */
export function submission(jobs: JobAccess, { operation, intake, location, view }: SubmissionOptions): RouteSteps {
  return {
    async onRequest(request) {
      // Before the body is read.
      const { length = 0 } = intake.expectKept(request);
      await jobs.get().expect(orderOf(request, operation), length);
    },

    async handler(request, reply): Promise<FastifyReply> {
      const chunks = intake.chunks(request);
      const service = jobs.get();
      const { job } = await service.submit(orderOf(request, operation), chunks);
      return reply
        .code(202)
        .header('location', `${location}/${job.id}`)
        .send(await view(service, job));
    },
  };
}

/** Errors: MEDIA_TYPE_UNSUPPORTED, REQUEST_INVALID. */
function orderOf(request: FastifyRequest, operation: Job['operation']): JobOrder {
  const { priority = DEFAULT_PRIORITY[operation], deadline } = parseQuery(OrderQuerySchema, request.query);
  return {
    id: randomUUID(),
    owner: request.caller.id,
    operation,
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
