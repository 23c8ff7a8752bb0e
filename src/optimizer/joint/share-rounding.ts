/**
 * Whole choices for all prefixes from the shares of a relaxation over groups of prefixes.
 *
 * A column of a group holds one choice for each of its members, and a share of it is a share of all of these. Heaviest
 * first, every prefix takes its choice from one of the columns in use: the one that keeps the loads of what is placed so far
 * nearest, in squares, to what the shares would have them, so that what one prefix takes too much the next ones take less
 * (error diffusion). With many light prefixes the loads end up where the relaxation has them.
 *
 * No guarantee as to capacity: the overload is of the order of the lightest prefixes. Cost: a pass over the group for each
 * column in use, then O(pairs · columns in use).
 */
import type { Choice } from '../../problem/choice.ts';
import type { Problem } from '../../problem/problem.ts';
import type { Column } from '../column-generation/column-pool.ts';
import type { GroupOracle } from '../lagrangian/group-oracle.ts';
import { checkStop, type RunControl } from '../run/run-control.ts';

/** A column of less share is left out; those of a group then count for the whole of it. */
const LEAST_SHARE = 1e-4;
/** Prefixes between two questions whether to go on. */
const STRIDE = 8192;

export interface Shared {
  readonly columns: readonly Column[];
  /** Float64 [columns]. */
  readonly share: ArrayLike<number>;
}

interface Used {
  readonly share: number;
  /** The members' choices, one after the other (see `GroupOracle.choicesOf`). */
  readonly choice: Choice;
}

/**
 * Places the prefixes of `byVolume` that are not placed in `choice`, which is written.
 *
 * @param byVolume Int32, heaviest first.
 * @throws Interruption
 */
export function roundShares(
  problem: Problem,
  oracle: GroupOracle,
  { columns, share }: Shared,
  byVolume: Int32Array,
  choice: Choice,
  control: RunControl,
): void {
  const { pairStart } = problem;
  const rest = byVolume.filter((k) => choice.slot[pairStart[k]] < 0);
  const isWanted = new Uint8Array(oracle.blockCount);
  for (const k of rest) isWanted[oracle.groupOf[k]] = 1;
  const inUse = columns.filter(({ block }, index) => isWanted[block] === 1 && share[index] > LEAST_SHARE);
  const choices = oracle.choicesOf(inUse);
  const usedBy: Used[][] = Array.from({ length: oracle.blockCount }, () => []);
  columns.forEach((column, index) => {
    const own = choices.get(column);
    if (own !== undefined) usedBy[column.block].push({ share: share[index], choice: own });
  });
  const diffusion = new ErrorDiffusion(problem);
  for (const [place, k] of rest.entries()) {
    if (place % STRIDE === STRIDE - 1) checkStop(control);
    const first = oracle.firstInGroup[k];
    const taken = diffusion.choose(k, first, usedBy[oracle.groupOf[k]]);
    const end = first + pairStart[k + 1] - pairStart[k];
    choice.ingress.set(taken.ingress.subarray(first, end), pairStart[k]);
    choice.slot.set(taken.slot.subarray(first, end), pairStart[k]);
  }
}

/** What has been loaded so far beyond what the shares would load, by side. */
class ErrorDiffusion {
  private readonly problem: Problem;
  /** Float64 [2n]. */
  private readonly error: Float64Array;
  private readonly load: Float64Array;

  constructor(problem: Problem) {
    this.problem = problem;
    this.error = new Float64Array(2 * problem.pointCount);
    this.load = new Float64Array(2 * problem.pointCount);
  }

  choose(k: number, first: number, used: readonly Used[]): Choice {
    const { error } = this;
    if (used.length === 1) return used[0].choice;
    const whole = used.reduce((sum, { share }) => sum + share, 0);
    for (const { share, choice } of used) this.add(error, k, first, choice, -share / whole);
    let least = Number.POSITIVE_INFINITY;
    let best = used[0].choice;
    for (const { choice } of used) {
      const grown = this.growth(k, first, choice);
      if (grown >= least) continue;
      least = grown;
      best = choice;
    }
    this.add(error, k, first, best, 1);
    return best;
  }

  /** By how much the sum of the squared errors grows: Σ (2 e l + l²) over the sides loaded. */
  private growth(k: number, first: number, choice: Choice): number {
    const { error, load } = this;
    this.add(load, k, first, choice, 1);
    let growth = 0;
    const settle = (side: number): void => {
      growth += load[side] * (2 * error[side] + load[side]);
      load[side] = 0;
    };
    const count = this.problem.pairStart[k + 1] - this.problem.pairStart[k];
    for (let at = first; at < first + count; at++) {
      settle(choice.ingress[at]);
      settle(this.egressSide(choice.slot[at]));
    }
    return growth;
  }

  private add(sides: Float64Array, k: number, first: number, { ingress, slot }: Choice, times: number): void {
    const { pairStart, pairVolume } = this.problem;
    for (let pair = pairStart[k], at = first; pair < pairStart[k + 1]; pair++, at++) {
      const volume = times * pairVolume[pair];
      sides[ingress[at]] += volume;
      sides[this.egressSide(slot[at])] += volume;
    }
  }

  private egressSide(slot: number): number {
    return this.problem.pointCount + this.problem.egressPoint[slot];
  }
}
