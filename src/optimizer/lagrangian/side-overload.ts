/**
 * The overload that every plan has because one kind of side is too small by itself: the traffic of each neighbor over In(h),
 * and that of each prefix over Out(k), divisible and apart from each other.
 *
 *   min Σ o_s   subject to   Σ_s x_rs = 1,   Σ_r p_r x_rs − o_s ≤ T_s     (r: neighbors at ingresses, or prefixes at egresses)
 *
 * Guarantee: every plan overloads by `amount` or more, and by the two sums at `prices`, which start the first phase of the
 * bound. Cost: two transportation problems, of neighbors × points and of the slots where no two
 * prefixes have the same Out(k) (see gap-relaxation).
 */
import type { GapInstance } from '../../problem/gap-instance.ts';
import { volumeByPrefix } from '../../problem/prefix-volume.ts';
import type { Problem } from '../../problem/problem.ts';
import { provenByPrices } from '../gap/certificate.ts';
import { relaxGap } from '../gap/relaxation/gap-relaxation.ts';
import { type RunControl, UNLIMITED } from '../run/run-control.ts';
import { attemptStage } from '../run/stage.ts';

export interface SideOverload {
  /** Proven; 0 where nothing is. */
  readonly amount: number;
  /** Float64 [2n], in [0, 1]: ingress sides, then egress sides. */
  readonly prices: Float64Array;
}

export function sideOverload(problem: Problem, control: RunControl): SideOverload {
  const { pointCount } = problem;
  const prices = new Float64Array(2 * pointCount);
  let amount = 0;
  [atIngresses(problem), atEgresses(problem)].forEach((instance, side) => {
    const quiet = { ...control, report: UNLIMITED.report };
    const proof = attemptStage(quiet, () => relaxGap(instance, quiet))?.leastOverload ?? null;
    if (proof?.prices == null) return;
    amount += Math.max(0, provenByPrices(instance, proof.prices, 0));
    prices.set(proof.prices, side * pointCount);
  });
  return { amount, prices };
}

function atIngresses({ neighborCount, pairNeighbor, pairVolume, ingressStart, ...problem }: Problem): GapInstance {
  const volume = new Float64Array(neighborCount);
  pairVolume.forEach((one, pair) => {
    volume[pairNeighbor[pair]] += one;
  });
  return divisible(volume, ingressStart, problem.ingressPoint, problem.ingressCapacity);
}

function atEgresses(problem: Problem): GapInstance {
  return divisible(volumeByPrefix(problem), problem.egressStart, problem.egressPoint, problem.egressCapacity);
}

/** Jobs at no cost, those of equal machines taken for one, as they are divisible. */
function divisible(volume: Float64Array, start: Int32Array, machine: Int32Array, capacity: Float64Array): GapInstance {
  const classes = new Map<string, { readonly machines: Int32Array; volume: number }>();
  volume.forEach((one, job) => {
    if (one === 0) return;
    const machines = machine.subarray(start[job], start[job + 1]);
    const key = machines.join();
    const known = classes.get(key);
    if (known === undefined) classes.set(key, { machines, volume: one });
    else known.volume += one;
  });
  const jobs = [...classes.values()];
  const ownStart = new Int32Array(jobs.length + 1);
  jobs.forEach(({ machines }, job) => {
    ownStart[job + 1] = ownStart[job] + machines.length;
  });
  const arcCount = ownStart[jobs.length];
  const ownMachine = new Int32Array(arcCount);
  const weight = new Float64Array(arcCount);
  jobs.forEach((job, at) => {
    ownMachine.set(job.machines, ownStart[at]);
    weight.fill(job.volume, ownStart[at], ownStart[at + 1]);
  });
  return {
    jobCount: jobs.length,
    machineCount: capacity.length,
    start: ownStart,
    machine: ownMachine,
    cost: new Float64Array(arcCount),
    weight,
    capacity,
  };
}
