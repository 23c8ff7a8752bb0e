/** Memory for jobs that run in this process. */
import type { Job } from './job.ts';

/** Begin; let others pass whose owner has memory left; or wait, and all others too: what is large must have its turn. */
export type Verdict = 'begin' | 'pass' | 'wait';

export interface JobGate {
  verdict(job: Job): Verdict;
  /** Takes memory until it is given back. Errors: BODY_TOO_LARGE where it would never fit. */
  enter(job: Job): Disposable;
  /** `listener` is told whenever there may be more room. */
  onRoom(listener: () => void): void;
}
