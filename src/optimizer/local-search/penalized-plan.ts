/**
 * A plan in which overload is allowed and costs, kept as its pairs and prefixes move.
 *
 *   energy = Σ cost + Σ_s (price_s · load_s + weight_s · max(0, load_s − limit_s))
 *
 * The prices make ways alike that compete for the same room, the weights drive loads below their limits. Every prefix has
 * a set of open egresses, one where it has to be single; every pair leaves by the open one nearest to where it enters.
 * Cost of a change of one pair: O(|Out|).
 */
import type { Choice } from '../../problem/choice.ts';
import { isAllowed, type Problem, unitCost } from '../../problem/problem.ts';
import { sideLimit } from '../../problem/sides.ts';

export class PenalizedPlan {
  readonly problem: Problem;
  /** Float64 [2n], prices and weights of the sides; after a change of either, `reprice`. */
  readonly price: Float64Array;
  readonly weight: Float64Array;
  readonly limit: Float64Array;
  readonly load: Float64Array;
  /** Int32 [pairs], place of its entry in In(h), and slot by which it leaves. */
  readonly entry: Int32Array;
  readonly slot: Int32Array;
  /** Uint8 [slots]. */
  readonly open: Uint8Array;
  cost = 0;
  overload = 0;
  private penalty = 0;
  /** Of each pair, [entries × slots]: what the way costs, Infinity where it is not allowed; slots by closeness. */
  private readonly wayStart: Int32Array;
  private readonly wayCost: Float64Array;
  private readonly closest: Int32Array;
  /** Int32 [neighbors × n], place of a point in In(h), or -1. */
  private readonly entryAt: Int32Array;
  private readonly keptEntry: Int32Array;
  private readonly keptSlot: Int32Array;

  constructor(problem: Problem) {
    const { pointCount: n, pairCount, neighborCount, ingressStart, ingressPoint, egressPoint } = problem;
    this.problem = problem;
    this.price = new Float64Array(2 * n);
    this.weight = new Float64Array(2 * n);
    this.limit = sideLimit(problem);
    this.load = new Float64Array(2 * n);
    this.entry = new Int32Array(pairCount);
    this.slot = new Int32Array(pairCount);
    this.keptEntry = new Int32Array(pairCount);
    this.keptSlot = new Int32Array(pairCount);
    this.open = new Uint8Array(egressPoint.length);
    this.entryAt = new Int32Array(neighborCount * n).fill(-1);
    for (let h = 0; h < neighborCount; h++) {
      for (let at = ingressStart[h]; at < ingressStart[h + 1]; at++) {
        this.entryAt[h * n + ingressPoint[at]] = at - ingressStart[h];
      }
    }
    this.wayStart = new Int32Array(pairCount + 1);
    for (let pair = 0; pair < pairCount; pair++) {
      this.wayStart[pair + 1] = this.wayStart[pair] + this.entryCount(pair) * this.slotCount(pair);
    }
    this.wayCost = new Float64Array(this.wayStart[pairCount]);
    this.closest = new Int32Array(this.wayStart[pairCount]);
    for (let pair = 0; pair < pairCount; pair++) this.tabulate(pair);
  }

  private tabulate(pair: number): void {
    const { pointCount, ingressPoint, ingressStart, pairNeighbor, egressStart, egressPoint, rank, pairPrefix } =
      this.problem;
    const slots = this.slotCount(pair);
    const first = egressStart[pairPrefix[pair]];
    for (let entry = 0; entry < this.entryCount(pair); entry++) {
      const ingress = ingressPoint[ingressStart[pairNeighbor[pair]] + entry];
      const start = this.wayStart[pair] + entry * slots;
      const rankOf = (slot: number) => rank[ingress * pointCount + egressPoint[slot]];
      const byCloseness = Int32Array.from({ length: slots }, (_, at) => first + at).sort(
        (a, b) => rankOf(a) - rankOf(b),
      );
      this.closest.set(byCloseness, start);
      for (let slot = first; slot < first + slots; slot++) {
        this.wayCost[start + slot - first] = isAllowed(this.problem, pair, ingress, slot)
          ? this.problem.pairVolume[pair] * unitCost(this.problem, pair, ingress, slot)
          : Number.POSITIVE_INFINITY;
      }
    }
  }

  get energy(): number {
    return this.cost + this.penalty;
  }

  entryCount(pair: number): number {
    const { ingressStart, pairNeighbor } = this.problem;
    return ingressStart[pairNeighbor[pair] + 1] - ingressStart[pairNeighbor[pair]];
  }

  slotCount(pair: number): number {
    const { egressStart, pairPrefix } = this.problem;
    return egressStart[pairPrefix[pair] + 1] - egressStart[pairPrefix[pair]];
  }

  ingressOf(pair: number): number {
    const { ingressPoint, ingressStart, pairNeighbor } = this.problem;
    return ingressPoint[ingressStart[pairNeighbor[pair]] + this.entry[pair]];
  }

  /** Place of the point among the entries of the pair, or -1. */
  entryOf(pair: number, point: number): number {
    return this.entryAt[this.problem.pairNeighbor[pair] * this.problem.pointCount + point];
  }

  /** Takes over a valid choice. */
  set({ ingress, slot }: Choice): void {
    const { pairCount, pairVolume, pointCount, egressPoint } = this.problem;
    this.open.fill(0);
    this.load.fill(0);
    this.cost = 0;
    for (let pair = 0; pair < pairCount; pair++) {
      this.entry[pair] = this.entryOf(pair, ingress[pair]);
      this.slot[pair] = slot[pair];
      this.open[slot[pair]] = 1;
      this.load[ingress[pair]] += pairVolume[pair];
      this.load[pointCount + egressPoint[slot[pair]]] += pairVolume[pair];
      this.cost += this.costOf(pair, this.entry[pair], slot[pair]);
    }
    this.reprice();
  }

  choice(): Choice {
    return { ingress: this.entry.map((_, pair) => this.ingressOf(pair)), slot: this.slot.slice() };
  }

  reprice(): void {
    this.penalty = 0;
    this.overload = 0;
    for (let side = 0; side < this.load.length; side++) {
      const excess = Math.max(0, this.load[side] - this.limit[side]);
      this.overload += excess;
      this.penalty += this.price[side] * this.load[side] + this.weight[side] * excess;
    }
  }

  /** Infinity where the way is not allowed. */
  costOf(pair: number, entry: number, slot: number): number {
    const { egressStart, pairPrefix } = this.problem;
    return this.wayCost[this.wayStart[pair] + entry * this.slotCount(pair) + slot - egressStart[pairPrefix[pair]]];
  }

  /** The open slot nearest to an entry. */
  nearest(pair: number, entry: number): number {
    const start = this.wayStart[pair] + entry * this.slotCount(pair);
    let at = start;
    while (this.open[this.closest[at]] === 0) at++;
    return this.closest[at];
  }

  /** Moves a pair. */
  move(pair: number, entry: number, slot: number): void {
    this.count(pair, -1);
    this.entry[pair] = entry;
    this.slot[pair] = slot;
    this.count(pair, 1);
  }

  /** Takes the pairs of a prefix out; `putBack` is to follow where `place` does not end well. */
  takeOut(prefix: number): void {
    const { pairStart } = this.problem;
    for (let pair = pairStart[prefix]; pair < pairStart[prefix + 1]; pair++) {
      this.keptEntry[pair] = this.entry[pair];
      this.keptSlot[pair] = this.slot[pair];
      this.count(pair, -1);
    }
  }

  /** Places the pairs of a prefix one after the other where energy is least for what is open; returns the first that has no way. */
  place(prefix: number): number {
    const { pairStart } = this.problem;
    for (let pair = pairStart[prefix]; pair < pairStart[prefix + 1]; pair++) {
      if (!this.placePair(pair)) return pair;
    }
    return pairStart[prefix + 1];
  }

  /** Undoes `takeOut`; the pairs before `end` have been placed since. */
  putBack(prefix: number, end: number): void {
    const { pairStart } = this.problem;
    for (let pair = pairStart[prefix]; pair < end; pair++) this.count(pair, -1);
    for (let pair = pairStart[prefix]; pair < pairStart[prefix + 1]; pair++) {
      this.entry[pair] = this.keptEntry[pair];
      this.slot[pair] = this.keptSlot[pair];
      this.count(pair, 1);
    }
  }

  private placePair(pair: number): boolean {
    const { pairNeighbor, pairVolume, ingressStart, ingressPoint, egressPoint, pointCount } = this.problem;
    const first = ingressStart[pairNeighbor[pair]];
    const entries = this.entryCount(pair);
    let least = Number.POSITIVE_INFINITY;
    for (let entry = 0; entry < entries; entry++) {
      const slot = this.nearest(pair, entry);
      const energy =
        this.costOf(pair, entry, slot) +
        this.growth(ingressPoint[first + entry], pairVolume[pair]) +
        this.growth(pointCount + egressPoint[slot], pairVolume[pair]);
      if (energy >= least) continue;
      least = energy;
      this.entry[pair] = entry;
      this.slot[pair] = slot;
    }
    if (least === Number.POSITIVE_INFINITY) return false;
    this.count(pair, 1);
    return true;
  }

  private growth(side: number, volume: number): number {
    const room = this.limit[side] - this.load[side];
    const excess = volume <= room ? 0 : volume - Math.max(0, room);
    return this.price[side] * volume + this.weight[side] * excess;
  }

  /** Adds a pair to the sums, or takes it off. */
  private count(pair: number, times: 1 | -1): void {
    const { pairVolume, pointCount, egressPoint } = this.problem;
    const slot = this.slot[pair];
    this.loadSide(this.ingressOf(pair), times * pairVolume[pair]);
    this.loadSide(pointCount + egressPoint[slot], times * pairVolume[pair]);
    this.cost += times * this.costOf(pair, this.entry[pair], slot);
  }

  private loadSide(side: number, amount: number): void {
    const before = this.load[side] - this.limit[side];
    const after = before + amount;
    const change = Math.max(0, after) - Math.max(0, before);
    this.load[side] += amount;
    this.overload += change;
    this.penalty += this.price[side] * amount + this.weight[side] * change;
  }
}
