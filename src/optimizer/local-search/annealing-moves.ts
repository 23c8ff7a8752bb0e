/** Random changes of a penalized plan, each made, and undone unless it is accepted. Cost: a few pairs, or those of a prefix. */
import type { Problem } from '../../problem/problem.ts';
import type { PenalizedPlan } from './penalized-plan.ts';

/** Is the change in energy taken? */
export type Acceptance = (change: number) => boolean;

export class AnnealingMoves {
  private readonly plan: PenalizedPlan;
  private readonly problem: Problem;
  private readonly isSingle: boolean;
  private readonly random: () => number;
  private readonly accept: Acceptance;
  /** Int32, prefixes with traffic. */
  private readonly prefixes: Int32Array;

  constructor(plan: PenalizedPlan, variant: 'ses' | 'mes', random: () => number, accept: Acceptance) {
    const { pairPrefix } = plan.problem;
    this.plan = plan;
    this.problem = plan.problem;
    this.isSingle = variant === 'ses';
    this.random = random;
    this.accept = accept;
    this.prefixes = Int32Array.from(new Set(pairPrefix));
  }

  /** A pair enters elsewhere. */
  shift(): void {
    const { plan } = this;
    const pair = this.below(this.problem.pairCount);
    const entries = plan.entryCount(pair);
    if (entries < 2) return;
    const before = plan.entry[pair];
    const slotBefore = plan.slot[pair];
    let entry = this.below(entries - 1);
    if (entry >= before) entry++;
    const slot = this.slotFrom(pair, entry);
    if (plan.costOf(pair, entry, slot) === Number.POSITIVE_INFINITY) return;
    const energy = plan.energy;
    plan.move(pair, entry, slot);
    if (!this.accept(plan.energy - energy)) plan.move(pair, before, slotBefore);
  }

  /** Two pairs exchange their points of entry. */
  swap(): void {
    const { plan } = this;
    const a = this.below(this.problem.pairCount);
    const b = this.below(this.problem.pairCount);
    const [pointA, pointB] = [plan.ingressOf(a), plan.ingressOf(b)];
    if (pointA === pointB) return;
    const entryA = plan.entryOf(a, pointB);
    const entryB = plan.entryOf(b, pointA);
    if (entryA < 0 || entryB < 0) return;
    const slotA = this.slotFrom(a, entryA);
    const slotB = this.slotFrom(b, entryB);
    if (plan.costOf(a, entryA, slotA) + plan.costOf(b, entryB, slotB) === Number.POSITIVE_INFINITY) return;
    const [oldEntryA, oldSlotA, oldEntryB, oldSlotB] = [plan.entry[a], plan.slot[a], plan.entry[b], plan.slot[b]];
    const energy = plan.energy;
    plan.move(a, entryA, slotA);
    plan.move(b, entryB, slotB);
    if (this.accept(plan.energy - energy)) return;
    plan.move(a, oldEntryA, oldSlotA);
    plan.move(b, oldEntryB, oldSlotB);
  }

  /** A prefix opens an egress, closes one, or both, and its pairs choose their entries anew. */
  reopen(): void {
    const { egressStart } = this.problem;
    const prefix = this.anyPrefix();
    const drawn = egressStart[prefix] + this.below(egressStart[prefix + 1] - egressStart[prefix]);
    const isOpen = this.plan.open[drawn] === 1;
    if (isOpen && (this.isSingle || this.openCount(prefix) < 2)) return;
    const opened = isOpen ? -1 : drawn;
    const closed = isOpen ? drawn : this.isSingle || this.random() < 0.5 ? this.anyOpen(prefix) : -1;
    if (opened >= 0 && this.hasSibling(prefix, opened, closed)) return;
    this.replace([{ prefix, opened, closed }]);
  }

  /** Two prefixes exchange the points of an egress. */
  exchange(): void {
    const [a, b] = [this.anyPrefix(), this.anyPrefix()];
    if (a === b) return;
    const [closedA, closedB] = [this.anyOpen(a), this.anyOpen(b)];
    const openedA = this.closedAt(a, this.problem.egressPoint[closedB]);
    const openedB = this.closedAt(b, this.problem.egressPoint[closedA]);
    if (openedA < 0 || openedB < 0) return;
    if (this.hasSibling(a, openedA, closedA) || this.hasSibling(b, openedB, closedB)) return;
    this.replace([
      { prefix: a, opened: openedA, closed: closedA },
      { prefix: b, opened: openedB, closed: closedB },
    ]);
  }

  private replace(changes: readonly { prefix: number; opened: number; closed: number }[]): void {
    const { plan } = this;
    const energy = plan.energy;
    const set = (isUndone: 0 | 1) => {
      for (const { opened, closed } of changes) {
        if (opened >= 0) plan.open[opened] = 1 - isUndone;
        if (closed >= 0) plan.open[closed] = isUndone;
      }
    };
    for (const { prefix } of changes) plan.takeOut(prefix);
    set(0);
    const ends = changes.map(({ prefix }) => this.problem.pairStart[prefix]);
    const isPlaced = changes.every(({ prefix }, at) => {
      ends[at] = plan.place(prefix);
      return ends[at] === this.problem.pairStart[prefix + 1];
    });
    if (isPlaced && this.accept(plan.energy - energy)) return;
    set(1);
    changes.forEach(({ prefix }, at) => {
      plan.putBack(prefix, ends[at]);
    });
  }

  private slotFrom(pair: number, entry: number): number {
    return this.isSingle ? this.plan.slot[pair] : this.plan.nearest(pair, entry);
  }

  private below(count: number): number {
    return Math.floor(this.random() * count);
  }

  private anyPrefix(): number {
    return this.prefixes[this.below(this.prefixes.length)];
  }

  private openCount(prefix: number): number {
    const { egressStart } = this.problem;
    let count = 0;
    for (let slot = egressStart[prefix]; slot < egressStart[prefix + 1]; slot++) count += this.plan.open[slot];
    return count;
  }

  private anyOpen(prefix: number): number {
    let wanted = this.below(this.openCount(prefix));
    let slot = this.problem.egressStart[prefix];
    while (this.plan.open[slot] === 0 || wanted-- > 0) slot++;
    return slot;
  }

  /** Slot of the prefix at a point, where it is not open; or -1. */
  private closedAt(prefix: number, point: number): number {
    const { egressStart, egressPoint } = this.problem;
    for (let slot = egressStart[prefix]; slot < egressStart[prefix + 1]; slot++) {
      if (egressPoint[slot] === point) return this.plan.open[slot] === 1 ? -1 : slot;
    }
    return -1;
  }

  /** Is another point of the same router open, the closed one aside? Two of one router tie. */
  private hasSibling(prefix: number, opened: number, closed: number): boolean {
    const { egressStart, egressPoint, routerOf } = this.problem;
    for (let slot = egressStart[prefix]; slot < egressStart[prefix + 1]; slot++) {
      if (this.plan.open[slot] === 0 || slot === closed) continue;
      if (routerOf[egressPoint[slot]] === routerOf[egressPoint[opened]]) return true;
    }
    return false;
  }
}
