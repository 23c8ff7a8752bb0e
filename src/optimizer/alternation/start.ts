/** A valid choice to start from: step 1 of FIG. 3 where single egresses exist, egress sets where they do not. */
import type { Choice } from '../../problem/choice.ts';
import type { Problem } from '../../problem/problem.ts';
import { carriesAll } from '../../problem/single-egress.ts';
import { PrefixKernel, THOROUGH } from '../kernels/prefix-kernel.ts';
import { PrefixOracle } from '../lagrangian/prefix-oracle.ts';
import { type RunControl, UNLIMITED } from '../run/run-control.ts';
import { attemptStage } from '../run/stage.ts';
import { assignEgress, cheapestIngress } from './egress-stage.ts';

/** Nodes of the search before it is said that a prefix has no egress set. */
const PATIENT = 100_000;

/** Prefixes with traffic that no single egress may carry for all of their pairs: SES has no plan for them. O(pairs) as a rule. */
export function prefixesWithoutSingleEgress(problem: Problem): number[] {
  const { prefixCount, pairStart, egressStart } = problem;
  const without: number[] = [];
  for (let k = 0; k < prefixCount; k++) {
    if (pairStart[k] === pairStart[k + 1]) continue;
    let slot = egressStart[k];
    while (slot < egressStart[k + 1] && !carriesAll(problem, k, slot)) slot++;
    if (slot === egressStart[k + 1]) without.push(k);
  }
  return without;
}

export interface WithoutEgressSet {
  readonly prefix: number;
  /** There is none; else the search ended before it found one. */
  readonly isProven: boolean;
}

/** Prefixes with traffic for which no egress set was found that gives every pair an egress that may carry it. */
export function prefixesWithoutEgressSet(problem: Problem): WithoutEgressSet[] {
  const oracle = new PrefixOracle(problem, { variant: 'mes', fixedIngress: null, prune: false });
  const found = oracle.cheapest(new Float64Array(2 * problem.pointCount), 1);
  // Views of the kernel's memory.
  const [slot, value] = [found.choice.slot.slice(), found.value.slice()];
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

/** The least-cost choice of every prefix by itself, capacities aside; whatever the control says, which is told of the way. */
export function cheapestChoice(problem: Problem, variant: 'ses' | 'mes', control: RunControl = UNLIMITED): Choice {
  const kernel = new PrefixKernel(problem, { variant, fixedIngress: null }, control);
  const prices = new Float64Array(2 * problem.pointCount);
  const search = { prices, costWeight: 1, room: null, nodeLimit: THOROUGH, patient: 'always' } as const;
  const { ingress, slot } = kernel.pass(search).choice;
  return { ingress: ingress.slice(), slot: slot.slice() };
}

/** Step 1 for MES: single egresses by assignment, as for SES, and egress sets where there are none. */
export function initialEgress(problem: Problem, control: RunControl): Choice {
  const assigned = attemptStage(control, () => assignEgress(problem, null, undefined, control));
  const slot = assigned?.slot ?? new Int32Array(problem.pairCount).fill(-1);
  return completeWithSets(problem, slot, control);
}

/**
 * The cheapest ingress for every pair with a slot; a prefix whose pairs have none (-1) takes its cheapest egress set,
 * capacities aside. `slot` is not changed.
 */
export function completeWithSets(problem: Problem, slot: Int32Array, control: RunControl = UNLIMITED): Choice {
  const cheapest = slot.includes(-1) ? cheapestChoice(problem, 'mes', control) : null;
  return {
    slot: slot.map((e, pair) => (e < 0 && cheapest !== null ? cheapest.slot[pair] : e)),
    ingress: slot.map((e, pair) =>
      e < 0 && cheapest !== null ? cheapest.ingress[pair] : cheapestIngress(problem, pair, e),
    ),
  };
}
