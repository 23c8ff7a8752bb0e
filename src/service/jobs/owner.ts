/** Whose jobs a request may see. */
import type { FastifyRequest } from 'fastify';
import { EgressoError } from '../../errors.ts';
import { maySee } from '../../http/access/caller.ts';
import type { Job } from './job.ts';
import type { JobService } from './job-service.ts';

/** Errors: JOB_NOT_FOUND, also for the job of somebody else. */
export async function ownJob(
  jobs: JobService,
  request: FastifyRequest,
  operation: Job['operation'] = 'solve',
  { id } = request.params as { id: string },
): Promise<Job> {
  const job = await jobs.find(id);
  if (job?.operation === operation && maySee(request.caller, job.owner)) return job;
  throw new EgressoError('JOB_NOT_FOUND', `there is no ${operation === 'batch' ? 'batch' : 'job'} ${id}, or no more`);
}
