import type { Problem } from './problem.ts';

/** More per unit than the dearest arc costs: overflow is bought only where nothing else is left. */
export function overflowPriceOf(problem: Problem): number {
  let dearest = 0;
  for (const distance of problem.distance) if (Number.isFinite(distance)) dearest = Math.max(dearest, distance);
  const slotCost = problem.slotCost.reduce((most, cost) => Math.max(most, cost), 0);
  const change = problem.changeUnit.reduce((most, cost) => Math.max(most, cost), 0);
  // Where nothing costs anything every price is more.
  return 4 * (dearest + slotCost + change) || 1;
}
