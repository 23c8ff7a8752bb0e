/**
 * The whole problem in groups of prefixes: a block for each group, whose columns are the sums of its members' choices.
 *
 * What a group may do is at least every combination of what its members do at one and the same prices, so the value of the
 * relaxation is that over prefixes (see prefix-oracle), found with far fewer rows: exactly, and fast, where the members
 * are alike, as prefixes of equal Out(k) and equal shares of the neighbors are. The heaviest prefixes stand alone.
 *
 * Guarantee: the minima are true bounds of their groups. Cost: a pass of prefix-kernel over the prefixes asked for.
 */
import type { Choice } from '../../problem/choice.ts';
import { volumeOf } from '../../problem/prefix-volume.ts';
import type { Problem } from '../../problem/problem.ts';
import { unitCost } from '../../problem/problem.ts';
import type { ColumnOracle, ColumnSink } from '../column-generation/column-oracle.ts';
import type { Column, ColumnPool } from '../column-generation/column-pool.ts';
import type { Pass, PrefixKernel } from '../kernels/prefix-kernel.ts';

/** Prefixes that stand alone, and groups of the others, at most. */
export const ALONE = 100;
const GROUPS = 60;

export interface GroupOracleOptions {
  /** Float64 [2n], see `PassOptions.room`. */
  readonly room: Float64Array | null;
  readonly nodeLimit: number;
  /** Plans whose columns stand in the restricted program from the start. */
  readonly plans: readonly Choice[];
  /** Int32, the prefixes of the program, those with traffic, heaviest first. */
  readonly prefixes: Int32Array;
}

interface PricedOrigin {
  readonly prices: Float64Array;
  readonly costWeight: 0 | 1;
}

/** Where a column comes from: the prices at which its members chose, or the plan that it is part of. */
type Origin = PricedOrigin | { readonly plan: Choice };

export class GroupOracle implements ColumnOracle {
  readonly blockCount: number;
  readonly resourceCount: number;
  readonly blockWeight: Float64Array;
  /** Int32 [prefixes], group of each, or -1 without traffic. */
  readonly groupOf: Int32Array;
  /** Prefixes that stand alone: group g < aloneOf.length is prefix aloneOf[g]. */
  readonly aloneOf: readonly number[];
  /** Int32 [prefixes], pairs of the group's members before it. */
  readonly firstInGroup: Int32Array;
  /** Int32 [groups]. */
  private readonly pairsOfGroup: Int32Array;
  /** Int32, prefixes with traffic. */
  private readonly all: Int32Array;
  private readonly problem: Problem;
  private readonly kernel: PrefixKernel;
  private readonly options: GroupOracleOptions;
  private readonly originOf = new WeakMap<Column, Origin>();

  constructor(problem: Problem, kernel: PrefixKernel, options: GroupOracleOptions) {
    this.problem = problem;
    this.kernel = kernel;
    this.options = options;
    const { prefixes } = options;
    this.aloneOf = [...prefixes.subarray(0, ALONE)];
    this.groupOf = groupPrefixes(problem, prefixes);
    this.all = prefixes.toSorted();
    this.blockCount = this.groupOf.reduce((most, group) => Math.max(most, group), -1) + 1;
    this.resourceCount = 2 * problem.pointCount;
    this.blockWeight = new Float64Array(this.blockCount);
    for (const k of prefixes) this.blockWeight[this.groupOf[k]] += volumeOf(problem, k);
    this.pairsOfGroup = new Int32Array(this.blockCount);
    this.firstInGroup = this.placesInGroups();
  }

  price(prices: Float64Array, costWeight: 0 | 1, sink: ColumnSink, blocks?: Int32Array): number {
    const list = blocks === undefined ? this.all : this.membersOf(blocks);
    const { minima, value, choice } = this.passOver(list, { prices, costWeight });
    const least = new Float64Array(this.blockCount);
    for (const k of list) least[this.groupOf[k]] += value[k];
    const columns = this.columnsOf(choice, list, { prices, costWeight });
    for (const group of blocks ?? columns.keys()) sink(least[group], columns[group]);
    return minima;
  }

  seed(pool: ColumnPool): void {
    for (const plan of this.options.plans) {
      for (const column of this.columnsOf(plan, this.all, { plan })) pool.addIfNew(column);
    }
  }

  /**
   * What the members of its group do in each of the columns, which this oracle has made: Int32 [pairs of the group], those
   * of prefix k from `firstInGroup[k]` on. Cost: a pass for each price vector that columns come from.
   */
  choicesOf(columns: readonly Column[]): Map<Column, Choice> {
    const byOrigin = new Map<Origin, Column[]>();
    for (const column of columns) {
      const origin = this.originOf.get(column) as Origin;
      byOrigin.set(origin, [...(byOrigin.get(origin) ?? []), column]);
    }
    const choices = new Map<Column, Choice>();
    for (const [origin, ofOrigin] of byOrigin) {
      const members = this.membersOf(Int32Array.from(ofOrigin, ({ block }) => block));
      const choice = 'plan' in origin ? origin.plan : this.passOver(members, origin).choice;
      const ofGroup = new Map(ofOrigin.map((column) => [column.block, this.emptyChoice(column.block)]));
      for (const k of members) this.copyMember(choice, k, ofGroup.get(this.groupOf[k]) as Choice);
      for (const column of ofOrigin) choices.set(column, ofGroup.get(column.block) as Choice);
    }
    return choices;
  }

  private passOver(list: Int32Array, { prices, costWeight }: PricedOrigin): Pass {
    const { room, nodeLimit } = this.options;
    return this.kernel.pass({ prices, costWeight, room, nodeLimit }, list);
  }

  private copyMember({ ingress, slot }: Choice, k: number, into: Choice): void {
    const [first, end] = [this.problem.pairStart[k], this.problem.pairStart[k + 1]];
    into.ingress.set(ingress.subarray(first, end), this.firstInGroup[k]);
    into.slot.set(slot.subarray(first, end), this.firstInGroup[k]);
  }

  private emptyChoice(group: number): Choice {
    return { ingress: new Int32Array(this.pairsOfGroup[group]), slot: new Int32Array(this.pairsOfGroup[group]) };
  }

  private placesInGroups(): Int32Array {
    const { pairStart } = this.problem;
    return this.groupOf.map((group, k) => {
      if (group < 0) return -1;
      const first = this.pairsOfGroup[group];
      this.pairsOfGroup[group] += pairStart[k + 1] - pairStart[k];
      return first;
    });
  }

  private membersOf(blocks: Int32Array): Int32Array {
    const isWanted = new Uint8Array(this.blockCount);
    for (const group of blocks) isWanted[group] = 1;
    return this.all.filter((k) => isWanted[this.groupOf[k]] === 1);
  }

  /** A plan as one column for each group. */
  private columnsOf(choice: Choice, list: Int32Array, origin: Origin): Column[] {
    const { problem, groupOf, blockCount, resourceCount } = this;
    const { pointCount, pairStart, pairVolume, egressPoint } = problem;
    const cost = new Float64Array(blockCount);
    const load = new Float64Array(blockCount * resourceCount);
    for (const k of list) {
      const group = groupOf[k];
      for (let pair = pairStart[k]; pair < pairStart[k + 1]; pair++) {
        const slot = choice.slot[pair];
        if (slot < 0) continue;
        const volume = pairVolume[pair];
        cost[group] += volume * unitCost(problem, pair, choice.ingress[pair], slot);
        load[group * resourceCount + choice.ingress[pair]] += volume;
        load[group * resourceCount + pointCount + egressPoint[slot]] += volume;
      }
    }
    return Array.from(cost, (spent, group) => {
      const resources: number[] = [];
      const amounts: number[] = [];
      for (let s = 0; s < resourceCount; s++) {
        const amount = load[group * resourceCount + s];
        if (amount === 0) continue;
        resources.push(s);
        amounts.push(amount);
      }
      const column = { block: group, cost: spent, resources, amounts, detail: this.detailOf(group, choice) };
      this.originOf.set(column, origin);
      return column;
    });
  }

  /** What a prefix that stands alone chose: its ingresses, then its slots. */
  private detailOf(group: number, { ingress, slot }: Choice): Int32Array | null {
    const k = this.aloneOf[group];
    if (k === undefined) return null;
    const [first, end] = [this.problem.pairStart[k], this.problem.pairStart[k + 1]];
    return Int32Array.from([...ingress.subarray(first, end), ...slot.subarray(first, end)]);
  }
}

function groupPrefixes(problem: Problem, byVolume: Int32Array): Int32Array {
  const { prefixCount, egressStart, egressPoint } = problem;
  const groupOf = new Int32Array(prefixCount).fill(-1);
  byVolume.subarray(0, ALONE).forEach((k, group) => {
    groupOf[k] = group;
  });
  const first = Math.min(ALONE, byVolume.length);
  // By hash: two classes that share one only share a group, as they may in any case.
  const classOf = new Map<number, number>();
  for (const k of byVolume.subarray(ALONE)) {
    let key = 0;
    for (let slot = egressStart[k]; slot < egressStart[k + 1]; slot++) key = Math.imul(key, 31) + egressPoint[slot] + 1;
    let group = classOf.get(key);
    if (group === undefined) {
      group = first + (classOf.size % GROUPS);
      classOf.set(key, group);
    }
    groupOf[k] = group;
  }
  return groupOf;
}
