/**
 * The ingress half of the alternation (FIG. 3, step 5) as an assignment problem: a job for each pair, a machine for each
 * ingress point, the egress fixed.
 *
 *   weight_hk = t(h,k),   cost_hk,i = t(h,k) · (unit cost by ingress i and the egress of the pair)
 *
 * For MES (where `open` egress slots are given) an ingress is allowed only if no open egress of the prefix is closer to
 * it than that of the pair. Pairs of one neighbor, one egress point and the same allowed ingresses have the same cost per
 * unit but for a constant: the relaxation is solved over those classes, at most q·n of them for SES, and their shares are
 * filled with the pairs in order, which splits fewer pairs than there are shares.
 *
 * Guarantee: the rules other than capacity hold. Cost: O(pairs · |In|), and the relaxation over the classes.
 */
import type { Choice } from '../../problem/choice.ts';
import type { GapInstance } from '../../problem/gap-instance.ts';
import { isAllowed, type Problem, unitCost } from '../../problem/problem.ts';
import { roundAndRepair } from '../gap/gap.ts';
import { relaxGap } from '../gap/relaxation/gap-relaxation.ts';
import { checkStop, type RunControl } from '../run/run-control.ts';

/** Pairs between two questions whether to go on. */
const STRIDE = 8192;

export interface IngressAssignment {
  /** Int32 [pairs]. */
  readonly ingress: Int32Array;
  readonly rounds: number;
  readonly moves: number;
}

/** `open` is Uint8 [slots], 1 where a slot is open (MES), or null (SES). Throws Interruption. */
export function assignIngress(
  problem: Problem,
  choice: Choice,
  open: Uint8Array | null,
  control: RunControl,
): IngressAssignment {
  const instance = ingressInstance(problem, choice, open, control);
  const classes = classesOf(problem, choice, instance, control);
  const relaxation = relaxGap(classes.instance, control);
  const x = fillClasses(instance, classes, relaxation.x);
  const { assignment, moves } = roundAndRepair(instance, x);
  return { ingress: assignment.map((arc) => instance.machine[arc]), rounds: relaxation.rounds, moves };
}

/** Throws Interruption. */
export function ingressInstance(
  problem: Problem,
  choice: Choice,
  open: Uint8Array | null,
  control: RunControl,
): GapInstance {
  const { pairCount, pairVolume } = problem;
  const start = new Int32Array(pairCount + 1);
  const machine: number[] = [];
  const cost: number[] = [];
  const weight: number[] = [];
  for (let pair = 0; pair < pairCount; pair++) {
    if (pair % STRIDE === STRIDE - 1) checkStop(control);
    const slot = choice.slot[pair];
    for (const point of allowedIngresses(problem, pair, slot, open)) {
      machine.push(point);
      cost.push(pairVolume[pair] * unitCost(problem, pair, point, slot));
      weight.push(pairVolume[pair]);
    }
    start[pair + 1] = machine.length;
  }
  return {
    jobCount: pairCount,
    machineCount: problem.pointCount,
    start,
    machine: Int32Array.from(machine),
    cost: Float64Array.from(cost),
    weight: Float64Array.from(weight),
    capacity: problem.ingressCapacity,
  };
}

/** Ingress points from which the slot is the pair's egress, without those too small for it while one is large enough. */
function allowedIngresses(problem: Problem, pair: number, slot: number, open: Uint8Array | null): number[] {
  const { pairNeighbor, pairVolume, ingressStart, ingressPoint, ingressLimit } = problem;
  const allowed: number[] = [];
  for (let at = ingressStart[pairNeighbor[pair]]; at < ingressStart[pairNeighbor[pair] + 1]; at++) {
    const point = ingressPoint[at];
    if (!isAllowed(problem, pair, point, slot)) continue;
    if (open === null || isNearestOpen(problem, pair, point, slot, open)) allowed.push(point);
  }
  const roomy = allowed.filter((point) => pairVolume[pair] <= ingressLimit[point]);
  return roomy.length > 0 ? roomy : allowed;
}

function isNearestOpen(problem: Problem, pair: number, ingress: number, slot: number, open: Uint8Array): boolean {
  const { rank, pointCount, egressPoint, egressStart, pairPrefix } = problem;
  const place = rank[ingress * pointCount + egressPoint[slot]];
  const k = pairPrefix[pair];
  for (let other = egressStart[k]; other < egressStart[k + 1]; other++) {
    if (open[other] === 1 && rank[ingress * pointCount + egressPoint[other]] < place) return false;
  }
  return true;
}

interface Classes {
  /** A job for each class: the sums over its pairs. */
  readonly instance: GapInstance;
  /** Pairs of each class, ascending. */
  readonly pairs: readonly (readonly number[])[];
}

function classesOf(problem: Problem, choice: Choice, instance: GapInstance, control: RunControl): Classes {
  const { pairNeighbor, egressPoint, changeUnit, currentIngress, currentSlot } = problem;
  const byKey = new Map<string, number[]>();
  for (let pair = 0; pair < instance.jobCount; pair++) {
    if (pair % STRIDE === STRIDE - 1) checkStop(control);
    const ingresses = instance.machine.subarray(instance.start[pair], instance.start[pair + 1]);
    const stays = changeUnit[pair] > 0 && currentSlot[pair] === choice.slot[pair] ? currentIngress[pair] : -1;
    const key = [pairNeighbor[pair], egressPoint[choice.slot[pair]], stays, ...ingresses].join();
    const members = byKey.get(key);
    if (members === undefined) byKey.set(key, [pair]);
    else members.push(pair);
  }
  const pairs = [...byKey.values()];
  const start = new Int32Array(pairs.length + 1);
  pairs.forEach((members, job) => {
    start[job + 1] = start[job] + instance.start[members[0] + 1] - instance.start[members[0]];
  });
  const arcs = start[pairs.length];
  const machine = new Int32Array(arcs);
  const cost = new Float64Array(arcs);
  const weight = new Float64Array(arcs);
  pairs.forEach((members, job) => {
    for (const pair of members) {
      for (let arc = start[job]; arc < start[job + 1]; arc++) {
        const own = instance.start[pair] + arc - start[job];
        machine[arc] = instance.machine[own];
        cost[arc] += instance.cost[own];
        weight[arc] += instance.weight[own];
      }
    }
  });
  return { pairs, instance: { ...instance, jobCount: pairs.length, start, machine, cost, weight } };
}

/** Lays the pairs of each class, in order, along its shares: x of the pair instance, Float64 [arcs]. */
function fillClasses(instance: GapInstance, classes: Classes, share: Float64Array): Float64Array {
  const x = new Float64Array(instance.machine.length);
  classes.pairs.forEach((members, job) => {
    const first = classes.instance.start[job];
    const width = classes.instance.start[job + 1] - first;
    const total = classes.instance.weight[first];
    let arc = 0;
    let room = share[first] * total;
    for (const pair of members) {
      const volume = instance.weight[instance.start[pair]];
      let left = volume;
      while (arc < width - 1 && left >= room) {
        x[instance.start[pair] + arc] = volume > 0 ? room / volume : 0;
        left -= room;
        arc++;
        room = share[first + arc] * total;
      }
      const rest = volume > 0 ? left / volume : 1;
      x[instance.start[pair] + arc] = rest;
      room -= left;
    }
  });
  return x;
}
