import type { Job } from './job.ts';

interface Log {
  info(fields: object, message: string): void;
}

/** A line for a job that was accepted, has started or ended; never with its body. */
export function logJob(log: Log, { id, owner, operation, batch, state, attempt }: Job): void {
  log.info({ job: id, owner, operation, ...(batch !== null && { batch }), state, attempt }, 'job');
}
