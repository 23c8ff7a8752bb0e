/** A valid choice to start from: step 1 of FIG. 3 where single egresses exist, egress sets where they do not. */
import type { Choice } from '../../problem/choice.ts';
import type { Problem } from '../../problem/problem.ts';
import { PrefixOracle } from '../lagrangian/prefix-oracle.ts';
import type { RunControl } from '../run/run-control.ts';
import { cheapestIngress } from './egress-stage.ts';
import { assignEgress } from './single-egress.ts';

/** Nodes of the search before it is said that a prefix has no egress set. */
const PATIENT = 100_000;

/** Prefixes with traffic that no single egress may carry for all of their pairs: SES has no plan for them. */
export function prefixesWithoutSingleEgress(problem: Problem): number[] {
  const { oracle, slot } = cheapestOf(problem, 'ses');
  return [...oracle.prefixOf].filter((k) => slot[problem.pairStart[k]] < 0);
}

export interface WithoutEgressSet {
  readonly prefix: number;
  /** There is none; else the search ended before it found one. */
  readonly isProven: boolean;
}

/** Prefixes with traffic for which no egress set was found that gives every pair an egress that may carry it. */
export function prefixesWithoutEgressSet(problem: Problem): WithoutEgressSet[] {
  const { oracle, slot, value } = cheapestOf(problem, 'mes');
  const without = oracle.prefixOf.filter((k) => slot[problem.pairStart[k]] < 0);
  // A search that is cut short ends with a finite bound, one that has seen every set with none.
  const undecided = without.filter((k) => value[k] < Number.POSITIVE_INFINITY);
  if (undecided.length === 0) return Array.from(without, (prefix) => ({ prefix, isProven: true }));
  const prices = new Float64Array(2 * problem.pointCount);
  const search = { prices, costWeight: 1, room: null, nodeLimit: PATIENT } as const;
  const bounds = oracle.kernel.pass(search, undecided).value;
  return Array.from(without, (prefix) => ({
    prefix,
    isProven: !undecided.includes(prefix) || bounds[prefix] === Number.POSITIVE_INFINITY,
  }));
}

function cheapestOf(problem: Problem, variant: 'ses' | 'mes') {
  const oracle = new PrefixOracle(problem, { variant, fixedIngress: null, prune: false });
  const { choice, value } = oracle.cheapest(new Float64Array(2 * problem.pointCount), 1);
  // Views of the kernel's memory.
  return { oracle, ingress: choice.ingress.slice(), slot: choice.slot.slice(), value: value.slice() };
}

/** The least-cost choice of every prefix by itself, capacities aside. */
export function cheapestChoice(problem: Problem, variant: 'ses' | 'mes'): Choice {
  const { ingress, slot } = cheapestOf(problem, variant);
  return { ingress, slot };
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
