/**
 * A choice of the heavy prefixes, the value that the model of annealing has of it (see heavy-annealing), and by how much a move
 * would change that.
 *
 * Cost: a move that is looked at is O(pairs of the prefix · |In|), one that is made O(pairs of it · sides).
 */
import type { Choice } from '../../problem/choice.ts';
import { isAllowed, type Problem, unitCost } from '../../problem/problem.ts';
import type { LoadResponse } from './load-response.ts';

export interface HeavyModel {
  /** Float64 [2n], λ. */
  readonly prices: Float64Array;
  readonly response: LoadResponse;
  /** Float64 [2n], load of the heavy prefixes at which the light ones are at the prices; without a price: the most. */
  readonly target: Float64Array;
  /** Float64 [2n], what a side can carry at all. */
  readonly limit: Float64Array;
  /** What a unit beyond that costs. */
  readonly dear: number;
}

/** The choices of the heavy prefixes, the model's value of them, and the one move that is looked at. */
export class ModeledPlan {
  value: number;
  /** By how much the value rises with the move. */
  delta = 0;
  private readonly problem: Problem;
  private readonly model: HeavyModel;
  private readonly choice: Choice;
  private readonly heavy: Int32Array;
  private readonly load: Float64Array;
  /** Float64 [priced sides], H⁻¹Δ: by how much the prices rise. */
  private readonly rise: Float64Array;
  /** The move: a prefix, its new slot, and ingress of each of its pairs. */
  private prefix = -1;
  private slot = -1;
  private readonly ingress: Int32Array;
  /** Float64 [2n], change of loads, and the sides that it is not 0 of. */
  private readonly change: Float64Array;
  private readonly touched: number[] = [];

  constructor(problem: Problem, heavy: Int32Array, choice: Choice, model: HeavyModel) {
    this.problem = problem;
    this.model = model;
    this.choice = choice;
    this.heavy = heavy;
    const { pairStart } = problem;
    this.ingress = new Int32Array(heavy.reduce((most, k) => Math.max(most, pairStart[k + 1] - pairStart[k]), 0));
    this.load = loadOf(problem, heavy, choice);
    this.change = new Float64Array(this.load.length);
    const { priced, curvature } = model.response;
    this.rise = new Float64Array(priced.length);
    priced.forEach((side, place) => {
      this.raise(place, this.load[side] - model.target[side], curvature.values);
    });
    this.value = this.wholeValue();
  }

  /** False where the prefix cannot leave there. */
  proposeEgress(k: number, slot: number): boolean {
    const { pairStart, pairNeighbor, ingressStart, ingressPoint } = this.problem;
    for (let pair = pairStart[k]; pair < pairStart[k + 1]; pair++) {
      let least = Number.POSITIVE_INFINITY;
      const h = pairNeighbor[pair];
      for (let at = ingressStart[h]; at < ingressStart[h + 1]; at++) {
        const point = ingressPoint[at];
        if (!isAllowed(this.problem, pair, point, slot)) continue;
        const unit = unitCost(this.problem, pair, point, slot) + this.priceNow(point);
        if (unit >= least) continue;
        least = unit;
        this.ingress[pair - pairStart[k]] = point;
      }
      if (least === Number.POSITIVE_INFINITY) return false;
    }
    return this.propose(k, slot);
  }

  /** False where the pair cannot enter there. `place` in [0, 1) says which of its ingresses. */
  proposeIngress(k: number, pair: number, place: number): boolean {
    const { pairStart, pairNeighbor, ingressStart, ingressPoint } = this.problem;
    const { ingress, slot } = this.choice;
    const h = pairNeighbor[pair];
    const point = ingressPoint[ingressStart[h] + Math.floor(place * (ingressStart[h + 1] - ingressStart[h]))];
    if (point === ingress[pair] || !isAllowed(this.problem, pair, point, slot[pair])) return false;
    for (let own = pairStart[k]; own < pairStart[k + 1]; own++) this.ingress[own - pairStart[k]] = ingress[own];
    this.ingress[pair - pairStart[k]] = point;
    return this.propose(k, slot[pair]);
  }

  accept(): void {
    const { choice, problem, model, touched, change, load } = this;
    const { placeOf, curvature } = model.response;
    for (const side of touched) {
      load[side] += change[side];
      if (placeOf[side] >= 0) this.raise(placeOf[side], change[side], curvature.values);
    }
    const first = problem.pairStart[this.prefix];
    for (let pair = first; pair < problem.pairStart[this.prefix + 1]; pair++) {
      choice.ingress[pair] = this.ingress[pair - first];
      choice.slot[pair] = this.slot;
    }
    this.value += this.delta;
  }

  private propose(k: number, slot: number): boolean {
    const { problem, choice, model, touched, change } = this;
    const { pairStart, pairVolume, egressPoint, pointCount } = problem;
    const { prices, response } = model;
    for (const side of touched) change[side] = 0;
    touched.length = 0;
    this.prefix = k;
    this.slot = slot;
    let delta = 0;
    for (let pair = pairStart[k]; pair < pairStart[k + 1]; pair++) {
      const volume = pairVolume[pair];
      const [from, to] = [choice.ingress[pair], this.ingress[pair - pairStart[k]]];
      const [left, taken] = [pointCount + egressPoint[choice.slot[pair]], pointCount + egressPoint[slot]];
      const before = unitCost(problem, pair, from, choice.slot[pair]) + prices[from] + prices[left];
      const after = unitCost(problem, pair, to, slot) + prices[to] + prices[taken];
      delta += volume * (after - before);
      this.shift(from, to, volume);
      this.shift(left, taken, volume);
    }
    const { values, size } = response.curvature;
    for (const side of touched) {
      const amount = change[side];
      const place = response.placeOf[side];
      delta += this.excess(side, this.load[side] + amount) - this.excess(side, this.load[side]);
      if (place < 0) continue;
      let rise = this.rise[place];
      for (const other of touched) {
        const otherPlace = response.placeOf[other];
        if (otherPlace >= 0) rise += 0.5 * values[place * size + otherPlace] * change[other];
      }
      delta += amount * rise;
    }
    this.delta = delta;
    return touched.length > 0;
  }

  private shift(from: number, to: number, volume: number): void {
    if (from === to) return;
    for (const side of [from, to]) if (!this.touched.includes(side)) this.touched.push(side);
    this.change[from] -= volume;
    this.change[to] += volume;
  }

  /** H⁻¹ times a change of one load. */
  private raise(place: number, amount: number, curvature: Float64Array): void {
    const { rise } = this;
    for (let at = 0, row = place * rise.length; at < rise.length; at++) rise[at] += curvature[row + at] * amount;
  }

  private priceNow(side: number): number {
    const place = this.model.response.placeOf[side];
    return this.model.prices[side] + (place < 0 ? 0 : this.rise[place]);
  }

  /** What a load costs beyond what there is room for. */
  private excess(side: number, load: number): number {
    const { limit, target, response, dear } = this.model;
    const most = response.placeOf[side] < 0 ? Math.min(limit[side], target[side]) : limit[side];
    return load > most ? dear * (load - most) : 0;
  }

  /** Cost and prices, without what loads cost beside the target or beyond a limit. */
  pricedCost(): number {
    const { problem, heavy, choice } = this;
    const { prices } = this.model;
    let cost = 0;
    for (const k of heavy) {
      for (let pair = problem.pairStart[k]; pair < problem.pairStart[k + 1]; pair++) {
        const [point, slot] = [choice.ingress[pair], choice.slot[pair]];
        const side = problem.pointCount + problem.egressPoint[slot];
        cost += problem.pairVolume[pair] * (unitCost(problem, pair, point, slot) + prices[point] + prices[side]);
      }
    }
    return cost;
  }

  private wholeValue(): number {
    const { model, load, rise } = this;
    const { target, response } = model;
    let value = this.pricedCost();
    response.priced.forEach((side, place) => {
      value += 0.5 * rise[place] * (load[side] - target[side]);
    });
    for (let side = 0; side < load.length; side++) value += this.excess(side, load[side]);
    return value;
  }
}

/** Float64 [2n], loads of some of the prefixes. */
export function loadOf(problem: Problem, list: Int32Array, { ingress, slot }: Choice): Float64Array {
  const { pairStart, pairVolume, pointCount, egressPoint } = problem;
  const load = new Float64Array(2 * pointCount);
  for (const k of list) {
    for (let pair = pairStart[k]; pair < pairStart[k + 1]; pair++) {
      load[ingress[pair]] += pairVolume[pair];
      load[pointCount + egressPoint[slot[pair]]] += pairVolume[pair];
    }
  }
  return load;
}
