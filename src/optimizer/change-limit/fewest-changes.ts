/**
 * How many pairs have to leave their current choice, and a choice that leaves few.
 *
 *   min  number of pairs that leave their current choice,   each prefix by itself, under the rules other than capacity
 *
 * First by price: a change dearer than anything else a prefix could gain, so that of the choices with few changes it is a
 * cheap one. Its search is cut short; where the limit is not met so, changes alone are counted (every cost 0, every change
 * 1, every volume 1), which prunes far better, under more and more nodes.
 *
 * Guarantee: `least` holds for every plan, whatever the search was cut to: it is made of lower bounds. `count` is that of
 * `choice`. Cost: a pass of prefix-kernel, and up to three more over the prefixes that are not decided.
 */
import type { Choice } from '../../problem/choice.ts';
import { overflowPriceOf } from '../../problem/overflow-price.ts';
import { volumeByPrefix } from '../../problem/prefix-volume.ts';
import type { Problem } from '../../problem/problem.ts';
import { PrefixKernel, SEARCHING, THOROUGH } from '../kernels/prefix-kernel.ts';
import { type RunControl, unlessStopped } from '../run/run-control.ts';
import { changeUnitsAt, countChanges, isChange } from './change-price.ts';

/** Of all volume: what a pair without any is taken for where changes are counted. */
const LEAST_SHARE = 1e-9;
/** Nodes of the search for one prefix, turn by turn. */
const NODE_LIMITS = [THOROUGH, 16 * THOROUGH, 256 * THOROUGH];
/** Counts are whole: what their sums may be off. */
const ROUNDING = 1e-6;

export interface FewestChanges {
  /** Rules other than capacity hold; owned by the caller. */
  readonly choice: Choice;
  readonly count: number;
  /** Proven: no plan has fewer changes. */
  readonly least: number;
}

/** A choice that leaves few current choices, and of such a cheap one; owned by the caller. */
export function closeToCurrent(problem: Problem, variant: 'ses' | 'mes', control: RunControl): Choice {
  // What carries nothing counts too.
  const least = (problem.totalVolume || 1) * LEAST_SHARE;
  const counted = { ...problem, pairVolume: problem.pairVolume.map((volume) => volume || least) };
  const dear = overflowPriceOf(counted);
  const largest = volumeByPrefix(counted).reduce((most, volume) => Math.max(most, volume), 0);
  // Dearer than anything that the other pairs of the prefix could gain.
  const changeUnit = changeUnitsAt(counted, 4 * dear * largest, Number.POSITIVE_INFINITY);
  const kernel = new PrefixKernel({ ...counted, changeUnit }, { variant, fixedIngress: null }, control);
  const prices = new Float64Array(2 * problem.pointCount);
  const found = kernel.pass({ prices, costWeight: 1, room: null, nodeLimit: SEARCHING, patient: 'always' }).choice;
  return { ingress: found.ingress.slice(), slot: found.slot.slice() };
}

/** Searches until the limit is met, or it is proven that it cannot be, or the nodes or the time end. */
export function fewestChanges(
  problem: Problem,
  variant: 'ses' | 'mes',
  limit: number,
  control: RunControl,
): FewestChanges {
  const choice = closeToCurrent(problem, variant, control);
  const count = countChanges(problem, choice);
  if (count <= limit) return { choice, count, least: 0 };
  const search = new CountingSearch(problem, variant, choice, control);
  unlessStopped(() => {
    for (const nodeLimit of NODE_LIMITS) {
      search.run(nodeLimit);
      if (search.count <= limit || search.least > limit) break;
    }
  });
  return { choice, count: search.count, least: search.least };
}

/** Lowers the changes of a choice, prefix by prefix, and bounds them. */
class CountingSearch {
  private readonly problem: Problem;
  private readonly choice: Choice;
  private readonly kernel: PrefixKernel;
  private readonly prices: Float64Array;
  /** Float64 [prefixes]: changes of the choice, and the least proven. */
  private readonly counts: Float64Array;
  private readonly leasts: Float64Array;

  constructor(problem: Problem, variant: 'ses' | 'mes', choice: Choice, control: RunControl) {
    this.problem = problem;
    this.choice = choice;
    this.kernel = new PrefixKernel(countingProblem(problem), { variant, fixedIngress: null }, control);
    this.prices = new Float64Array(2 * problem.pointCount);
    this.leasts = new Float64Array(problem.prefixCount);
    this.counts = Float64Array.from(this.leasts, (_, k) => this.changesOf(k, choice));
  }

  get count(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }

  get least(): number {
    return this.leasts.reduce((sum, least) => sum + least, 0);
  }

  /** Over the prefixes that are not decided. Throws Interruption. */
  run(nodeLimit: number): void {
    const { counts, leasts, prices, choice, problem } = this;
    const list = Int32Array.from(counts.keys()).filter((k) => leasts[k] < counts[k]);
    const found = this.kernel.pass({ prices, costWeight: 1, room: null, nodeLimit }, list);
    for (const k of list) {
      const [first, end] = [problem.pairStart[k], problem.pairStart[k + 1]];
      leasts[k] = Math.max(leasts[k], Math.ceil(found.value[k] - ROUNDING));
      if (found.choice.slot[first] < 0) continue;
      const count = this.changesOf(k, found.choice);
      if (count >= counts[k]) continue;
      counts[k] = count;
      choice.ingress.set(found.choice.ingress.subarray(first, end), first);
      choice.slot.set(found.choice.slot.subarray(first, end), first);
    }
  }

  private changesOf(prefix: number, choice: Choice): number {
    const { pairStart } = this.problem;
    let count = 0;
    for (let pair = pairStart[prefix]; pair < pairStart[prefix + 1]; pair++) {
      count += Number(isChange(this.problem, pair, choice));
    }
    return count;
  }
}

/** The same rules; the cost of a plan is its number of changes. */
function countingProblem(problem: Problem): Problem {
  const { distance, slotCost, pairCount, currentIngress } = problem;
  return {
    ...problem,
    distance: distance.map((metric) => (metric === Number.POSITIVE_INFINITY ? metric : 0)),
    slotCost: new Float64Array(slotCost.length),
    pairVolume: new Float64Array(pairCount).fill(1),
    changeUnit: Float64Array.from(currentIngress, (point) => Number(point >= 0)),
  };
}
