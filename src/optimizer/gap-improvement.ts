/**
 * What follows GREEDY: the ejection search from its assignment, then the integer program over the arcs that reduced cost
 * leaves (all of them where nothing fits yet), warm-started.
 *
 * Guarantee: the result is never worse than the start, the bound never lower. Cost: half of the time left to each, and all
 * of it to the search where the program would be too large.
 */
import { type GapSolution, judge, subInstance } from './gap.ts';
import { coreArcs } from './gap-core.ts';
import { GAP_EXACT_ARCS, solveGapExactly } from './gap-exact.ts';
import type { GapInstance } from './gap-instance.ts';
import { GAP_SEARCH_PAIRS, searchGap } from './gap-search.ts';
import { roundedUp } from './integral-bound.ts';
import { type RunControl, stopRequested, withShare } from './run-control.ts';

/** Nodes of branch and bound where no clock ends the run. */
const NODES_WITHOUT_CLOCK = 500;
const SEARCH_SHARE = 0.5;
/** Relative: where the search ends, for the gap is then as good as closed. */
const CLOSED = 1e-9;
const SEED = 1;

export interface GapImprovement {
  /** Int32 [jobs], arcs. */
  readonly assignment: Int32Array;
  /** Null where it is proven that nothing fits. */
  readonly lowerBound: number | null;
}

export function improveGap(instance: GapInstance, first: GapSolution, control: RunControl): GapImprovement {
  const bound = instance.cost.every(Number.isInteger) ? roundedUp(first.lowerBound) : first.lowerBound;
  const target = bound + CLOSED * Math.abs(bound);
  const isClosed = (assignment: Int32Array): boolean => {
    const { cost, overload } = judge(instance, assignment);
    return overload === 0 && cost <= target;
  };
  let assignment = first.assignment;
  const search = (share: number): void => {
    if (instance.jobCount * instance.machineCount > GAP_SEARCH_PAIRS) return;
    const { prices } = first;
    assignment =
      searchGap(instance, { start: assignment, prices, target, seed: SEED, control: withShare(control, share) }) ??
      assignment;
  };
  if (!isClosed(assignment)) search(SEARCH_SHARE);
  if (isClosed(assignment) || stopRequested(control)) return { assignment, lowerBound: bound };

  const incumbent = judge(instance, assignment);
  const arcs =
    incumbent.overload === 0
      ? coreArcs(instance, { assignment, cost: incumbent.cost }, first)
      : Int32Array.from(instance.machine.keys());
  if (arcs.length > GAP_EXACT_ARCS) {
    if (Number.isFinite(control.remainingMs())) search(1);
    return { assignment, lowerBound: bound };
  }
  const placeOf = new Int32Array(instance.machine.length);
  arcs.forEach((arc, place) => {
    placeOf[arc] = place;
  });
  const exact = solveGapExactly(subInstance(instance, arcs), {
    start: assignment.map((arc) => placeOf[arc]),
    nodeLimit: Number.isFinite(control.remainingMs()) ? undefined : NODES_WITHOUT_CLOCK,
    control,
  });
  if (exact.lowerBound === null) return { assignment, lowerBound: null };
  if (exact.assignment !== null) {
    const found = exact.assignment.map((place) => arcs[place]);
    if (incumbent.overload > 0 || judge(instance, found).cost < incumbent.cost) assignment = found;
  }
  // Of what was left out nothing is cheaper than the incumbent.
  const proven = incumbent.overload === 0 ? Math.min(exact.lowerBound, incumbent.cost) : exact.lowerBound;
  return { assignment, lowerBound: Math.max(bound, proven) };
}
