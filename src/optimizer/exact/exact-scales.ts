/**
 * In which units the integer program counts.
 *
 * Whole volumes stay as they are in the rows of capacity, whole costs in the objective, each by itself. HiGHS 1.15 takes
 * rows for integral within its tolerance, and scales and rounds them in presolve and in cuts: over coefficients that are
 * multiples of a fraction it ended as optimal above the optimum now and then, over whole ones it was not seen to, whatever
 * the objective (docs/quality.md). Others get a mean volume of 1 in the objective, and of 1000 in the rows: feasibility is
 * judged by absolute tolerances, which are a small share of them then. So is optimality, which is why unit costs of a mean
 * below 1 are raised to it: at 1e-12 HiGHS ended as optimal at three times the optimum.
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
  const mean = totalVolume / Math.max(1, pairCount) || 1;
  const largest = greatest(pairVolume);
  const dearest = greatest(distance) + greatest(slotCost) + greatest(changeUnit);
  const isWhole = pairVolume.every(Number.isInteger) && largest <= LARGEST_WHOLE;
  const hasWholeCosts = hasIntegralObjective(problem) && largest * dearest <= LARGEST_WHOLE;
  const objective = hasWholeCosts ? 1 : mean * Math.min(1, meanCost(problem) || 1);
  return { row: isWhole ? 1 : MEAN_IN_ROWS / mean, objective, isWhole };
}

/** Of the unit costs that are finite and not 0; 0 where there is none. */
function meanCost({ distance, slotCost, changeUnit }: Problem): number {
  let sum = 0;
  let count = 0;
  for (const costs of [distance, slotCost, changeUnit]) {
    for (const cost of costs) {
      if (!(cost > 0 && cost < Number.POSITIVE_INFINITY)) continue;
      sum += cost;
      count++;
    }
  }
  return count === 0 ? 0 : sum / count;
}

/** Of the finite ones. */
function greatest(values: Float64Array): number {
  return values.reduce((most, value) => (value < Number.POSITIVE_INFINITY ? Math.max(most, value) : most), 0);
}
