/** Batches over HTTP: one model, and a list of what is different in each of its solves. */
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { Type } from 'typebox';
import { SolveOptionsSchema } from '../../model/options.ts';
import { ModelSchema } from '../../model/schema.ts';
import { BATCH_EXAMPLES } from '../examples.ts';
import { goneSignal } from '../gone-signal.ts';
import type { Intake } from '../intake.ts';
import { BatchListSchema, BatchSchema, type BatchView, batchView, ItemSchema } from '../jobs/batch-view.ts';
import { hasEnded, type Job } from '../jobs/job.ts';
import type { JobService } from '../jobs/job-service.ts';
import type { JobAccess } from '../jobs/open-jobs.ts';
import { ownJob } from '../jobs/owner.ts';
import { resultStream } from '../jobs/result-stream.ts';
import { OrderHeadersSchema, OrderQuerySchema, submission } from '../jobs/submission.ts';
import { MAX_VARIATIONS } from '../variations.ts';
import { inBothTypes, inJson, problemAnswers } from './answers.ts';
import { DEFAULT_PAGE, IdSchema, ListQuerySchema } from './jobs.ts';
import { parseQuery } from './query.ts';

export const NDJSON_TYPE = 'application/x-ndjson';

const closed = { additionalProperties: false } as const;
const anything = (description: string) => Type.Record(Type.String(), Type.Unknown(), { description });

const VariationSchema = Type.Object(
  {
    id: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'Its place in the list if left out.' })),
    model: Type.Optional(anything('JSON merge patch (RFC 7396) of the model: lists and columns are replaced whole.')),
    traffic: Type.Optional(ModelSchema.properties.traffic),
    options: Type.Optional(anything('JSON merge patch of the options.')),
  },
  closed,
);

const BatchBodySchema = Type.Object(
  {
    model: ModelSchema,
    options: Type.Optional(Type.Partial(SolveOptionsSchema)),
    variations: Type.Array(VariationSchema, { minItems: 1, maxItems: MAX_VARIATIONS }),
  },
  closed,
);

const ResultQuerySchema = Type.Object(
  {
    after: Type.Optional(Type.Integer({ minimum: 0, default: 0, description: 'Only items with a later `sequence`.' })),
    wait: Type.Optional(Type.Boolean({ default: true, description: 'Goes on until the batch has ended.' })),
  },
  closed,
);

const SUBMISSION = { operation: 'batch', location: '/v1/batches', view: batchView } as const;

export function batchRoutes(access: JobAccess, intake: Intake): RouteOptions[] {
  return [
    {
      method: 'POST',
      url: '/v1/batches',
      schema: {
        summary: 'Accepts many solves of one model that are run later.',
        description:
          'Answers 202 when the batch is on disk. Each variation becomes a job; one that fails leaves the others alone.',
        tags: ['jobs'],
        querystring: OrderQuerySchema,
        headers: OrderHeadersSchema,
        body: inBothTypes('A model, options, and variations of them.', BatchBodySchema, BATCH_EXAMPLES),
        response: {
          202: inJson('The batch.', BatchSchema),
          ...problemAnswers(400, 401, 403, 408, 413, 415, 422, 429, 500, 503),
        },
      },
      ...submission(access, { ...SUBMISSION, intake }),
    },
    {
      method: 'GET',
      url: '/v1/batches',
      schema: {
        summary: 'Lists batches, the newest first.',
        tags: ['jobs'],
        querystring: ListQuerySchema,
        response: {
          200: inJson('A page of batches.', BatchListSchema),
          ...problemAnswers(400, 401, 403, 404, 429, 500, 503),
        },
      },
      handler: (request) => list(access.get(), request),
    },
    {
      method: 'GET',
      url: '/v1/batches/:id',
      schema: {
        summary: 'Tells how many items of a batch are in each state.',
        tags: ['jobs'],
        params: IdSchema,
        response: { 200: inJson('The batch.', BatchSchema), ...problemAnswers(401, 403, 404, 429, 500, 503) },
      },
      handler: async (request) => batchView(access.get(), await ownJob(access.get(), request, 'batch')),
    },
    {
      method: 'DELETE',
      url: '/v1/batches/:id',
      schema: {
        summary: 'Cancels the items of a batch that have not ended.',
        tags: ['jobs'],
        params: IdSchema,
        response: {
          200: inJson('The batch had ended, or has now.', BatchSchema),
          202: inJson('The batch will end soon.', BatchSchema),
          ...problemAnswers(401, 403, 404, 429, 500, 503),
        },
      },
      handler: (request, reply) => cancel(access.get(), request, reply),
    },
    {
      method: 'GET',
      url: '/v1/batches/:id/results',
      schema: {
        summary: 'The items of a batch as they end.',
        tags: ['jobs'],
        params: IdSchema,
        querystring: ResultQuerySchema,
        response: {
          200: { description: 'An item a line.', content: { [NDJSON_TYPE]: { schema: ItemSchema } } },
          ...problemAnswers(400, 401, 403, 404, 429, 500, 503),
        },
      },
      handler: (request, reply) => results(access.get(), request, reply),
    },
  ];
}

async function list(jobs: JobService, request: FastifyRequest): Promise<{ batches: BatchView[]; next: string | null }> {
  const { limit = DEFAULT_PAGE, ...query } = parseQuery(ListQuerySchema, request.query);
  const { before } = query;
  // A page after one that was forgotten would look like the last.
  if (before !== undefined) await ownJob(jobs, request, 'batch', { id: before });
  const { id, role } = request.caller;
  const found = await jobs.list({ ...query, operation: 'batch', limit, ...(role !== 'admin' && { owner: id }) });
  const next = found.length === limit ? (found.at(-1) as Job).id : null;
  return { batches: await Promise.all(found.map((batch) => batchView(jobs, batch))), next };
}

async function cancel(jobs: JobService, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const batch = (await jobs.cancel((await ownJob(jobs, request, 'batch')).id)) as Job;
  return reply.code(hasEnded(batch) ? 200 : 202).send(await batchView(jobs, batch));
}

async function results(jobs: JobService, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { after = 0, wait: waits = true } = parseQuery(ResultQuerySchema, request.query);
  const batch = await ownJob(jobs, request, 'batch');
  return reply.type(NDJSON_TYPE).send(Readable.from(resultStream(jobs, batch, { after, waits }, goneSignal(reply))));
}
