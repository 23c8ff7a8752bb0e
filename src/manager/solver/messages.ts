/** What the manager asks of the thread of its solver; the answer is a `Reallocation`. */
import type { ReallocationRequest } from '../decision/reallocator.ts';

export interface SolverQuestion {
  readonly request: ReallocationRequest;
  /** By the thread's clock, from when it hears of the question; the best that it has by then is the answer. */
  readonly limitMs: number;
}
