/**
 * The assignment problem by loads of machines (Savelsbergh 1997): a block for each machine, whose columns are the sets of
 * jobs that fit it, a resource for each job, which has to be covered.
 *
 *   min Σ_l c_l x_l   subject to   Σ_{l ∋ r} x_l ≥ 1 for every job r,   Σ_{l of s} x_l = 1 for every machine s
 *
 * As column generation knows resources with a ceiling, a load takes −1 of each of its jobs, of which there is −1. Under
 * prices u ≥ 0 of the jobs machine s takes the knapsack of largest Σ (u_r − c_rs): a relaxation above that over arcs, by what
 * whole loads waste. Cost of a pass: O(arcs · capacity); it can be stopped after every machine.
 */
import { largestLoad } from '../../problem/capacity.ts';
import type { GapInstance } from '../../problem/gap-instance.ts';
import { CompensatedSum } from '../../problem/sum.ts';
import type { ColumnOracle, ColumnSink } from '../column-generation/column-oracle.ts';
import type { Column, ColumnPool } from '../column-generation/column-pool.ts';
import { checkStop, type RunControl } from '../run/run-control.ts';
import { Knapsack } from './knapsack.ts';

/** The jobs of one machine: Int32, arcs, ascending by job. */
export type Load = Int32Array;

export class LoadOracle implements ColumnOracle {
  readonly blockCount: number;
  readonly resourceCount: number;
  readonly blockWeight: Float64Array;
  /** Machine of each block. */
  readonly machines: readonly number[];
  private readonly instance: GapInstance;
  private readonly isOpen: Uint8Array;
  private readonly arcsOf: readonly Int32Array[];
  private readonly seeds: Iterable<Load>;
  private readonly control: RunControl;
  private readonly knapsack = new Knapsack();

  /** Over some machines, and the jobs that are open (Uint8 [jobs]); `seeds` are loads known, of any machines. */
  constructor(
    instance: GapInstance,
    machines: readonly number[],
    isOpen: Uint8Array,
    seeds: Iterable<Load>,
    control: RunControl,
  ) {
    this.instance = instance;
    this.control = control;
    this.machines = machines;
    this.isOpen = isOpen;
    this.seeds = seeds;
    this.blockCount = machines.length;
    this.resourceCount = instance.jobCount;
    const byMachine: number[][] = Array.from({ length: instance.machineCount }, () => []);
    for (let job = 0; job < instance.jobCount; job++) {
      if (isOpen[job] === 0) continue;
      for (let arc = instance.start[job]; arc < instance.start[job + 1]; arc++)
        byMachine[instance.machine[arc]].push(arc);
    }
    this.arcsOf = machines.map((s) => Int32Array.from(byMachine[s]));
    this.blockWeight = Float64Array.from(machines, (s) => instance.capacity[s]);
  }

  /** Throws Interruption. */
  price(prices: Float64Array, costWeight: 0 | 1, sink: ColumnSink, blocks?: Int32Array): number {
    const { instance, arcsOf, machines } = this;
    const minima = new CompensatedSum();
    for (const block of blocks ?? machines.keys()) {
      checkStop(this.control);
      const arcs = arcsOf[block];
      const weight = Int32Array.from(arcs, (arc) => instance.weight[arc]);
      const value = Float64Array.from(arcs, (arc) => prices[jobOf(instance, arc)] - costWeight * instance.cost[arc]);
      const found = this.knapsack.solve(weight, value, largestLoad(instance.capacity[machines[block]]));
      minima.add(-found.value);
      sink(
        -found.value,
        this.column(
          block,
          Int32Array.from(found.items, (item) => arcs[item]),
        ),
      );
    }
    return minima.value;
  }

  /** Those of the known loads that are made of open jobs. */
  seed(pool: ColumnPool): void {
    const blockOf = new Map(this.machines.map((s, block) => [s, block]));
    for (const load of this.seeds) {
      const block = load.length === 0 ? undefined : blockOf.get(this.instance.machine[load[0]]);
      if (block === undefined || load.some((arc) => this.isOpen[jobOf(this.instance, arc)] === 0)) continue;
      pool.addIfNew(this.column(block, load));
    }
  }

  private column(block: number, load: Load): Column {
    const { instance } = this;
    const cost = load.reduce((sum, arc) => sum + instance.cost[arc], 0);
    const resources = load.map((arc) => jobOf(instance, arc));
    return { block, cost, resources, amounts: new Int8Array(load.length).fill(-1), detail: load };
  }
}

/** O(log jobs). */
export function jobOf({ start, jobCount }: GapInstance, arc: number): number {
  let [low, high] = [0, jobCount - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (start[middle] <= arc) low = middle;
    else high = middle - 1;
  }
  return low;
}
