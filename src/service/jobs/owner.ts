/** Whose jobs a request may see. */
import type { FastifyRequest } from 'fastify';
import { EgressoError } from '../../errors.ts';
import type { Job } from './job.ts';
import type { JobService } from './job-service.ts';

interface Caller {
  readonly id: string;
  readonly role: string;
}

/** Where nobody is told apart, everybody is this one. */
const LOCAL: Caller = { id: 'local', role: 'admin' };

export function callerOf(request: FastifyRequest): Caller {
  return (request as FastifyRequest & { caller?: Caller }).caller ?? LOCAL;
}

/** Errors: JOB_NOT_FOUND, also for the job of somebody else. */
export async function ownJob(
  jobs: JobService,
  request: FastifyRequest,
  operation: Job['operation'] = 'solve',
): Promise<Job> {
  const { id } = request.params as { id: string };
  const { id: caller, role } = callerOf(request);
  const job = await jobs.find(id);
  if (job?.operation === operation && (role === 'admin' || job.owner === caller)) return job;
  throw new EgressoError('JOB_NOT_FOUND', `there is no ${operation === 'batch' ? 'batch' : 'job'} ${id}, or no more`);
}
