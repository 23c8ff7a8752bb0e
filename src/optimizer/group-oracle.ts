/**
 * The whole problem in groups of prefixes: a block for each group, whose columns are the sums of its members' choices.
 *
 * What a group may do is at least every combination of what its members do at one and the same prices, so the value of the
 * relaxation is that over prefixes (see prefix-oracle), found with far fewer rows: exactly, and fast, where the members
 * are alike, as prefixes of equal Out(k) and equal shares of the neighbors are. The heaviest prefixes stand alone.
 */
import type { Choice } from '../problem/choice.ts';
import type { Problem } from '../problem/problem.ts';
import { unitCost } from '../problem/problem.ts';
import type { ColumnOracle, ColumnSink } from './column-oracle.ts';
import type { Column, ColumnPool } from './column-pool.ts';
import type { PrefixKernel } from './prefix-kernel.ts';
import { prefixesByVolume, volumeByPrefix } from './prefix-volume.ts';

/** Prefixes that stand alone, and groups of the others, at most. */
const ALONE = 100;
const GROUPS = 60;

export interface GroupOracleOptions {
  /** Float64 [2n], see `PassOptions.room`. */
  readonly room: Float64Array | null;
  readonly nodeLimit: number;
  /** Plans whose columns stand in the restricted program from the start. */
  readonly plans: readonly Choice[];
}

export class GroupOracle implements ColumnOracle {
  readonly blockCount: number;
  readonly resourceCount: number;
  readonly blockWeight: Float64Array;
  /** Int32 [prefixes], group of each, or -1 without traffic. */
  readonly groupOf: Int32Array;
  /** Prefixes that stand alone: group g < aloneOf.length is prefix aloneOf[g]. */
  readonly aloneOf: readonly number[];
  /** Int32, prefixes with traffic. */
  private readonly all: Int32Array;
  private readonly problem: Problem;
  private readonly kernel: PrefixKernel;
  private readonly options: GroupOracleOptions;

  constructor(problem: Problem, kernel: PrefixKernel, options: GroupOracleOptions) {
    this.problem = problem;
    this.kernel = kernel;
    this.options = options;
    const volume = volumeByPrefix(problem);
    const byVolume = prefixesByVolume(problem, volume);
    this.aloneOf = byVolume.slice(0, ALONE);
    this.groupOf = groupPrefixes(problem, byVolume);
    this.all = Int32Array.from(byVolume).sort();
    this.blockCount = this.groupOf.reduce((most, group) => Math.max(most, group), -1) + 1;
    this.resourceCount = 2 * problem.pointCount;
    this.blockWeight = new Float64Array(this.blockCount);
    this.groupOf.forEach((group, k) => {
      if (group >= 0) this.blockWeight[group] += volume[k];
    });
  }

  price(prices: Float64Array, costWeight: 0 | 1, sink: ColumnSink, blocks?: Int32Array): number {
    const { room, nodeLimit } = this.options;
    const list = blocks === undefined ? this.all : this.membersOf(blocks);
    const { minima, value, choice } = this.kernel.pass({ prices, costWeight, room, nodeLimit }, list);
    const least = new Float64Array(this.blockCount);
    for (const k of list) least[this.groupOf[k]] += value[k];
    const columns = this.columnsOf(choice);
    for (const group of blocks ?? columns.keys()) sink(least[group], columns[group]);
    return minima;
  }

  seed(pool: ColumnPool): void {
    for (const plan of this.options.plans) for (const column of this.columnsOf(plan)) pool.addIfNew(column);
  }

  private membersOf(blocks: Int32Array): Int32Array {
    const isWanted = new Uint8Array(this.blockCount);
    for (const group of blocks) isWanted[group] = 1;
    return this.all.filter((k) => isWanted[this.groupOf[k]] === 1);
  }

  /** A plan as one column for each group. */
  columnsOf(choice: Choice): Column[] {
    const { problem, groupOf, blockCount, resourceCount } = this;
    const { pointCount, pairStart, pairVolume, egressPoint } = problem;
    const cost = new Float64Array(blockCount);
    const load = new Float64Array(blockCount * resourceCount);
    groupOf.forEach((group, k) => {
      if (group < 0) return;
      for (let pair = pairStart[k]; pair < pairStart[k + 1]; pair++) {
        const slot = choice.slot[pair];
        if (slot < 0) continue;
        const volume = pairVolume[pair];
        cost[group] += volume * unitCost(problem, pair, choice.ingress[pair], slot);
        load[group * resourceCount + choice.ingress[pair]] += volume;
        load[group * resourceCount + pointCount + egressPoint[slot]] += volume;
      }
    });
    return Array.from(cost, (spent, group) => {
      const resources: number[] = [];
      const amounts: number[] = [];
      for (let s = 0; s < resourceCount; s++) {
        const amount = load[group * resourceCount + s];
        if (amount === 0) continue;
        resources.push(s);
        amounts.push(amount);
      }
      return { block: group, cost: spent, resources, amounts, tag: 0, detail: this.detailOf(group, choice) };
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

function groupPrefixes(problem: Problem, byVolume: readonly number[]): Int32Array {
  const { prefixCount, egressStart, egressPoint } = problem;
  const groupOf = new Int32Array(prefixCount).fill(-1);
  byVolume.slice(0, ALONE).forEach((k, group) => {
    groupOf[k] = group;
  });
  const first = Math.min(ALONE, byVolume.length);
  const classOf = new Map<string, number>();
  for (const k of byVolume.slice(ALONE)) {
    const key = egressPoint.subarray(egressStart[k], egressStart[k + 1]).join();
    let group = classOf.get(key);
    if (group === undefined) {
      group = first + (classOf.size % GROUPS);
      classOf.set(key, group);
    }
    groupOf[k] = group;
  }
  return groupOf;
}
