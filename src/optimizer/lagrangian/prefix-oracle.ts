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
import { largestLoad } from '../../problem/capacity.ts';
import type { Choice } from '../../problem/choice.ts';
import { type Problem, unitCost } from '../../problem/problem.ts';
import type { ColumnOracle, ColumnSink } from '../column-generation/column-oracle.ts';
import type { Column } from '../column-generation/column-pool.ts';
import { type Pass, PrefixKernel, THOROUGH } from '../kernels/prefix-kernel.ts';
import { type RunControl, UNLIMITED } from '../run/run-control.ts';

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
  readonly kernel: PrefixKernel;
  private readonly room: Float64Array | null;

  /** Passes throw Interruption where the control stops them. */
  constructor(problem: Problem, options: PrefixOracleOptions, control: RunControl = UNLIMITED) {
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
    this.kernel = new PrefixKernel(problem, options, control);
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

  price(prices: Float64Array, costWeight: 0 | 1, sink: ColumnSink, blocks?: Int32Array): number {
    const list = blocks?.map((block) => this.prefixOf[block]) ?? this.prefixOf;
    const { minima, value, choice } = this.kernel.pass(
      { prices, costWeight, room: this.room, nodeLimit: THOROUGH },
      list,
    );
    list.forEach((prefix, at) => {
      sink(value[prefix], this.column(blocks?.[at] ?? at, choice));
    });
    return minima;
  }

  /** Cheapest choice of every prefix under prices [2n]: views, valid until the next call. */
  cheapest(prices: Float64Array, costWeight: 0 | 1): Pass {
    return this.kernel.pass({ prices, costWeight, room: this.room, nodeLimit: THOROUGH }, this.prefixOf);
  }

  private column(block: number, choice: Choice): Column {
    const { problem, options } = this;
    const prefix = this.prefixOf[block];
    const [first, end] = [problem.pairStart[prefix], problem.pairStart[prefix + 1]];
    if (choice.slot[first] < 0) return { block, cost: Infinity, resources: [], amounts: [], detail: NOTHING };
    const amount = new Map<number, number>();
    const detail = new Int32Array(2 * (end - first));
    let cost = 0;
    for (let pair = first; pair < end; pair++) {
      const ingress = choice.ingress[pair];
      const slot = choice.slot[pair];
      const volume = problem.pairVolume[pair];
      cost += volume * unitCost(problem, pair, ingress, slot);
      detail[pair - first] = ingress;
      detail[end - first + pair - first] = slot - problem.egressStart[prefix];
      if (volume === 0) continue;
      if (options.fixedIngress === null) amount.set(ingress, (amount.get(ingress) ?? 0) + volume);
      const egress = problem.pointCount + problem.egressPoint[slot];
      amount.set(egress, (amount.get(egress) ?? 0) + volume);
    }
    return { block, cost, resources: [...amount.keys()], amounts: [...amount.values()], detail };
  }
}

const NOTHING = new Int32Array(0);
