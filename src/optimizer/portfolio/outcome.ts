/** What a run of the optimizer comes to. */
import { relativeGap } from '../../problem/relative-gap.ts';
import type { Candidate, Phase } from '../run/incumbent.ts';
import type { Known } from '../run/known.ts';

export type Stopped = 'done' | 'gap' | 'time' | 'iterations' | 'cancelled' | 'failed';

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
