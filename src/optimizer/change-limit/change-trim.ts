/**
 * Takes back changes until a choice is within the limit: greedily, what costs least for each change taken back, an overload
 * at its price. A prefix goes back as a whole, or a pair of it that only entered elsewhere by itself.
 *
 * Guarantee: the rules other than capacity hold, and the limit. Cost: O(pairs) a turn, some ten turns.
 */
import type { Choice } from '../../problem/choice.ts';
import { isCurrent, type Problem, unitCost } from '../../problem/problem.ts';
import { sideLimit } from '../../problem/sides.ts';
import { countChanges } from './change-price.ts';

/** Of the changes in excess: taken back before what they cost is looked at again. */
const SHARE_A_TURN = 0.25;

export interface TrimOptions {
  /** A choice within the limit, to which prefixes go back. */
  readonly kept: Choice;
  readonly limit: number;
  /** Price of a unit of overload. */
  readonly dear: number;
}

/** Owned by the caller. */
export function trimChanges(problem: Problem, choice: Choice, options: TrimOptions): Choice {
  const plan = new Trimming(problem, choice, options);
  for (let excess = countChanges(problem, choice) - options.limit; excess > 0; ) {
    let wanted = Math.ceil(SHARE_A_TURN * excess);
    const touched = new Set<number>();
    for (const one of plan.returns()) {
      if (touched.has(one.prefix)) continue;
      touched.add(one.prefix);
      plan.goBack(one);
      wanted -= one.saved;
      excess -= one.saved;
      if (wanted <= 0) break;
    }
  }
  return plan.choice;
}

interface Return {
  readonly prefix: number;
  readonly pairs: readonly number[];
  readonly to: Choice;
  /** Changes taken back, and what each of them costs. */
  readonly saved: number;
  readonly loss: number;
}

class Trimming {
  readonly choice: Choice;
  private readonly problem: Problem;
  private readonly kept: Choice;
  private readonly current: Choice;
  private readonly dear: number;
  private readonly limit: Float64Array;
  private readonly load: Float64Array;
  private overload = 0;

  constructor(problem: Problem, choice: Choice, { kept, dear }: TrimOptions) {
    this.problem = problem;
    this.kept = kept;
    this.current = { ingress: problem.currentIngress, slot: problem.currentSlot };
    this.dear = dear;
    this.choice = { ingress: choice.ingress.slice(), slot: choice.slot.slice() };
    this.limit = sideLimit(problem);
    this.load = new Float64Array(this.limit.length);
    for (let pair = 0; pair < problem.pairCount; pair++) this.add(pair, 1);
  }

  /** What may go back, the cheapest first; each is weighed by itself. */
  returns(): Return[] {
    const { prefixCount, pairStart } = this.problem;
    const found: Return[] = [];
    for (let prefix = 0; prefix < prefixCount; prefix++) {
      const first = pairStart[prefix];
      const pairs = Array.from({ length: pairStart[prefix + 1] - first }, (_, at) => first + at);
      const saved = this.movedOf(pairs, this.choice) - this.movedOf(pairs, this.kept);
      if (saved > 0) found.push({ prefix, pairs, to: this.kept, saved, loss: this.lossOf(pairs, this.kept) / saved });
      for (const pair of pairs) {
        if (!this.onlyEntersElsewhere(pair, pairs)) continue;
        found.push({ prefix, pairs: [pair], to: this.current, saved: 1, loss: this.lossOf([pair], this.current) });
      }
    }
    return found.sort((a, b) => a.loss - b.loss || a.prefix - b.prefix);
  }

  goBack({ pairs, to }: Return): void {
    this.put(pairs, to);
  }

  private movedOf(pairs: readonly number[], { ingress, slot }: Choice): number {
    const isMoved = (pair: number) =>
      this.current.ingress[pair] >= 0 && !isCurrent(this.problem, pair, ingress[pair], slot[pair]);
    return pairs.filter(isMoved).length;
  }

  /** It leaves where it did, and no egress in use is closer to where it entered: it may enter there again. */
  private onlyEntersElsewhere(pair: number, pairs: readonly number[]): boolean {
    const { rank, pointCount, egressPoint } = this.problem;
    const { ingress, slot } = this.choice;
    if (slot[pair] !== this.current.slot[pair] || ingress[pair] === this.current.ingress[pair]) return false;
    const row = this.current.ingress[pair] * pointCount;
    return pairs.every((other) => rank[row + egressPoint[slot[other]]] >= rank[row + egressPoint[slot[pair]]]);
  }

  private lossOf(pairs: readonly number[], to: Choice): number {
    const before = this.valueOf(pairs);
    const old = this.put(pairs, to);
    const loss = this.valueOf(pairs) - before;
    pairs.forEach((pair, at) => {
      this.add(pair, -1);
      this.choice.ingress[pair] = old[2 * at];
      this.choice.slot[pair] = old[2 * at + 1];
      this.add(pair, 1);
    });
    return loss;
  }

  /** Returns what stood there: ingress and slot by turns. */
  private put(pairs: readonly number[], to: Choice): number[] {
    const { ingress, slot } = this.choice;
    const old = pairs.flatMap((pair) => [ingress[pair], slot[pair]]);
    for (const pair of pairs) {
      this.add(pair, -1);
      ingress[pair] = to.ingress[pair];
      slot[pair] = to.slot[pair];
      this.add(pair, 1);
    }
    return old;
  }

  private valueOf(pairs: readonly number[]): number {
    const { pairVolume } = this.problem;
    const { ingress, slot } = this.choice;
    const cost = pairs.reduce(
      (sum, pair) => sum + pairVolume[pair] * unitCost(this.problem, pair, ingress[pair], slot[pair]),
      0,
    );
    return cost + this.dear * this.overload;
  }

  private add(pair: number, sign: 1 | -1): void {
    const { pointCount, egressPoint, pairVolume } = this.problem;
    for (const side of [this.choice.ingress[pair], pointCount + egressPoint[this.choice.slot[pair]]]) {
      const load = this.load[side] + sign * pairVolume[pair];
      this.overload += Math.max(0, load - this.limit[side]) - Math.max(0, this.load[side] - this.limit[side]);
      this.load[side] = load;
    }
  }
}
