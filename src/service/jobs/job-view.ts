/** Jobs as HTTP shows them; one schema for the answers and the OpenAPI document. */
import { type Static, type TSchema, Type } from 'typebox';
import { ProblemSchema, problemOf } from '../../http/problem.ts';
import { PlanSummarySchema } from '../plan-summary.ts';
import type { RunProgress } from '../task.ts';
import { JOB_STATES, type Job } from './job.ts';
import type { JobService } from './job-service.ts';

export const nullable = <T extends TSchema>(type: T) => Type.Union([type, Type.Null()]);
export const closed = { additionalProperties: false } as const;
export const time = (description: string) => Type.String({ format: 'date-time', description });

export const ProgressSchema = Type.Object(
  {
    phase: Type.String(),
    incumbent: nullable(Type.Number({ description: 'Objective of the best plan so far; null before there is one.' })),
    bound: nullable(Type.Number({ description: 'No plan that fits has a lower objective.' })),
    gap: nullable(Type.Number({ description: '(incumbent − bound) / incumbent.' })),
  },
  closed,
);

export const JobSchema = Type.Object(
  {
    id: Type.String(),
    state: Type.Enum([...JOB_STATES]),
    priority: Type.Integer({ minimum: 0, maximum: 9, description: 'Higher goes first.' }),
    deadline: nullable(time('It ends at this time at the latest.')),
    createdAt: time('When it was accepted.'),
    startedAt: nullable(time('When it was last started.')),
    endedAt: nullable(time('When it ended.')),
    attempt: Type.Integer({ description: 'How often it was started: again after the process has died.' }),
    cancelRequested: Type.Boolean(),
    place: nullable(
      Type.Integer({ minimum: 0, description: 'Jobs that go before it; null unless it is queued, and in lists.' }),
    ),
    progress: nullable(ProgressSchema),
    summary: nullable(PlanSummarySchema),
    problem: nullable(ProblemSchema),
  },
  closed,
);

export type JobView = Static<typeof JobSchema>;

export const JobListSchema = Type.Object(
  {
    jobs: Type.Array(JobSchema),
    next: nullable(Type.String({ description: 'For `before` of the next page; null on the last.' })),
  },
  closed,
);

export function jobView(job: Job, place: number | null, progress: RunProgress | null): JobView {
  const { id, state, priority, attempt, cancelRequested, summary, fault } = job;
  return {
    id,
    state,
    priority,
    deadline: timeOf(job.deadline),
    createdAt: new Date(job.createdAt).toISOString(),
    startedAt: timeOf(job.startedAt),
    endedAt: timeOf(job.endedAt),
    attempt,
    cancelRequested,
    place,
    progress: state === 'running' ? progress : null,
    summary,
    problem: fault === null ? null : problemOf(fault),
  };
}

/** As it is now. */
export async function currentView(jobs: JobService, job: Job): Promise<JobView> {
  const place = job.state === 'queued' ? await jobs.queuePlace(job.id) : null;
  return jobView(job, place, jobs.progress(job.id));
}

export function timeOf(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}
