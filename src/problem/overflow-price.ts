/** What overflow of a relaxation costs, and how much of it is none. */
import type { Problem } from './problem.ts';

/** Overflow of less than this share of the total weight is the solver's tolerance, not a fact. */
export const OVERFLOW_TOLERANCE = 1e-7;
/** Where overflow stays though it need not, its price is raised by this factor, so many times. */
export const DEARER = 16;
export const DEARER_ATTEMPTS = 5;

/** More per unit than the dearest arc costs: overflow is bought only where nothing else is left. */
export function overflowPriceOf(problem: Problem): number {
  let dearest = 0;
  for (const distance of problem.distance) if (Number.isFinite(distance)) dearest = Math.max(dearest, distance);
  const slotCost = problem.slotCost.reduce((most, cost) => Math.max(most, cost), 0);
  const change = problem.changeUnit.reduce((most, cost) => Math.max(most, cost), 0);
  // Where nothing costs anything every price is more.
  return 4 * (dearest + slotCost + change) || 1;
}
