/** Jobs over HTTP. */
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { Type } from 'typebox';
import { PlanSchema } from '../../plan/plan.ts';
import { SOLVE_EXAMPLES } from '../examples.ts';
import { goneSignal } from '../gone-signal.ts';
import type { Intake } from '../intake.ts';
import { eventStream, knowsEnd } from '../jobs/event-stream.ts';
import { hasEnded, JOB_STATES, type Job } from '../jobs/job.ts';
import type { JobService } from '../jobs/job-service.ts';
import { currentView, JobListSchema, JobSchema, type JobView, jobView } from '../jobs/job-view.ts';
import type { JobAccess } from '../jobs/open-jobs.ts';
import { ownJob } from '../jobs/owner.ts';
import { sendPlan } from '../jobs/plan-answer.ts';
import { JOB_SUBMISSION, OrderHeadersSchema, OrderQuerySchema, submission } from '../jobs/submission.ts';
import { answerMediaType, JSON_TYPE } from '../media-type.ts';
import type { SolverPool } from '../pool.ts';
import { inBothTypes, inJson, problemAnswers } from './answers.ts';
import { parseQuery } from './query.ts';
import { SolveBodySchema } from './solve.ts';

export const ListQuerySchema = Type.Object(
  {
    state: Type.Optional(Type.Enum([...JOB_STATES])),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    before: Type.Optional(Type.String({ description: 'Only those that were accepted before this job.' })),
  },
  { additionalProperties: false },
);
const PlanQuerySchema = Type.Object(
  { partial: Type.Optional(Type.Boolean({ default: false, description: 'The best plan so far will do.' })) },
  { additionalProperties: false },
);
const EventHeadersSchema = Type.Object({
  'last-event-id': Type.Optional(
    Type.String({ description: 'The id of the last event that the client has: what is different is told.' }),
  ),
});
export const IdSchema = Type.Object({ id: Type.String() });

export const DEFAULT_PAGE = 100;

export function jobRoutes(access: JobAccess, pool: SolverPool, intake: Intake): RouteOptions[] {
  return [
    {
      method: 'POST',
      url: '/v1/jobs',
      schema: {
        summary: 'Accepts a solve that is run later.',
        description:
          'Answers 202 when the job is on disk. The body is the same as that of /v1/solve; it is looked at when the job runs.',
        tags: ['jobs'],
        querystring: OrderQuerySchema,
        headers: OrderHeadersSchema,
        body: inBothTypes('A model and options.', SolveBodySchema, SOLVE_EXAMPLES),
        response: {
          202: inJson('The job, accepted now or, by its idempotency key, before.', JobSchema),
          ...problemAnswers(400, 401, 403, 408, 413, 415, 422, 429, 500, 503),
        },
      },
      ...submission(access, { ...JOB_SUBMISSION, intake }),
    },
    {
      method: 'GET',
      url: '/v1/jobs',
      schema: {
        summary: 'Lists jobs, the newest first.',
        tags: ['jobs'],
        querystring: ListQuerySchema,
        response: {
          200: inJson('A page of jobs.', JobListSchema),
          ...problemAnswers(400, 401, 403, 404, 429, 500, 503),
        },
      },
      handler: (request) => list(access.get(), request),
    },
    {
      method: 'GET',
      url: '/v1/jobs/:id',
      schema: {
        summary: 'Tells the state of a job.',
        tags: ['jobs'],
        params: IdSchema,
        response: { 200: inJson('The job.', JobSchema), ...problemAnswers(401, 403, 404, 429, 500, 503) },
      },
      handler: async (request) => currentView(access.get(), await ownJob(access.get(), request)),
    },
    {
      method: 'DELETE',
      url: '/v1/jobs/:id',
      schema: {
        summary: 'Cancels a job.',
        description: 'A running job ends with the best plan that it has. A job that has ended stays as it is.',
        tags: ['jobs'],
        params: IdSchema,
        response: {
          200: inJson('The job had ended, or has now.', JobSchema),
          202: inJson('The job will end soon.', JobSchema),
          ...problemAnswers(401, 403, 404, 429, 500, 503),
        },
      },
      handler: (request, reply) => cancel(access.get(), request, reply),
    },
    {
      method: 'GET',
      url: '/v1/jobs/:id/plan',
      schema: {
        summary: 'The plan of a job.',
        description: 'The same bytes as those of /v1/solve.',
        tags: ['jobs'],
        params: IdSchema,
        querystring: PlanQuerySchema,
        response: {
          200: inBothTypes('The plan.', PlanSchema),
          ...problemAnswers(400, 401, 403, 404, 406, 429, 500, 503),
        },
      },
      handler: (request, reply) => plan(access.get(), pool, intake, request, reply),
    },
    {
      method: 'GET',
      url: '/v1/jobs/:id/events',
      schema: {
        summary: 'Tells how a job goes on, until it ends.',
        description:
          'Server-sent events: `state` with the job, `progress` with phase, incumbent, bound and gap, `queue` with its place.',
        tags: ['jobs'],
        params: IdSchema,
        headers: EventHeadersSchema,
        response: {
          200: { description: 'Events.', content: { 'text/event-stream': { schema: Type.String() } } },
          204: Type.Null({ description: 'The job has ended, and the client knows.' }),
          ...problemAnswers(401, 403, 404, 429, 500, 503),
        },
      },
      handler: (request, reply) => events(access.get(), request, reply),
    },
  ];
}

async function list(jobs: JobService, request: FastifyRequest): Promise<{ jobs: JobView[]; next: string | null }> {
  const { limit = DEFAULT_PAGE, ...query } = parseQuery(ListQuerySchema, request.query);
  const { before } = query;
  // A page after one that was forgotten would look like the last.
  if (before !== undefined) await ownJob(jobs, request, 'solve', { id: before });
  const { id, role } = request.caller;
  const found = await jobs.list({ ...query, operation: 'solve', limit, ...(role !== 'admin' && { owner: id }) });
  const next = found.length === limit ? (found.at(-1) as Job).id : null;
  return { jobs: found.map((job) => jobView(job, null, jobs.progress(job.id))), next };
}

async function cancel(jobs: JobService, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const job = (await jobs.cancel((await ownJob(jobs, request)).id)) as Job;
  return reply.code(hasEnded(job) ? 200 : 202).send(await currentView(jobs, job));
}

async function plan(
  jobs: JobService,
  pool: SolverPool,
  intake: Intake,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { partial: isPartial = false } = parseQuery(PlanQuerySchema, request.query);
  const type = answerMediaType(request.headers.accept);
  const job = await ownJob(jobs, request);
  const admit = (length: number) => intake.admit(request.caller, length, JSON_TYPE);
  return sendPlan(reply, jobs, pool, { job, type, isPartial, admit, gone: goneSignal(reply) });
}

async function events(jobs: JobService, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const job = await ownJob(jobs, request);
  const lastId = String(request.headers['last-event-id'] ?? '');
  // A client that gets no content does not connect again (HTML, 9.2.3).
  if (knowsEnd(job, lastId)) return reply.code(204).send();
  const stream = Readable.from(eventStream(jobs, job.id, lastId, goneSignal(reply)));
  return reply.type('text/event-stream').header('cache-control', 'no-store').send(stream);
}
