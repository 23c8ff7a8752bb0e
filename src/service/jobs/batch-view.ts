/** Batches and their items as HTTP shows them. */
import { type Static, Type } from 'typebox';
import { ProblemSchema, problemOf } from '../../http/problem.ts';
import { PlanSummarySchema } from '../plan-summary.ts';
import { JOB_STATES, type Job } from './job.ts';
import type { JobService } from './job-service.ts';
import { closed, JobSchema, jobView, nullable } from './job-view.ts';

const { id, state, priority, deadline, createdAt, startedAt, endedAt, cancelRequested, problem } = JobSchema.properties;
const count = Type.Integer({ minimum: 0 });

export const BatchSchema = Type.Object(
  {
    ...{ id, state, priority, deadline, createdAt, startedAt, endedAt, cancelRequested, problem },
    items: Type.Object(
      { total: nullable(count), queued: count, running: count, done: count, failed: count, cancelled: count },
      { ...closed, description: 'How many are in each state; the total is null before the list has been read.' },
    ),
  },
  closed,
);

export type BatchView = Static<typeof BatchSchema>;

export const BatchListSchema = Type.Object({ batches: Type.Array(BatchSchema), next: nullable(Type.String()) }, closed);

/** One line of the results. */
export const ItemSchema = Type.Object(
  {
    sequence: Type.Integer({ minimum: 1, description: 'The order in which items ended; for `after`.' }),
    item: Type.Integer({ minimum: 0, description: 'Its place in the list of variations.' }),
    id: Type.String({ description: 'Of the variation.' }),
    job: Type.String({ description: 'Where its plan is: /v1/jobs/{job}/plan.' }),
    state: Type.Enum(JOB_STATES.filter((name) => name !== 'queued' && name !== 'running')),
    summary: nullable(PlanSummarySchema),
    problem: nullable(ProblemSchema),
  },
  closed,
);

export type ItemView = Static<typeof ItemSchema>;

export async function batchView(jobs: JobService, batch: Job): Promise<BatchView> {
  const { place, progress, summary, attempt, ...shared } = jobView(batch, null, null);
  return { ...shared, items: { total: batch.itemCount, ...(await jobs.itemCounts(batch.id)) } };
}

export function itemView({ endedSeq, item, name, id: job, state, summary, fault }: Job): ItemView {
  return {
    sequence: endedSeq as number,
    item: item as number,
    id: name as string,
    job,
    state: state as ItemView['state'],
    summary,
    problem: fault === null ? null : problemOf(fault),
  };
}
