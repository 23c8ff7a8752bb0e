/**
 * In which units the integer program counts.
 *
 * Whole volumes and costs stay as they are. HiGHS 1.15 takes rows for integral within its tolerance, and scales and rounds
 * them in presolve and in cuts: over coefficients that are multiples of a fraction it ended as optimal above the optimum
 * now and then, over whole ones it was not seen to (docs/quality.md). Others get a mean of 1 in the objective, and of 1000
 * in the rows of capacity: feasibility is judged by absolute tolerances, which are a small share of them then.
 */

import { hasIntegralObjective } from '../../problem/integral-bound.ts';
import type { Problem } from '../../problem/problem.ts';

export interface ExactScales {
  /** Times a volume or a capacity. */
  readonly row: number;
  /** What a unit of the program's objective is worth. */
  readonly objective: number;
  /** Loads are whole numbers: so may be what limits them. */
  readonly isWhole: boolean;
}

/** Greatest whole cost that is not scaled: sums of some hundred stay exact far below the tolerance. */
const LARGEST_WHOLE = 1e6;
const MEAN_IN_ROWS = 1000;

export function exactScales(problem: Problem): ExactScales {
  const { totalVolume, pairCount, pairVolume, distance, slotCost, changeUnit } = problem;
  const dearest = greatest(distance) + greatest(slotCost) + greatest(changeUnit);
  if (hasIntegralObjective(problem) && greatest(pairVolume) * Math.max(1, dearest) <= LARGEST_WHOLE) {
    return { row: 1, objective: 1, isWhole: true };
  }
  const mean = totalVolume / Math.max(1, pairCount) || 1;
  return { row: MEAN_IN_ROWS / mean, objective: mean, isWhole: false };
}

/** Of the finite ones. */
function greatest(values: Float64Array): number {
  return values.reduce((most, value) => (value < Number.POSITIVE_INFINITY ? Math.max(most, value) : most), 0);
}
