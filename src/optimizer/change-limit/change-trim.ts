/**
 * Takes back changes until a choice is within the limit: greedily, what costs least for each change taken back, an overload
 * at its price. A prefix goes back as a whole, or a pair of it that only entered elsewhere by itself.
 *
 * What may go back waits in a heap by its loss, weighed anew when its turn comes; as losses fall too, where others make
 * room, everything is weighed anew whenever half of the excess is left. Where it is stopped nothing is weighed any more: the
 * rest goes back by the losses known.
 *
 * Guarantee: the rules other than capacity hold, and the limit. Cost: O(pairs · log excess).
 */
import { NodeHeap } from '../../model/node-heap.ts';
import type { Choice } from '../../problem/choice.ts';
import { isCurrent, type Problem, unitCost } from '../../problem/problem.ts';
import { sideLimit } from '../../problem/sides.ts';
import { type RunControl, stopRequested } from '../run/run-control.ts';
import { countChanges } from './change-price.ts';

/** Prefixes between two questions whether to go on. */
const STRIDE = 2048;

export interface TrimOptions {
  /** A choice within the limit, to which prefixes go back. */
  readonly kept: Choice;
  readonly limit: number;
  /** Price of a unit of overload. */
  readonly dear: number;
  readonly control: RunControl;
}

/** Owned by the caller. */
export function trimChanges(problem: Problem, choice: Choice, options: TrimOptions): Choice {
  const excess = countChanges(problem, choice) - options.limit;
  const plan = new Trimming(problem, choice, options);
  plan.takeBack(excess);
  return plan.choice;
}

class Trimming {
  readonly choice: Choice;
  private readonly problem: Problem;
  private readonly kept: Choice;
  private readonly current: Choice;
  private readonly dear: number;
  private readonly control: RunControl;
  private readonly limit: Float64Array;
  private readonly load: Float64Array;
  private overload = 0;
  private isStopped = false;
  /** What stood at the pairs of the prefix that is weighed. */
  private readonly before: { ingress: Int32Array; slot: Int32Array };

  constructor(problem: Problem, choice: Choice, { kept, dear, control }: TrimOptions) {
    this.problem = problem;
    this.kept = kept;
    this.current = { ingress: problem.currentIngress, slot: problem.currentSlot };
    this.dear = dear;
    this.control = control;
    this.choice = { ingress: choice.ingress.slice(), slot: choice.slot.slice() };
    this.limit = sideLimit(problem);
    this.load = new Float64Array(this.limit.length);
    for (let pair = 0; pair < problem.pairCount; pair++) this.add(pair, 1);
    const { pairStart } = problem;
    let most = 0;
    for (let k = 0; k < problem.prefixCount; k++) most = Math.max(most, pairStart[k + 1] - pairStart[k]);
    this.before = { ingress: new Int32Array(most), slot: new Int32Array(most) };
  }

  /** Until so many changes are taken back, or nothing more can be. */
  takeBack(excess: number): void {
    let left = excess;
    while (left > 0) {
      const heap = this.returns();
      if (heap.size === 0) return;
      const enough = this.isStopped ? 0 : Math.floor(left / 2);
      for (let turn = 0; left > enough && heap.size > 0; turn++) {
        if (turn % STRIDE === STRIDE - 1) this.ask();
        const node = heap.pop();
        const saved = this.savedBy(node);
        if (saved <= 0) continue;
        const loss = this.isStopped ? Number.NEGATIVE_INFINITY : this.lossOf(node) / saved;
        if (heap.size > 0 && loss > heap.leastKey) heap.push(node, loss);
        else left -= this.goBack(node);
      }
    }
  }

  /** What may go back by its loss for each change: prefix k as node k, a pair by itself as the node that many after them. */
  private returns(): NodeHeap {
    const { prefixCount, pairCount, pairStart } = this.problem;
    const heap = new NodeHeap(prefixCount + pairCount);
    for (let k = 0; k < prefixCount; k++) {
      if (k % STRIDE === STRIDE - 1) this.ask();
      if (!this.isMovedWithin(k)) continue;
      this.enter(heap, k);
      if (this.isStopped) continue;
      for (let pair = pairStart[k]; pair < pairStart[k + 1]; pair++) this.enter(heap, prefixCount + pair);
    }
    return heap;
  }

  private enter(heap: NodeHeap, node: number): void {
    const saved = this.savedBy(node);
    if (saved <= 0) return;
    heap.push(node, this.isStopped ? Number.POSITIVE_INFINITY : this.lossOf(node) / saved);
  }

  private ask(): void {
    this.isStopped ||= stopRequested(this.control);
  }

  /** Pairs of a node, first and end. */
  private pairsOf(node: number): [number, number] {
    const { prefixCount, pairStart } = this.problem;
    return node < prefixCount ? [pairStart[node], pairStart[node + 1]] : [node - prefixCount, node - prefixCount + 1];
  }

  /** Changes that are taken back; 0 where the node may not go back by itself. */
  private savedBy(node: number): number {
    const { prefixCount } = this.problem;
    if (node >= prefixCount) return Number(this.onlyEntersElsewhere(node - prefixCount));
    const [first, end] = this.pairsOf(node);
    let saved = 0;
    for (let pair = first; pair < end; pair++) {
      saved += Number(this.isMoved(pair, this.choice)) - Number(this.isMoved(pair, this.kept));
    }
    return saved;
  }

  private isMovedWithin(k: number): boolean {
    const [first, end] = this.pairsOf(k);
    for (let pair = first; pair < end; pair++) if (this.isMoved(pair, this.choice)) return true;
    return false;
  }

  private isMoved(pair: number, { ingress, slot }: Choice): boolean {
    return this.current.ingress[pair] >= 0 && !isCurrent(this.problem, pair, ingress[pair], slot[pair]);
  }

  /** It leaves where it did, and no egress in use is closer to where it entered: it may enter there again. */
  private onlyEntersElsewhere(pair: number): boolean {
    const { rank, pointCount, egressPoint, pairPrefix, pairStart } = this.problem;
    const { ingress, slot } = this.choice;
    if (slot[pair] !== this.current.slot[pair] || ingress[pair] === this.current.ingress[pair]) return false;
    const row = this.current.ingress[pair] * pointCount;
    if (row < 0) return false;
    const own = rank[row + egressPoint[slot[pair]]];
    const k = pairPrefix[pair];
    for (let other = pairStart[k]; other < pairStart[k + 1]; other++) {
      if (rank[row + egressPoint[slot[other]]] < own) return false;
    }
    return true;
  }

  /** What it costs to go back; the choice is left as it is. */
  private lossOf(node: number): number {
    const { before, choice, overload } = this;
    const [first, end] = this.pairsOf(node);
    before.ingress.set(choice.ingress.subarray(first, end));
    before.slot.set(choice.slot.subarray(first, end));
    const value = this.costOf(first, end) + this.dear * overload;
    this.put(first, end, this.target(node), 0);
    const loss = this.costOf(first, end) + this.dear * this.overload - value;
    this.put(first, end, before, first);
    this.overload = overload;
    return loss;
  }

  /** Returns how many changes that takes back. */
  private goBack(node: number): number {
    const saved = this.savedBy(node);
    const [first, end] = this.pairsOf(node);
    this.put(first, end, this.target(node), 0);
    return saved;
  }

  private target(node: number): Choice {
    return node < this.problem.prefixCount ? this.kept : this.current;
  }

  /** What pair p does in `to` at place p − shift. */
  private put(first: number, end: number, to: Choice, shift: number): void {
    const { ingress, slot } = this.choice;
    for (let pair = first; pair < end; pair++) {
      const [entry, exit] = [to.ingress[pair - shift], to.slot[pair - shift]];
      if (ingress[pair] === entry && slot[pair] === exit) continue;
      this.add(pair, -1);
      ingress[pair] = entry;
      slot[pair] = exit;
      this.add(pair, 1);
    }
  }

  private costOf(first: number, end: number): number {
    const { pairVolume } = this.problem;
    const { ingress, slot } = this.choice;
    let cost = 0;
    for (let pair = first; pair < end; pair++) {
      cost += pairVolume[pair] * unitCost(this.problem, pair, ingress[pair], slot[pair]);
    }
    return cost;
  }

  private add(pair: number, sign: 1 | -1): void {
    const { pointCount, egressPoint, pairVolume } = this.problem;
    const volume = sign * pairVolume[pair];
    this.addTo(this.choice.ingress[pair], volume);
    this.addTo(pointCount + egressPoint[this.choice.slot[pair]], volume);
  }

  private addTo(side: number, volume: number): void {
    const limit = this.limit[side];
    const load = this.load[side] + volume;
    this.overload += Math.max(0, load - limit) - Math.max(0, this.load[side] - limit);
    this.load[side] = load;
  }
}
