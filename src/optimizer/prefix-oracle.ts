/**
 * The whole problem as blocks: a block for each prefix with traffic, a resource for each side of each point.
 *
 * Resources 0..n-1 are the ingress sides (prices λ_i), n..2n-1 the egress sides (prices μ_j). Under prices, prefix k costs
 *   SES: min_j Σ_h t(h,k) · min_i (unit cost(h, i, j) + λ_i + μ_j)
 *   MES: min_S Σ_h t(h,k) · min_i (unit cost(h, i, near_S(i)) + λ_i + μ_{near_S(i)}),  S ⊆ Out(k)
 * near_S(i) being the egress of S closest to i. The sum over prefixes − λ·C − μ·K bounds every plan of the variant from
 * below; at the best prices the SES value is that of the relaxation of (1)–(8) with aggregated (5), Σ_i x_ij^hk ≤ z_j^k,
 * or better, and so is the MES value with (7). Cost of a pass: O(pairs · |In| · |Out|), for MES times the nodes of
 * egress-set-search.
 */
import { largestLoad } from '../problem/capacity.ts';
import { type Problem, unitCost } from '../problem/problem.ts';
import { CompensatedSum } from '../problem/sum.ts';
import type { ColumnOracle, ColumnSink } from './column-oracle.ts';
import type { Column } from './column-pool.ts';
import { type BlockChoice, bestSet, bestSingle } from './egress-set-search.ts';
import { PricedPrefix } from './priced-prefix.ts';

export interface PrefixOracleOptions {
  readonly variant: 'ses' | 'mes';
  /** Int32 [pairs]: the ingress of every pair is fixed (step 7); null: any point of In(h). */
  readonly fixedIngress: Int32Array | null;
  /**
   * Leave out what is too large for a point by itself: such a choice stands in no plan that fits, and the bound may use
   * that. Must be off where the least overload is sought.
   */
  readonly prune: boolean;
}

export class PrefixOracle implements ColumnOracle {
  readonly blockCount: number;
  readonly resourceCount: number;
  readonly blockWeight: Float64Array;
  /** Int32 [blocks], prefix of each block. */
  readonly prefixOf: Int32Array;
  private readonly problem: Problem;
  private readonly options: PrefixOracleOptions;
  private readonly priced: PricedPrefix;
  private readonly room: Float64Array | null;

  constructor(problem: Problem, options: PrefixOracleOptions) {
    this.problem = problem;
    this.options = options;
    const { pairStart, pairVolume, prefixCount, pointCount } = problem;
    this.prefixOf = Int32Array.from({ length: prefixCount }, (_, k) => k).filter(
      (k) => pairStart[k] < pairStart[k + 1],
    );
    this.blockCount = this.prefixOf.length;
    this.resourceCount = 2 * pointCount;
    this.blockWeight = Float64Array.from(this.prefixOf, (k) =>
      pairVolume.subarray(pairStart[k], pairStart[k + 1]).reduce((sum, volume) => sum + volume, 0),
    );
    this.priced = new PricedPrefix(problem, options.fixedIngress);
    this.room = options.prune ? this.capacity().map(largestLoad) : null;
  }

  /** Float64 [2n]: C_i then K_j; the ingress side is unlimited where it is fixed. */
  capacity(): Float64Array {
    const { pointCount, ingressCapacity, egressCapacity } = this.problem;
    const capacity = new Float64Array(2 * pointCount).fill(Number.POSITIVE_INFINITY);
    if (this.options.fixedIngress === null) capacity.set(ingressCapacity);
    capacity.set(egressCapacity, pointCount);
    return capacity;
  }

  price(prices: Float64Array, costWeight: number, sink: ColumnSink, blocks?: Int32Array): number {
    const total = new CompensatedSum();
    const count = blocks?.length ?? this.blockCount;
    for (let at = 0; at < count; at++) {
      const block = blocks?.[at] ?? at;
      const found = this.minimize(this.prefixOf[block], prices, costWeight);
      total.add(found.bound);
      sink(found.bound, this.column(block, found));
    }
    return total.value;
  }

  /** Cheapest choice of one prefix under prices [2n]; `bound` Infinity where it has none. */
  minimize(prefix: number, prices: Float64Array, costWeight: number): BlockChoice {
    const { variant } = this.options;
    this.priced.load(prefix, { prices, costWeight, room: this.room });
    return variant === 'mes'
      ? bestSet(this.problem, prefix, this.priced)
      : bestSingle(this.problem, prefix, this.priced, this.room);
  }

  private column(block: number, found: BlockChoice): Column {
    const { problem, options } = this;
    const prefix = this.prefixOf[block];
    const first = problem.pairStart[prefix];
    const amount = new Map<number, number>();
    let cost = 0;
    for (let at = 0; at < found.ingress.length; at++) {
      const volume = problem.pairVolume[first + at];
      const slot = problem.egressStart[prefix] + found.slot[at];
      cost += volume * unitCost(problem, first + at, found.ingress[at], slot);
      if (volume === 0) continue;
      if (options.fixedIngress === null) amount.set(found.ingress[at], (amount.get(found.ingress[at]) ?? 0) + volume);
      const egress = problem.pointCount + problem.egressPoint[slot];
      amount.set(egress, (amount.get(egress) ?? 0) + volume);
    }
    const detail = new Int32Array(2 * found.ingress.length);
    detail.set(found.ingress);
    detail.set(found.slot, found.ingress.length);
    return { block, cost, resources: [...amount.keys()], amounts: [...amount.values()], tag: 0, detail };
  }
}

/** The choice behind a column of this oracle, written into `choice` (Int32 [pairs] each). */
export function applyColumn(
  problem: Problem,
  prefix: number,
  column: Column,
  choice: { ingress: Int32Array; slot: Int32Array },
): void {
  const detail = column.detail as Int32Array;
  const pairs = detail.length / 2;
  choice.ingress.set(detail.subarray(0, pairs), problem.pairStart[prefix]);
  for (let at = 0; at < pairs; at++) {
    choice.slot[problem.pairStart[prefix] + at] = problem.egressStart[prefix] + detail[pairs + at];
  }
}
