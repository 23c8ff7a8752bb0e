/** A valid choice to start from: step 1 of FIG. 3 where single egresses exist, egress sets where they do not. */
import type { Choice } from '../../problem/choice.ts';
import type { Problem } from '../../problem/problem.ts';
import { PrefixOracle } from '../lagrangian/prefix-oracle.ts';
import type { RunControl } from '../run/run-control.ts';
import { cheapestIngress } from './egress-stage.ts';
import { assignEgress } from './single-egress.ts';

/** Prefixes with traffic that no single egress may carry for all of their pairs: SES has no plan for them. */
export function prefixesWithoutSingleEgress(problem: Problem): number[] {
  const oracle = new PrefixOracle(problem, { variant: 'ses', fixedIngress: null, prune: false });
  return prefixesWithoutChoice(problem, oracle);
}

/** Prefixes with traffic for which no egress set gives every pair an egress that may carry it (within the search limit). */
export function prefixesWithoutEgressSet(problem: Problem): number[] {
  const oracle = new PrefixOracle(problem, { variant: 'mes', fixedIngress: null, prune: false });
  return prefixesWithoutChoice(problem, oracle);
}

function prefixesWithoutChoice(problem: Problem, oracle: PrefixOracle): number[] {
  const free = new Float64Array(2 * problem.pointCount);
  const { slot } = oracle.cheapest(free, 1).choice;
  return [...oracle.prefixOf].filter((k) => slot[problem.pairStart[k]] < 0);
}

/** The least-cost choice of every prefix by itself, capacities aside. */
export function cheapestChoice(problem: Problem, variant: 'ses' | 'mes'): Choice {
  const oracle = new PrefixOracle(problem, { variant, fixedIngress: null, prune: false });
  const free = new Float64Array(2 * problem.pointCount);
  const { ingress, slot } = oracle.cheapest(free, 1).choice;
  return { ingress: ingress.slice(), slot: slot.slice() };
}

/** Step 1 for MES: single egresses by assignment, as for SES, and egress sets where there are none. */
export function initialEgress(problem: Problem, control: RunControl): Choice {
  return completeWithSets(problem, assignEgress(problem, null, undefined, control).slot);
}

/**
 * The cheapest ingress for every pair with a slot; a prefix whose pairs have none (-1) takes its cheapest egress set,
 * capacities aside. `slot` is not changed.
 */
export function completeWithSets(problem: Problem, slot: Int32Array): Choice {
  const cheapest = slot.includes(-1) ? cheapestChoice(problem, 'mes') : null;
  return {
    slot: slot.map((e, pair) => (e < 0 && cheapest !== null ? cheapest.slot[pair] : e)),
    ingress: slot.map((e, pair) =>
      e < 0 && cheapest !== null ? cheapest.ingress[pair] : cheapestIngress(problem, pair, e),
    ),
  };
}
