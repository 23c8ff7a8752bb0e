/** Seeded instances for the benches. */
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { GapInstance } from '../src/optimizer/gap-instance.ts';

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
