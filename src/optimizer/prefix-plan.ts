/**
 * Plans prefix by prefix, both sides of capacity at once, by the kernels.
 *
 * Filling: heaviest first, every prefix takes its cheapest choice under prices that follow the loads. A side that fills
 * faster than the volume placed so far would have it becomes dearer: with prices near the optimal ones that spreads the
 * prefixes which could go either way as the relaxation does, without a vertex of it. Repair: every prefix chooses anew at
 * real cost in the room that the others leave, a unit of overload counting more from turn to turn, so that cheap ways out
 * are taken first.
 *
 * Guarantee: the rules other than capacity always hold; overload may be left. Cost of a filling, and of a turn: a pass of
 * prefix-kernel in which the search sees the room.
 */
import { type Choice, evaluate } from '../problem/choice.ts';
import type { Problem } from '../problem/problem.ts';
import type { Candidate } from './alternation.ts';
import { PrefixKernel, SEARCHING } from './prefix-kernel.ts';
import { prefixesByVolume, volumeByPrefix } from './prefix-volume.ts';
import { overflowPriceOf } from './proximity-relaxation.ts';
import { type RunControl, stopRequested } from './run-control.ts';
import { sideLimit } from './sides.ts';

const REPAIR_TURNS = 12;
const PASSES_A_TURN = 2;

export class PrefixPlanner {
  readonly kernel: PrefixKernel;
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
    this.kernel = new PrefixKernel(problem, { variant, fixedIngress: null });
    this.volume = volumeByPrefix(problem);
    this.byVolume = Int32Array.from(prefixesByVolume(problem, this.volume));
    this.dear = overflowPriceOf(problem);
    this.free = new Float64Array(2 * problem.pointCount);
  }

  /** Sets a plan; prefixes of slot -1 are not placed. */
  take(choice: Choice): void {
    this.kernel.setPlan(choice, sideLimit(this.problem), 4 * this.dear);
  }

  /** Places all prefixes but the first ones of `byVolume` that `fixed` holds; returns the mean prices [2n]. */
  fill(prices: Float64Array, stiffness: number, fixed: Choice = nothing(this.problem)): Float64Array {
    const { pairStart } = this.problem;
    this.take(fixed);
    const list = this.byVolume.filter((k) => fixed.slot[pairStart[k]] < 0);
    return this.kernel.fill({ list, prices, nodeLimit: SEARCHING }, stiffness);
  }

  /** Improves the plan at hand; `weight` is what a unit of overload counts at first. */
  repair(weight: number): void {
    for (let turn = 0; turn < REPAIR_TURNS && !stopRequested(this.control); turn++) {
      this.kernel.setWeight(weight * 2 ** turn);
      for (let pass = 0; pass < PASSES_A_TURN; pass++) {
        this.kernel.place({ list: this.byVolume, prices: this.free, keeps: true, nodeLimit: SEARCHING });
      }
      if (evaluate(this.problem, this.kernel.plan()).overload === 0) return;
    }
  }

  /** The plan at hand, copied. */
  candidate(): Candidate {
    const { ingress, slot } = this.kernel.plan();
    const choice = { ingress: ingress.slice(), slot: slot.slice() };
    return { choice, evaluation: evaluate(this.problem, choice) };
  }
}

/** No prefix placed. */
export function nothing({ pairCount }: Problem): Choice {
  return { ingress: new Int32Array(pairCount).fill(-1), slot: new Int32Array(pairCount).fill(-1) };
}
