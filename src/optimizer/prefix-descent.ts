/**
 * Plans prefix by prefix, both sides of capacity at once: each prefix in turn takes its cheapest choice (egress set and
 * ingresses, see egress-set-search) that fits in the room that the others leave.
 *
 * Construction takes the prefixes by falling volume, at real cost plus the shadow prices of the relaxation, which keep the
 * room for those that need it most. Descent then lets every prefix choose anew at real cost. A choice is searched among
 * arcs that fit by themselves; where its sums do not, the sides in excess are made dear for this prefix and it is searched
 * again, a few times.
 *
 * Guarantee: the rules other than capacity always hold; a pass of descent never adds overload, and lowers the objective
 * where there is none. Cost of a pass: as a pass of prefix-oracle.
 */
import { overloadOf } from '../problem/capacity.ts';
import { type Choice, evaluate } from '../problem/choice.ts';
import { type Problem, unitCost } from '../problem/problem.ts';
import { type BlockChoice, bestSet, bestSingle } from './egress-set-search.ts';
import { PricedPrefix } from './priced-prefix.ts';
import { type RunControl, stopRequested } from './run-control.ts';

const ATTEMPTS = 6;
const PASSES = 8;
/** A pass that gains less than this share of the objective is the last. */
const LEAST_GAIN = 1e-4;

export interface DescentOptions {
  readonly variant: 'ses' | 'mes';
  /** Float64 [2n], shadow prices: ingress sides, then egress sides. */
  readonly prices: Float64Array;
  /** More than any way costs. */
  readonly dear: number;
  readonly control: RunControl;
}

/** From nothing, then descent. */
export function constructByPrefix(problem: Problem, options: DescentOptions): Choice {
  const run = new Descent(problem, options, {
    ingress: new Int32Array(problem.pairCount).fill(-1),
    slot: new Int32Array(problem.pairCount).fill(-1),
  });
  for (const prefix of run.byVolume) run.place(prefix, options.prices);
  return run.descend();
}

/** From a valid choice. */
export function descendByPrefix(problem: Problem, choice: Choice, options: DescentOptions): Choice {
  return new Descent(problem, options, { ingress: choice.ingress.slice(), slot: choice.slot.slice() }).descend();
}

class Descent {
  /** Prefixes with traffic, by falling volume. */
  readonly byVolume: readonly number[];
  private readonly problem: Problem;
  private readonly options: DescentOptions;
  private readonly choice: Choice;
  private readonly priced: PricedPrefix;
  /** Float64 [2n], load of the prefixes placed, and what may be loaded. */
  private readonly load: Float64Array;
  private readonly limit: Float64Array;
  /** Float64 [2n], no prices. */
  private readonly free: Float64Array;

  constructor(problem: Problem, options: DescentOptions, choice: Choice) {
    this.problem = problem;
    this.options = options;
    this.choice = choice;
    this.priced = new PricedPrefix(problem, null);
    const { pointCount, prefixCount, pairStart, pairVolume } = problem;
    this.load = new Float64Array(2 * pointCount);
    this.limit = new Float64Array(2 * pointCount);
    this.free = new Float64Array(2 * pointCount);
    this.limit.set(problem.ingressLimit);
    this.limit.set(problem.egressLimit, pointCount);
    const volume = Array.from({ length: prefixCount }, (_, k) =>
      pairVolume.subarray(pairStart[k], pairStart[k + 1]).reduce((sum, one) => sum + one, 0),
    );
    this.byVolume = volume
      .map((_, k) => k)
      .filter((k) => pairStart[k] < pairStart[k + 1])
      .sort((a, b) => volume[b] - volume[a] || a - b);
    for (const k of this.byVolume) this.add(k, 1);
  }

  descend(): Choice {
    let objective = evaluate(this.problem, this.choice).objective;
    for (let pass = 0; pass < PASSES && !stopRequested(this.options.control); pass++) {
      for (const prefix of this.byVolume) {
        if (stopRequested(this.options.control)) break;
        this.replace(prefix);
      }
      const now = evaluate(this.problem, this.choice).objective;
      if (Math.abs(objective - now) <= LEAST_GAIN * Math.abs(objective)) break;
      objective = now;
    }
    return this.choice;
  }

  /** Lets a placed prefix choose anew at real cost; keeps the old choice unless the new one is better. */
  private replace(prefix: number): void {
    const { pairStart, totalVolume } = this.problem;
    const [first, end] = [pairStart[prefix], pairStart[prefix + 1]];
    const ingress = this.choice.ingress.slice(first, end);
    const slot = this.choice.slot.slice(first, end);
    const before = { overload: this.overload(), cost: this.cost(prefix) };
    this.add(prefix, -1);
    this.place(prefix, this.free);
    const gain = before.overload - this.overload();
    const tolerance = 1e-9 * totalVolume;
    if (gain > tolerance || (gain >= -tolerance && this.cost(prefix) < before.cost)) return;
    this.add(prefix, -1);
    this.choice.ingress.set(ingress, first);
    this.choice.slot.set(slot, first);
    this.add(prefix, 1);
  }

  /** Chooses for a prefix that is not loaded, and loads it. */
  place(prefix: number, prices: Float64Array): void {
    const { problem, options } = this;
    const room = this.limit.map((limit, s) => limit - this.load[s]);
    const volume = this.volumeOf(prefix);
    let best: { choice: BlockChoice; excess: number } | null = null;
    const own = prices.slice();
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      let found = this.minimize(prefix, own, room);
      if (found.ingress.length === 0) {
        // Some pair fits nowhere by itself: then where it exceeds least.
        const short = own.map((price, s) => price + options.dear * Math.min(1, Math.max(0, volume - room[s]) / volume));
        found = this.minimize(prefix, short, null);
      }
      const excess = this.excessOf(prefix, found, room);
      const total = excess.reduce((sum, amount) => sum + amount, 0);
      if (best === null || total < best.excess) best = { choice: found, excess: total };
      if (total === 0) break;
      for (let s = 0; s < own.length; s++) own[s] += (options.dear * excess[s]) / volume;
    }
    const { choice } = best as { choice: BlockChoice };
    this.choice.ingress.set(choice.ingress, problem.pairStart[prefix]);
    this.choice.slot.set(
      choice.slot.map((s) => problem.egressStart[prefix] + s),
      problem.pairStart[prefix],
    );
    this.add(prefix, 1);
  }

  private minimize(prefix: number, prices: Float64Array, room: Float64Array | null): BlockChoice {
    this.priced.load(prefix, { prices, costWeight: 1, room });
    return this.options.variant === 'mes'
      ? bestSet(this.problem, prefix, this.priced)
      : bestSingle(this.problem, prefix, this.priced, room);
  }

  /** Float64 [2n], by how much a choice exceeds the room of each side. */
  private excessOf(prefix: number, { ingress, slot }: BlockChoice, room: Float64Array): Float64Array {
    const { pairStart, pairVolume, egressStart, egressPoint, pointCount } = this.problem;
    const taken = new Float64Array(room.length);
    for (let at = 0; at < ingress.length; at++) {
      const volume = pairVolume[pairStart[prefix] + at];
      taken[ingress[at]] += volume;
      taken[pointCount + egressPoint[egressStart[prefix] + slot[at]]] += volume;
    }
    return taken.map((amount, s) => (amount > 0 ? Math.max(0, amount - Math.max(0, room[s])) : 0));
  }

  private add(prefix: number, sign: 1 | -1): void {
    const { pairStart, pairVolume, egressPoint, pointCount } = this.problem;
    for (let pair = pairStart[prefix]; pair < pairStart[prefix + 1]; pair++) {
      if (this.choice.slot[pair] < 0) continue;
      this.load[this.choice.ingress[pair]] += sign * pairVolume[pair];
      this.load[pointCount + egressPoint[this.choice.slot[pair]]] += sign * pairVolume[pair];
    }
  }

  private overload(): number {
    return this.load.reduce((sum, load, s) => sum + overloadOf(load, this.limit[s]), 0);
  }

  private cost(prefix: number): number {
    const { pairStart, pairVolume } = this.problem;
    let cost = 0;
    for (let pair = pairStart[prefix]; pair < pairStart[prefix + 1]; pair++) {
      cost += pairVolume[pair] * unitCost(this.problem, pair, this.choice.ingress[pair], this.choice.slot[pair]);
    }
    return cost;
  }

  private volumeOf(prefix: number): number {
    const { pairStart, pairVolume } = this.problem;
    let volume = 0;
    for (let pair = pairStart[prefix]; pair < pairStart[prefix + 1]; pair++) volume += pairVolume[pair];
    return volume || 1;
  }
}
