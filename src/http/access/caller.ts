/** Who sends a request, and what it may do. */

/** `solve` runs solves and sees its own jobs; `admin` sees those of all, and the metrics. */
export type Role = 'solve' | 'admin';

/** What a route asks of its caller; a route that says nothing asks for `solve`. */
export type Access = 'public' | Role;

export interface Caller {
  readonly id: string;
  readonly role: Role;
  /** Infinity where there is no limit. */
  readonly requestsPerMinute: number;
  /** Requests that may come at once after a pause. */
  readonly burst: number;
  /** Estimated memory that its requests may take at one time; Infinity where there is no limit. */
  readonly memoryBytes: number;
}

/** The caller of every request where no keys are configured: the service is reached from this machine only. */
export const LOCAL_CALLER: Caller = {
  id: 'local',
  role: 'admin',
  requestsPerMinute: Number.POSITIVE_INFINITY,
  burst: Number.POSITIVE_INFINITY,
  memoryBytes: Number.POSITIVE_INFINITY,
};

/** Who has not said who it is. It has no jobs. */
export const ANONYMOUS: Caller = { id: '', role: 'solve', requestsPerMinute: 0, burst: 0, memoryBytes: 0 };

export function mayUse({ role }: Caller, access: Access): boolean {
  return access !== 'admin' || role === 'admin';
}

/** Whether a caller may see what belongs to `owner`. Where it may not, the thing does not exist for it: 404, not 403. */
export function maySee({ id, role }: Caller, owner: string): boolean {
  return role === 'admin' || id === owner;
}
