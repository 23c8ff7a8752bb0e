/**
 * Plans prefix by prefix, both sides of capacity at once, by the kernels.
 *
 * Filling: heaviest first, every prefix takes its cheapest choice under prices that follow the loads. A side that fills
 * faster than the volume placed so far would have it becomes dearer: with prices near the optimal ones that spreads the
 * prefixes which could go either way as the relaxation does, without a vertex of it; and because heavy prefixes shift what
 * is best for the light ones, the prices are sought anew from tier to tier. Repair: every prefix on a side in
 * excess chooses anew at real cost in the room that the others leave, a unit of overload counting more from turn to turn, so that cheap ways out
 * are taken first.
 *
 * Guarantee: the rules other than capacity always hold; overload may be left. Cost of a filling, and of a turn: a pass of
 * prefix-kernel in which the search sees the room.
 */
import { type Choice, evaluate } from '../../problem/choice.ts';
import { overflowPriceOf } from '../../problem/overflow-price.ts';
import { prefixesByVolume, volumeByPrefix } from '../../problem/prefix-volume.ts';
import type { Problem } from '../../problem/problem.ts';
import { sideLimit, sideRoom } from '../../problem/sides.ts';
import { PrefixKernel, SEARCHING } from '../kernels/prefix-kernel.ts';
import type { Candidate } from '../run/incumbent.ts';
import { type RunControl, stopRequested } from '../run/run-control.ts';
import { classPrices } from './class-prices.ts';
import { ascendPrices } from './price-ascent.ts';

/** First step of a search for prices, in prices that are dearer than any way, and how long it goes on. */
const FIRST_STEP = 1 / 30;
const FIRST_PASSES = 60;
const NEXT_STEP = 1 / 100;
const NEXT_PASSES = 20;
const REPAIR_TURNS = 12;
const PASSES_A_TURN = 2;

export interface FillOptions {
  /** Float64 [2n]. */
  readonly prices: Float64Array;
  readonly stiffness: number;
  /** Prefixes of the first tier, and by how much the next one is larger; null: one tier, at the prices given. */
  readonly tiers: { readonly first: number; readonly growth: number } | null;
  /** What is placed already. */
  readonly fixed: Choice | null;
}

export class PrefixPlanner {
  readonly kernel: PrefixKernel;
  readonly variant: 'ses' | 'mes';
  /** Float64 [prefixes]. */
  readonly volume: Float64Array;
  /** Int32, prefixes with traffic, heaviest first. */
  readonly byVolume: Int32Array;
  /** More per unit than any way costs. */
  readonly dear: number;
  private readonly problem: Problem;
  private readonly control: RunControl;
  private readonly free: Float64Array;

  constructor(problem: Problem, variant: 'ses' | 'mes', control: RunControl) {
    this.problem = problem;
    this.control = control;
    this.variant = variant;
    this.kernel = new PrefixKernel(problem, { variant, fixedIngress: null }, control);
    this.volume = volumeByPrefix(problem);
    this.byVolume = Int32Array.from(prefixesByVolume(problem, this.volume));
    this.dear = overflowPriceOf(problem);
    this.free = new Float64Array(2 * problem.pointCount);
  }

  /** Sets a plan; prefixes of slot -1 are not placed. */
  take(choice: Choice): void {
    this.kernel.setPlan(choice, sideLimit(this.problem), 4 * this.dear);
  }

  /**
   * Places what `fixed` does not hold. `stiffness` is in mean prices. Where there are tiers: before each, the first
   * aside where nothing is fixed, the prices are sought anew for all that is still to come in the room that is left.
   */
  fill({ prices, stiffness, tiers, fixed }: FillOptions): void {
    const { pairStart } = this.problem;
    this.take(fixed ?? nothing(this.problem));
    const rest = fixed === null ? this.byVolume : this.byVolume.filter((k) => fixed.slot[pairStart[k]] < 0);
    let own = prices;
    for (
      let first = 0, size = tiers?.first ?? rest.length;
      first < rest.length;
      first += size, size = Math.ceil(size * (tiers?.growth ?? 1))
    ) {
      // A tier that would leave less than itself takes it along.
      if (rest.length - first < 2 * size) size = rest.length - first;
      const coming = rest.subarray(first);
      if (tiers !== null && (first > 0 || fixed !== null)) own = this.followPrices(coming, own);
      const volume = coming.reduce((sum, k) => sum + this.volume[k], 0);
      const list = rest.subarray(first, first + size);
      this.kernel.fill({ list, prices: own, nodeLimit: SEARCHING }, stiffness * (meanPrice(own) || this.dear), volume);
    }
  }

  /** Prices [2n] for the whole problem, from nothing. */
  seekPrices(): Float64Array {
    const { problem, variant, dear, control } = this;
    const known = classPrices(problem, { variant, dear, control });
    if (known !== null) return known;
    return ascendPrices(this.kernel, {
      list: this.byVolume,
      capacity: sideRoom(this.problem),
      start: this.free,
      step: FIRST_STEP * this.dear,
      passes: FIRST_PASSES,
      control: this.control,
    });
  }

  /** Prices for prefixes that are still to come, from those before. */
  private followPrices(list: Int32Array, start: Float64Array): Float64Array {
    const { load } = this.kernel.plan();
    const capacity = sideLimit(this.problem).map((limit, s) => Math.max(0, limit - load[s]));
    const step = NEXT_STEP * this.dear;
    return ascendPrices(this.kernel, { list, capacity, start, step, passes: NEXT_PASSES, control: this.control });
  }

  /** Improves the plan at hand; `weight` is what a unit of overload counts at first. */
  repair(weight: number): void {
    for (let turn = 0; turn < REPAIR_TURNS && !stopRequested(this.control); turn++) {
      this.kernel.setWeight(weight * 2 ** turn);
      const list = this.overloading();
      if (list.length === 0) return;
      for (let pass = 0; pass < PASSES_A_TURN; pass++) {
        this.kernel.place({ list, prices: this.free, keeps: true, nodeLimit: SEARCHING });
      }
    }
  }

  /** Int32, prefixes that load a side beyond its limit, heaviest first. */
  private overloading(): Int32Array {
    const { pairStart, egressPoint, pointCount } = this.problem;
    const { ingress, slot, load } = this.kernel.plan();
    const isOver = sideLimit(this.problem).map((limit, s) => Number(load[s] > limit));
    if (!isOver.includes(1)) return new Int32Array(0);
    return this.byVolume.filter((k) => {
      for (let pair = pairStart[k]; pair < pairStart[k + 1]; pair++) {
        if (isOver[ingress[pair]] === 1 || isOver[pointCount + egressPoint[slot[pair]]] === 1) return true;
      }
      return false;
    });
  }

  /** The plan at hand, copied. */
  candidate(): Candidate {
    const { ingress, slot } = this.kernel.plan();
    const choice = { ingress: ingress.slice(), slot: slot.slice() };
    return { choice, evaluation: evaluate(this.problem, choice) };
  }
}

/** Of the positive ones; 0 where there is none. */
export function meanPrice(prices: Float64Array): number {
  const positive = prices.filter((price) => price > 0);
  return positive.length === 0 ? 0 : positive.reduce((sum, price) => sum + price, 0) / positive.length;
}

/** No prefix placed. */
export function nothing({ pairCount }: Problem): Choice {
  return { ingress: new Int32Array(pairCount).fill(-1), slot: new Int32Array(pairCount).fill(-1) };
}
