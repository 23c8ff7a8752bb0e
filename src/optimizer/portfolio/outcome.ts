/** What a run of the optimizer comes to. */
import { relativeGap } from '../../problem/relative-gap.ts';
import type { Candidate, Phase } from '../run/incumbent.ts';

export type Stopped = 'done' | 'gap' | 'time' | 'iterations' | 'cancelled' | 'failed';

/** The best plan known, and what is proven of all plans. */
export interface Known {
  readonly candidate: Candidate;
  /** Null where it is proven that no plan fits. */
  readonly lowerBound: number | null;
  /** Least total overload of any plan, proven; 0 where none is. */
  readonly leastOverload: number;
  /** It is proven that no plan fits, be it by an amount or by the integer program alone. */
  readonly provenOverloaded: boolean;
  /** Float64 [2n], shadow prices of ingress sides, then egress sides. */
  readonly prices: Float64Array;
}

export interface Optimum extends Known {
  readonly phases: readonly Phase[];
  readonly stopped: Stopped;
}

/** (objective − bound) / objective; Infinity where the candidate is overloaded or there is no bound. */
export function gapOf(candidate: Candidate, bound: number | null): number {
  const { objective, overload } = candidate.evaluation;
  if (overload > 0 || bound === null) return Number.POSITIVE_INFINITY;
  return relativeGap(objective, bound);
}
