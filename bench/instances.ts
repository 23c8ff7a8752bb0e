/** Seeded instances for the benches. */
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { GapInstance } from '../src/problem/gap-instance.ts';

export interface GapStart {
  readonly instance: GapInstance;
  readonly limit: Float64Array;
  /** Int32 [jobs], arc of each job. */
  readonly assignment: Int32Array;
}

/** Uniform in [0, 1), 32 bits of it. */
export function uniform(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  return () => (generator.next() >>> 0) / 2 ** 32;
}

export interface GapSize {
  readonly jobs: number;
  readonly machines: number;
  readonly arcs: number;
}

/** Every job has arcs to `arcs` machines and starts at its cheapest one; machines differ in how cheap they are. */
export function gapStart(seed: number, { jobs, machines, arcs }: GapSize, sharedWeights: boolean): GapStart {
  const random = uniform(seed);
  const bias = Float64Array.from({ length: machines }, random);
  const start = Int32Array.from({ length: jobs + 1 }, (_, r) => r * arcs);
  const machine = new Int32Array(jobs * arcs);
  const cost = new Float64Array(jobs * arcs);
  const weight = new Float64Array(jobs * arcs);
  const assignment = new Int32Array(jobs);
  const stride = Math.floor(machines / arcs);
  for (let r = 0; r < jobs; r++) {
    const own = 1 / (0.02 + random());
    let best = start[r];
    for (let arc = start[r], band = 0; arc < start[r + 1]; arc++, band += stride) {
      machine[arc] = band + Math.floor(random() * stride);
      cost[arc] = (random() + bias[machine[arc]]) * own;
      weight[arc] = sharedWeights ? own : own * (0.5 + random());
      if (cost[arc] < cost[best]) best = arc;
    }
    assignment[r] = best;
  }
  const capacity = new Float64Array(machines).fill(Number.POSITIVE_INFINITY);
  const instance = { jobCount: jobs, machineCount: machines, start, machine, cost, weight, capacity };
  return { instance, limit: capacity, assignment };
}

/** Limits at `share` of the present load for the `count` most loaded machines, none elsewhere. */
export function limitsOf({ instance, assignment }: GapStart, count: number, share: number): Float64Array {
  const load = new Float64Array(instance.machineCount);
  for (const arc of assignment) load[instance.machine[arc]] += instance.weight[arc];
  const order = Array.from(load.keys()).sort((a, b) => load[b] - load[a]);
  const limit = new Float64Array(instance.machineCount).fill(Number.POSITIVE_INFINITY);
  for (const s of order.slice(0, count)) limit[s] = load[s] * share;
  // The others have room, but not for everybody.
  for (const s of order.slice(count)) limit[s] = load[s] * (2 - share) + 50;
  return limit;
}

export interface ZipfOptions {
  readonly slack: number;
  /** Costs per unit are mixes of distances, or plain whole distances with thousands of ties. */
  readonly costs: 'mixed' | 'tied';
  /** One weight for each job, or one for each arc. */
  readonly weights: 'shared' | 'general';
}

/**
 * A routing table as an assignment: volumes Zipf 0.9 (mean 1), each job open at `arcs` of the machines, cost volume ×
 * mean distance from the entries of its traffic; capacities are `slack` times the loads of a random assignment.
 */
export function zipfGap(seed: number, { jobs, machines, arcs }: GapSize, options: ZipfOptions): GapInstance {
  const random = uniform(seed);
  const [x, y] = [0, 1].map(() => Float64Array.from({ length: machines }, random));
  const entries = Int32Array.from({ length: 20 }, () => Math.floor(random() * machines));
  const popularity = Float64Array.from({ length: machines }, () => 0.2 + random());
  const distance = (entry: number, s: number): number => {
    const exact = 100 * Math.hypot(x[entries[entry]] - x[s], y[entries[entry]] - y[s]);
    return options.costs === 'tied' ? Math.round(exact) : exact;
  };
  const start = Int32Array.from({ length: jobs + 1 }, (_, r) => r * arcs);
  const machine = new Int32Array(jobs * arcs);
  const cost = new Float64Array(jobs * arcs);
  const weight = new Float64Array(jobs * arcs);
  const capacity = new Float64Array(machines);
  const rank = Int32Array.from({ length: jobs }, (_, r) => r);
  for (let r = jobs - 1; r > 0; r--) {
    const other = Math.floor(random() * (r + 1));
    [rank[r], rank[other]] = [rank[other], rank[r]];
  }
  const scale = jobs / rank.reduce((sum, at) => sum + (at + 1) ** -0.9, 0);
  const taken = new Uint8Array(machines);
  for (let r = 0; r < jobs; r++) {
    const volume = scale * (rank[r] + 1) ** -0.9;
    for (let arc = start[r]; arc < start[r + 1]; ) {
      const s = Math.floor(random() * machines);
      if (taken[s] === 1 || random() * 1.2 > popularity[s]) continue;
      taken[s] = 1;
      machine[arc++] = s;
    }
    machine.subarray(start[r], start[r + 1]).sort();
    const from = [0, 1, 2].map(() => Math.floor(random() * 20));
    const mix = options.costs === 'tied' ? [1, 0, 0] : [random(), random() ** 2, random() ** 2];
    const total = mix[0] + mix[1] + mix[2];
    const chosen = start[r] + Math.floor(random() * arcs);
    for (let arc = start[r]; arc < start[r + 1]; arc++) {
      const s = machine[arc];
      taken[s] = 0;
      weight[arc] = options.weights === 'shared' ? volume : volume * (0.5 + random());
      cost[arc] = (volume * from.reduce((sum, entry, at) => sum + mix[at] * distance(entry, s), 0)) / total;
      if (arc === chosen) capacity[s] += options.slack * weight[arc];
    }
  }
  return { jobCount: jobs, machineCount: machines, start, machine, cost, weight, capacity };
}
