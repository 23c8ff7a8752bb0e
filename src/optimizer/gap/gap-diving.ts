/**
 * Assignments by diving in the relaxation over loads of machines (see gap-load-oracle): the load of largest share is fixed,
 * the others are priced and solved anew for what is left, until every machine has one (Sadykov et al. 2019). Which load is
 * taken has some chance in it from the second dive on; jobs left over, or taken twice, go where it costs least.
 *
 * Guarantee: `lowerBound` is one. An assignment may be overloaded. Cost: a column generation, then a short one for each
 * machine of a dive.
 */
import { loadLimit } from '../../problem/capacity.ts';
import type { GapInstance } from '../../problem/gap-instance.ts';
import { generateColumns, type Relaxation } from '../column-generation/column-generation.ts';
import { type RunControl, stopRequested, withShare } from '../run/run-control.ts';
import { jobOf, type Load, LoadOracle } from './gap-load-oracle.ts';

const ROOT_ROUNDS = 250;
const DIVE_ROUNDS = 12;
const TOLERANCE = 1e-6;
/** Loads whose share is above this are fixed together. */
const WHOLE = 0.95;
/** By how much chance may raise a share. */
const CHANCE = 0.6;
/** Loads of a machine that stand in a program from the start. */
const SEEDED = 25;
const LARGEST_CAPACITY = 20_000;
const MOST_JOBS = 400;
const MOST_JOBS_EACH = 10;

/** Whole weights, capacities that a table can be made for, and few enough jobs for the program and for a machine. */
export function isDivable({ weight, capacity, jobCount, machineCount }: GapInstance): boolean {
  if (jobCount > MOST_JOBS || jobCount > MOST_JOBS_EACH * machineCount || machineCount < 2) return false;
  return capacity.every((one) => one <= LARGEST_CAPACITY) && weight.every(Number.isInteger);
}

export class GapDiving {
  readonly lowerBound: number;
  private readonly instance: GapInstance;
  private readonly control: RunControl;
  private readonly dear: number;
  /** Int32 [arcs]. */
  private readonly jobOfArc: Int32Array;
  private readonly root: Relaxation;
  /** Loads met, in the order of arrival. */
  private readonly loads = new Map<string, Load>();

  /**
   * @param prices Float64 [machines], of the relaxation over arcs. @param known assignments that fit, Int32 [jobs].
   * @throws Interruption
   */
  constructor(instance: GapInstance, prices: Float64Array, known: readonly Int32Array[], control: RunControl) {
    this.instance = instance;
    this.control = control;
    this.dear = 4 * instance.cost.reduce((most, cost) => Math.max(most, Math.abs(cost)), 1);
    this.jobOfArc = Int32Array.from(instance.machine, (_, arc) => jobOf(instance, arc));
    for (const assignment of known) this.learn(assignment);
    const all = new Uint8Array(instance.jobCount).fill(1);
    const machines = Array.from({ length: instance.machineCount }, (_, s) => s);
    this.root = this.relax(machines, all, jobPrices(instance, prices), ROOT_ROUNDS, withShare(control, 0.5));
    this.lowerBound = this.root.bound;
  }

  /** Int32 [jobs], arcs; null where it was stopped. `random` gives numbers in [0, 1). Throws Interruption. */
  dive(random: () => number, isFirst: boolean): Int32Array | null {
    const { instance } = this;
    const assignment = new Int32Array(instance.jobCount).fill(-1);
    const isOpen = new Uint8Array(instance.jobCount).fill(1);
    let machines = Array.from({ length: instance.machineCount }, (_, s) => s);
    let relaxation = this.root;
    while (machines.length > 0) {
      if (stopRequested(this.control)) return null;
      const { pool, share } = relaxation;
      const appeal = share.map((one) => (one <= 1e-6 ? 0 : one * (isFirst ? 1 : 1 + CHANCE * random())));
      const best = appeal.reduce((top, value, index) => (value > appeal[top] ? index : top), 0);
      const fixed = new Set<number>();
      for (const [index, { block, detail }] of pool.columns.entries()) {
        if (fixed.has(block) || !(index === best || share[index] >= WHOLE)) continue;
        fixed.add(block);
        for (const arc of detail as Load) {
          const job = jobOf(instance, arc);
          if (assignment[job] >= 0 && instance.cost[assignment[job]] <= instance.cost[arc]) continue;
          assignment[job] = arc;
          isOpen[job] = 0;
        }
      }
      machines = machines.filter((_, block) => !fixed.has(block));
      if (machines.length > 0) relaxation = this.relax(machines, isOpen, relaxation.prices, DIVE_ROUNDS, this.control);
    }
    this.place(assignment);
    return assignment;
  }

  private relax(
    machines: readonly number[],
    isOpen: Uint8Array,
    startPrices: Float64Array,
    maxRounds: number,
    control: RunControl,
  ): Relaxation {
    const oracle = new LoadOracle(this.instance, machines, isOpen, this.cheapest(startPrices, isOpen, SEEDED), control);
    const relaxation = generateColumns(oracle, {
      capacity: Float64Array.from(isOpen, (open) => (open === 1 ? -1 : Number.POSITIVE_INFINITY)),
      costWeight: 1,
      overflowPrice: this.dear,
      startPrices: startPrices.map((price, job) => (isOpen[job] === 1 ? price : 0)),
      vertex: false,
      tolerance: TOLERANCE,
      maxRounds,
      control,
    });
    this.remember(relaxation.pool.columns.map(({ detail }) => detail as Load));
    return relaxation;
  }

  /** Of the loads known that are made of open jobs, the cheapest few of each machine under prices of the jobs. */
  private cheapest(prices: Float64Array, isOpen: Uint8Array, count: number): Load[] {
    const { instance } = this;
    const valued: { load: Load; value: number; machine: number }[] = [];
    for (const load of this.loads.values()) {
      let value = 0;
      let fits = true;
      for (const arc of load) {
        const job = this.jobOfArc[arc];
        fits &&= isOpen[job] === 1;
        value += instance.cost[arc] - prices[job];
      }
      if (fits) valued.push({ load, value, machine: instance.machine[load[0]] });
    }
    valued.sort((a, b) => a.value - b.value);
    const taken = new Int32Array(instance.machineCount);
    return valued.filter(({ machine }) => taken[machine]++ < count).map(({ load }) => load);
  }

  /** The loads of an assignment may stand in the next dives. */
  learn(assignment: Int32Array): void {
    this.remember(loadsOf(this.instance, assignment));
  }

  private remember(loads: readonly Load[]): void {
    for (const load of loads) if (load.length > 0) this.loads.set(load.join(), load);
  }

  /** Jobs that no load took, heaviest first: where there is room at least cost, else where the least is missing. */
  private place(assignment: Int32Array): void {
    const { instance } = this;
    const { start, machine, weight, cost, capacity } = instance;
    const room = capacity.map(loadLimit);
    assignment.forEach((arc) => {
      if (arc >= 0) room[machine[arc]] -= weight[arc];
    });
    const open = Array.from(assignment.keys()).filter((job) => assignment[job] < 0);
    const size = (job: number) =>
      weight.subarray(start[job], start[job + 1]).reduce((most, one) => Math.max(most, one), 0);
    for (const job of open.sort((a, b) => size(b) - size(a) || a - b)) {
      let best = start[job];
      const rank = (arc: number) => {
        const missing = weight[arc] - room[machine[arc]];
        return missing <= 0 ? cost[arc] : this.dear * (1 + missing);
      };
      for (let arc = start[job]; arc < start[job + 1]; arc++) if (rank(arc) < rank(best)) best = arc;
      assignment[job] = best;
      room[machine[best]] -= weight[best];
    }
  }
}

/** The set of arcs on each machine. */
function loadsOf({ machineCount, machine }: GapInstance, assignment: Int32Array): Load[] {
  const loads: number[][] = Array.from({ length: machineCount }, () => []);
  for (const arc of assignment) loads[machine[arc]].push(arc);
  return loads.filter((load) => load.length > 0).map((load) => Int32Array.from(load));
}

/** What a job costs at least under prices of the machines. */
function jobPrices({ jobCount, start, machine, cost, weight }: GapInstance, prices: Float64Array): Float64Array {
  return Float64Array.from({ length: jobCount }, (_, job) => {
    let least = Number.POSITIVE_INFINITY;
    for (let arc = start[job]; arc < start[job + 1]; arc++) {
      least = Math.min(least, cost[arc] + prices[machine[arc]] * weight[arc]);
    }
    return Math.max(0, least);
  });
}
