/**
 * Plain twins of the prefix kernels (`assembly/prefix-pass.ts`, `prefix-sets.ts`, `prefix-table.ts`, `prefix-tree.ts`,
 * `prefix-place.ts`), bit for bit.
 */
import type { Choice } from '../../src/problem/choice.ts';
import type { Problem } from '../../src/problem/problem.ts';
import { type BlockChoice, bestSet, bestSingle, conflictOf } from './egress-set-search.ts';
import { PricedPrefix } from './priced-prefix.ts';

export interface TwinOptions {
  readonly variant: 'ses' | 'mes';
  readonly fixedIngress: Int32Array | null;
  /** Classes of prefixes whose egress sets are all looked at; none: no prefix. */
  readonly classOf?: Int32Array;
  /** Classes of prefixes that share a search tree; none: no prefix. */
  readonly treeOf?: Int32Array;
}

export interface TwinPass {
  readonly minima: number;
  readonly value: Float64Array;
  readonly load: Float64Array;
  readonly choice: Choice;
}

interface Search {
  readonly prices: Float64Array;
  readonly costWeight: 0 | 1;
  readonly room: Float64Array | null;
  readonly nodeLimit: number;
}

export class PrefixTwin {
  protected readonly problem: Problem;
  protected readonly options: TwinOptions;
  private readonly priced: PricedPrefix;

  constructor(problem: Problem, options: TwinOptions) {
    this.problem = problem;
    this.options = options;
    this.priced = new PricedPrefix(problem, options.fixedIngress);
  }

  pass(search: Search, list: Int32Array): TwinPass {
    const { problem, options } = this;
    const { pointCount, pairCount, prefixCount, pairStart, pairVolume, egressStart, egressPoint } = problem;
    const value = new Float64Array(prefixCount);
    const load = new Float64Array(2 * pointCount);
    const choice = { ingress: new Int32Array(pairCount), slot: new Int32Array(pairCount) };
    const isShort = options.fixedIngress === null && problem.changeUnit.every((unit) => unit === 0);
    const table = isShort ? entryTable(problem, search) : null;
    let [sum, compensation, isBounded] = [0, 0, true];
    for (const k of list) {
      if (pairStart[k] === pairStart[k + 1]) continue;
      const found =
        (table &&
          (this.bestBySets(k, search, table) ??
            bestByTable(problem, k, search, options.variant, table) ??
            this.bestByTree(k, search, table))) ??
        this.search(k, search);
      value[k] = found.bound;
      for (let pair = pairStart[k]; pair < pairStart[k + 1]; pair++) {
        const at = pair - pairStart[k];
        const slot = found.value < Infinity ? egressStart[k] + found.slot[at] : -1;
        choice.ingress[pair] = slot < 0 ? -1 : found.ingress[at];
        choice.slot[pair] = slot;
        if (slot < 0) continue;
        load[choice.ingress[pair]] += pairVolume[pair];
        load[pointCount + egressPoint[slot]] += pairVolume[pair];
      }
      if (found.bound === Infinity) {
        isBounded = false;
        continue;
      }
      const total = sum + found.bound;
      const part = total - sum;
      compensation += sum - (total - part) + (found.bound - part);
      sum = total;
    }
    return { minima: isBounded ? sum + compensation : Infinity, value, load, choice };
  }

  /** Has every pair volume, and room wherever it may go? */
  private hasRoom(k: number, room: Float64Array | null, table: EntryTable): boolean {
    const { pairStart, pairNeighbor, pairVolume, egressStart, egressPoint, pointCount } = this.problem;
    const points = egressPoint.subarray(egressStart[k], egressStart[k + 1]);
    const narrowest = Math.min(...Array.from(points, (point) => (room ? room[pointCount + point] : Infinity)));
    const volumes = pairVolume.subarray(pairStart[k], pairStart[k + 1]);
    return volumes.every(
      (volume, at) => volume > 0 && volume <= Math.min(table.room[pairNeighbor[pairStart[k] + at]], narrowest),
    );
  }

  /** The search by units of volume; null where another way has to decide. */
  private bestByTree(
    k: number,
    { prices, costWeight, room, nodeLimit }: Search,
    table: EntryTable,
  ): BlockChoice | null {
    if ((this.options.treeOf?.[k] ?? -1) < 0 || !this.hasRoom(k, room, table)) return null;
    const { problem } = this;
    const units = { ...problem, pairVolume: new Float64Array(problem.pairCount).fill(1) };
    const priced = new PricedPrefix(units, null);
    priced.load(k, { prices, costWeight, room: null });
    const volumes = problem.pairVolume.subarray(problem.pairStart[k], problem.pairStart[k + 1]);
    return bestSet(problem, k, priced, nodeLimit, volumes);
  }

  /** All sets of the prefix, in the order of their bits; null where another way has to decide. */
  private bestBySets(k: number, { prices, costWeight, room }: Search, table: EntryTable): BlockChoice | null {
    if ((this.options.classOf?.[k] ?? -1) < 0 || !this.hasRoom(k, room, table)) return null;
    const { pairStart, pairNeighbor, pairVolume, egressStart, egressPoint, slotCost, routerOf, rank } = this.problem;
    const { pointCount, ingressStart, ingressPoint, distance } = this.problem;
    const [first, slots] = [egressStart[k], egressStart[k + 1] - egressStart[k]];
    const egressAt = (s: number) => egressPoint[first + s];
    const pairs = Array.from({ length: pairStart[k + 1] - pairStart[k] }, (_, at) => pairStart[k] + at);
    let best: BlockChoice = { bound: Infinity, value: Infinity, ingress: new Int32Array(0), slot: new Int32Array(0) };
    for (let set = 1; set < 2 ** slots; set++) {
      const members = Array.from({ length: slots }, (_, s) => s).filter((s) => (set >> s) & 1);
      if (new Set(members.map((s) => routerOf[egressAt(s)])).size < members.length) continue;
      const ingress = new Int32Array(pairs.length);
      const slot = new Int32Array(pairs.length);
      let total = 0;
      for (const [at, pair] of pairs.entries()) {
        let least = Infinity;
        const h = pairNeighbor[pair];
        for (const i of ingressPoint.subarray(ingressStart[h], ingressStart[h + 1])) {
          const place = (s: number) => rank[i * pointCount + egressAt(s)];
          const near = members.reduce((one, other) => (place(other) < place(one) ? other : one));
          const far = distance[i * pointCount + egressAt(near)];
          const term = costWeight * slotCost[first + near] + prices[pointCount + egressAt(near)];
          const value = far === Infinity ? Infinity : costWeight * far + prices[i] + term;
          if (value >= least) continue;
          [least, ingress[at], slot[at]] = [value, i, near];
        }
        total += pairVolume[pair] * least;
      }
      if (total < best.value) best = { bound: total, value: total, ingress, slot };
    }
    return best;
  }

  protected search(k: number, { prices, costWeight, room, nodeLimit }: Search): BlockChoice {
    this.priced.load(k, { prices, costWeight, room });
    return this.options.variant === 'mes'
      ? bestSet(this.problem, k, this.priced, nodeLimit)
      : bestSingle(this.problem, k, this.priced, room);
  }
}

interface EntryTable {
  readonly value: Float64Array;
  readonly point: Int32Array;
  readonly room: Float64Array;
}

function entryTable(problem: Problem, { prices, costWeight, room }: Search): EntryTable {
  const { neighborCount, pointCount, ingressStart, ingressPoint, distance } = problem;
  const value = new Float64Array(neighborCount * pointCount).fill(Infinity);
  const point = new Int32Array(neighborCount * pointCount);
  const least = new Float64Array(neighborCount).fill(Infinity);
  for (let h = 0; h < neighborCount; h++) {
    for (let e = ingressStart[h]; e < ingressStart[h + 1]; e++) {
      const i = ingressPoint[e];
      if (room) least[h] = Math.min(least[h], room[i]);
      for (let j = 0; j < pointCount; j++) {
        if (distance[i * pointCount + j] === Infinity) continue;
        const one = costWeight * distance[i * pointCount + j] + prices[i];
        if (one >= value[h * pointCount + j]) continue;
        value[h * pointCount + j] = one;
        point[h * pointCount + j] = i;
      }
    }
  }
  return { value, point, room: least };
}

/** Null where the long way has to decide. */
function bestByTable(
  problem: Problem,
  k: number,
  { prices, costWeight, room }: Search,
  variant: 'ses' | 'mes',
  table: EntryTable,
): BlockChoice | null {
  const { pairStart, pairNeighbor, pairVolume, egressStart, egressPoint, slotCost, pointCount } = problem;
  const [first, slots] = [egressStart[k], egressStart[k + 1] - egressStart[k]];
  const pairs = Array.from({ length: pairStart[k + 1] - pairStart[k] }, (_, at) => pairStart[k] + at);
  if (pairs.some((pair) => pairVolume[pair] > table.room[pairNeighbor[pair]])) return null;
  const egressAt = (s: number) => egressPoint[first + s];
  const term = (s: number) => costWeight * slotCost[first + s] + prices[pointCount + egressAt(s)];
  const entry = (pair: number, s: number) => table.value[pairNeighbor[pair] * pointCount + egressAt(s)];
  const ingressFor = (pair: number, s: number) => table.point[pairNeighbor[pair] * pointCount + egressAt(s)];
  const isEligible = (pair: number, s: number) =>
    problem.eligible === null || problem.eligible[problem.arcStart[pair] + s] !== 0;
  if (variant === 'ses') {
    const volume = pairs.reduce((sum, pair) => sum + pairVolume[pair], 0);
    let [best, slot] = [Infinity, -1];
    for (let s = 0; s < slots; s++) {
      if (room && volume > room[pointCount + egressAt(s)]) continue;
      let total = 0;
      for (const pair of pairs) {
        if (total >= best) break;
        total +=
          entry(pair, s) === Infinity || !isEligible(pair, s)
            ? Infinity
            : pairVolume[pair] * (entry(pair, s) + term(s));
      }
      if (total >= best) continue;
      [best, slot] = [total, s];
    }
    const ingress = Int32Array.from(slot < 0 ? [] : pairs, (pair) => ingressFor(pair, slot));
    return { bound: best, value: best, ingress, slot: new Int32Array(pairs.length).fill(slot) };
  }
  const ingress = new Int32Array(pairs.length);
  const slot = new Int32Array(pairs.length);
  let total = 0;
  for (const [at, pair] of pairs.entries()) {
    let [least, best] = [Infinity, -1];
    for (let s = 0; s < slots; s++) {
      const one = entry(pair, s) + term(s);
      if (one >= least || !isEligible(pair, s)) continue;
      if (room && pairVolume[pair] > room[pointCount + egressAt(s)]) continue;
      [least, best] = [one, s];
    }
    if (best < 0) return null;
    ingress[at] = ingressFor(pair, best);
    slot[at] = best;
    total += pairVolume[pair] * least;
  }
  if (conflictOf(problem, k, { slot, ingress, state: new Uint8Array(slots) }) >= 0) return null;
  return { bound: total, value: total, ingress, slot };
}

const ATTEMPTS = 6;

/** A plan made prefix by prefix. */
export class PlanTwin extends PrefixTwin {
  readonly ingress: Int32Array;
  readonly slot: Int32Array;
  readonly load: Float64Array;
  overload = 0;
  private readonly limit: Float64Array;
  private readonly dear: number;
  weight: number;

  constructor(problem: Problem, options: TwinOptions, choice: Choice, limit: Float64Array, dear: number) {
    super(problem, options);
    this.ingress = choice.ingress.slice();
    this.slot = choice.slot.slice();
    this.limit = limit;
    this.dear = dear;
    this.weight = dear;
    this.load = new Float64Array(limit.length);
    for (let pair = 0; pair < problem.pairCount; pair++) {
      if (this.slot[pair] < 0) continue;
      this.load[this.ingress[pair]] += problem.pairVolume[pair];
      this.load[this.egressSide(pair)] += problem.pairVolume[pair];
    }
  }

  place(list: Int32Array, prices: Float64Array, keeps: boolean, nodeLimit: number): void {
    this.sumOverload();
    for (const k of list) {
      const [first, end] = this.pairsOf(k);
      if (first === end) continue;
      const isPlaced = this.slot[first] >= 0;
      if (!isPlaced || !keeps) {
        if (isPlaced) this.add(k, -1);
        this.choose(k, prices.slice(), nodeLimit);
        this.add(k, 1);
        continue;
      }
      const [before, cost] = [this.overload, this.cost(k)];
      const old = { ingress: this.ingress.slice(first, end), slot: this.slot.slice(first, end) };
      this.add(k, -1);
      this.choose(k, prices.slice(), nodeLimit);
      this.add(k, 1);
      if (this.cost(k) - cost + this.weight * (this.overload - before) < -1e-12 * cost) continue;
      this.add(k, -1);
      this.ingress.set(old.ingress, first);
      this.slot.set(old.slot, first);
      this.add(k, 1);
      this.overload = before;
    }
  }

  fill(list: Int32Array, prices: Float64Array, nodeLimit: number, stiffness: number, whole: number): void {
    this.sumOverload();
    const first = this.load.slice();
    let placed = 0;
    for (const k of list) {
      if (this.pairsOf(k)[0] === this.pairsOf(k)[1]) continue;
      const volume = this.volumeOf(k);
      const progress = whole > 0 ? (placed + 0.5 * volume) / whole : 0;
      const own = prices.map((price, s) => {
        if (this.limit[s] === Infinity) return 0;
        const room = this.limit[s] - first[s];
        const ahead = room > 0 ? (this.load[s] - first[s]) / room - progress : 0;
        return Math.max(0, price + stiffness * ahead);
      });
      this.choose(k, own, nodeLimit);
      this.add(k, 1);
      placed += volume;
    }
  }

  reinsert(list: Int32Array, prices: Float64Array, nodeLimit: number, allowance: number): number {
    this.sumOverload();
    const before = this.overload;
    const old = { ingress: this.ingress.slice(), slot: this.slot.slice() };
    let delta = 0;
    for (const k of list) {
      delta -= this.cost(k);
      this.add(k, -1);
    }
    for (const k of list) {
      this.choose(k, prices.slice(), nodeLimit);
      this.add(k, 1);
      delta += this.cost(k);
    }
    if (!(delta + this.weight * (this.overload - before) > allowance)) return delta;
    for (const k of list) {
      const [first, end] = this.pairsOf(k);
      this.add(k, -1);
      this.ingress.set(old.ingress.subarray(first, end), first);
      this.slot.set(old.slot.subarray(first, end), first);
      this.add(k, 1);
    }
    this.overload = before;
    return 0;
  }

  /** The best of a few attempts into the plan; `own` is overwritten. */
  private choose(k: number, own: Float64Array, nodeLimit: number): void {
    const { pairStart, egressStart } = this.problem;
    const room = this.limit.map((limit, s) => limit - this.load[s]);
    const volume = this.volumeOf(k) || 1;
    let [least, best]: [number, BlockChoice | null] = [Infinity, null];
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      let found = this.search(k, { prices: own, costWeight: 1, room, nodeLimit });
      if (found.value === Infinity) {
        for (let s = 0; s < own.length; s++) own[s] += this.dear * Math.min(1, Math.max(0, volume - room[s]) / volume);
        found = this.search(k, { prices: own, costWeight: 1, room: null, nodeLimit });
      }
      const excess = this.excessOf(k, found, room, own, this.dear / volume, attempt + 1 < ATTEMPTS);
      if (excess < least) [least, best] = [excess, found];
      if (excess === 0) break;
    }
    const { ingress, slot } = best as BlockChoice;
    this.ingress.set(ingress, pairStart[k]);
    this.slot.set(
      slot.map((s) => egressStart[k] + s),
      pairStart[k],
    );
  }

  private excessOf(
    k: number,
    { ingress, slot }: BlockChoice,
    room: Float64Array,
    own: Float64Array,
    rate: number,
    isPriced: boolean,
  ): number {
    const { pairStart, pairVolume, egressStart, egressPoint, pointCount } = this.problem;
    const taken = new Float64Array(room.length);
    const sides = Array.from(ingress, (i, at) => [i, pointCount + egressPoint[egressStart[k] + slot[at]]]);
    sides.forEach(([i, j], at) => {
      taken[i] += pairVolume[pairStart[k] + at];
      taken[j] += pairVolume[pairStart[k] + at];
    });
    const clear = (side: number): number => {
      const excess = taken[side] - Math.max(0, room[side]);
      const isOver = taken[side] !== 0 && excess > 0;
      taken[side] = 0;
      if (isOver && isPriced) own[side] += rate * excess;
      return isOver ? excess : 0;
    };
    return sides.reduce((total, [i, j]) => total + (clear(i) + clear(j)), 0);
  }

  private add(k: number, sign: 1 | -1): void {
    const [first, end] = this.pairsOf(k);
    for (let pair = first; pair < end; pair++) {
      for (const side of [this.ingress[pair], this.egressSide(pair)]) {
        const load = this.load[side];
        const next = load + sign * this.problem.pairVolume[pair];
        this.overload += this.excess(side, next) - this.excess(side, load);
        this.load[side] = next;
      }
    }
  }

  private sumOverload(): void {
    this.overload = this.load.reduce((sum, load, side) => sum + this.excess(side, load), 0);
  }

  private excess(side: number, load: number): number {
    return Math.max(0, load - this.limit[side]);
  }

  private egressSide(pair: number): number {
    return this.problem.pointCount + this.problem.egressPoint[this.slot[pair]];
  }

  private pairsOf(k: number): [number, number] {
    return [this.problem.pairStart[k], this.problem.pairStart[k + 1]];
  }

  private volumeOf(k: number): number {
    const [first, end] = this.pairsOf(k);
    return this.problem.pairVolume.subarray(first, end).reduce((sum, volume) => sum + volume, 0);
  }

  private cost(k: number): number {
    const { distance, pointCount, egressPoint, slotCost, changeUnit, currentIngress, currentSlot, pairVolume } =
      this.problem;
    const [first, end] = this.pairsOf(k);
    let cost = 0;
    for (let pair = first; pair < end; pair++) {
      const [point, slot] = [this.ingress[pair], this.slot[pair]];
      let unit = distance[point * pointCount + egressPoint[slot]] + slotCost[slot];
      if (!(currentIngress[pair] === point && currentSlot[pair] === slot)) unit += changeUnit[pair];
      cost += pairVolume[pair] * unit;
    }
    return cost;
  }
}
