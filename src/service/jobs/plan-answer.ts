/** The plan of a job, or the best so far, in the media type that is asked for. */
import type { FastifyReply } from 'fastify';
import { EgressoError } from '../../errors.ts';
import { JSON_TYPE, type MediaType } from '../media-type.ts';
import type { SolverPool } from '../pool.ts';
import { sendProblem } from '../send-problem.ts';
import type { Answer } from '../task.ts';
import { hasEnded, type Job } from './job.ts';
import type { JobService } from './job-service.ts';

export interface PlanRequest {
  readonly job: Job;
  readonly type: MediaType;
  /** The best so far will do. */
  readonly isPartial: boolean;
  /** Takes a place and memory for work on so many bytes of JSON. */
  readonly admit: (length: number) => Disposable;
  /** Aborts when the client goes away. */
  readonly gone: AbortSignal;
}

/** Errors: PLAN_NOT_FOUND. */
export async function sendPlan(
  reply: FastifyReply,
  jobs: JobService,
  pool: SolverPool,
  { job, type, isPartial, admit, gone }: PlanRequest,
): Promise<FastifyReply> {
  if (job.plan !== null) {
    if (type !== JSON_TYPE) {
      const place = admit(job.plan.size);
      try {
        return await recode(reply, pool, await jobs.readPlan(job.plan), type, gone);
      } finally {
        place[Symbol.dispose]();
      }
    }
    return reply
      .type(JSON_TYPE)
      .header('content-length', job.plan.size)
      .send(await jobs.plan(job.plan));
  }
  if (hasEnded(job)) throw none(`the job is ${job.state}${job.fault === null ? '' : `: ${job.fault.message}`}`);
  if (!isPartial) throw none(`the job is ${job.state}`);
  // Its thread is busy with the job, and another one may not be there.
  if (type !== JSON_TYPE) throw new EgressoError('NOT_ACCEPTABLE', 'the best plan so far is told as JSON only');
  // Nobody runs a job that waits.
  const best = job.state === 'running' ? await jobs.bestPlan(job.id) : null;
  if (best === null) throw none(`the job is ${job.state}`);
  return sendAnswer(reply, best, JSON_TYPE);
}

/** Plans are kept as JSON; threads make something else of them. */
async function recode(
  reply: FastifyReply,
  pool: SolverPool,
  body: SharedArrayBuffer,
  answerType: MediaType,
  signal: AbortSignal,
): Promise<FastifyReply> {
  const answer = await pool.run({ operation: 'recode', body, bodyType: JSON_TYPE, answerType }, { signal }).answer;
  return sendAnswer(reply, answer, answerType);
}

function sendAnswer(reply: FastifyReply, answer: Answer, type: MediaType): FastifyReply {
  return answer.ok ? reply.type(type).send(Buffer.from(answer.body)) : sendProblem(reply, answer);
}

function none(reason: string): EgressoError {
  return new EgressoError('PLAN_NOT_FOUND', `there is no plan: ${reason}`);
}
