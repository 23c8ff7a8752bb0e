/**
 * What a plan is compared with.
 *
 * Biggest-first (the patent's baseline): the largest job first to its cheapest machine with room; prefixes to egress
 * points, then pairs to ingress points. Hot potato: every pair takes its cheapest way, capacities unseen; for MES all of
 * Out(k) is open and every ingress uses its nearest egress. Both leave overload where there is any. O(arcs · log jobs).
 */
import { loadLimit } from '../../problem/capacity.ts';
import type { Choice } from '../../problem/choice.ts';
import type { GapInstance } from '../../problem/gap-instance.ts';
import { isAllowed, type Problem } from '../../problem/problem.ts';
import { UNLIMITED } from '../run/run-control.ts';
import { egressStage } from './egress-stage.ts';
import { ingressInstance } from './ingress-stage.ts';
import { cheapestChoice, completeWithSets } from './start.ts';
import { openSets } from './step7.ts';

export function biggestFirst(problem: Problem): Choice {
  const stage = egressStage(problem, null, UNLIMITED);
  const assigned = largestFirst(stage.instance);
  const slot = new Int32Array(problem.pairCount).fill(-1);
  stage.prefixOf.forEach((k, job) => {
    slot.fill(stage.slotOf[assigned[job]], problem.pairStart[k], problem.pairStart[k + 1]);
  });
  const choice = completeWithSets(problem, slot);
  const entries = ingressInstance(problem, choice, openSets(problem, choice.slot), UNLIMITED);
  return { slot: choice.slot, ingress: largestFirst(entries).map((arc) => entries.machine[arc]) };
}

/** Jobs by falling weight (of their heaviest arc), each to its cheapest machine with room, else to the least filled. */
export function largestFirst(instance: GapInstance): Int32Array {
  const { jobCount, start, machine, cost, weight, capacity } = instance;
  const limit = capacity.map(loadLimit);
  const load = new Float64Array(instance.machineCount);
  const size = new Float64Array(jobCount);
  for (let arc = 0, job = 0; arc < machine.length; arc++) {
    while (arc >= start[job + 1]) job++;
    size[job] = Math.max(size[job], weight[arc]);
  }
  const assignment = new Int32Array(jobCount);
  const bySize = Array.from({ length: jobCount }, (_, job) => job).sort((a, b) => size[b] - size[a] || a - b);
  for (const job of bySize) {
    let best = -1;
    let widest = start[job];
    for (let arc = start[job]; arc < start[job + 1]; arc++) {
      const room = limit[machine[arc]] - load[machine[arc]] - weight[arc];
      if (room >= 0 && (best < 0 || cost[arc] < cost[best])) best = arc;
      if (room > limit[machine[widest]] - load[machine[widest]] - weight[widest]) widest = arc;
    }
    assignment[job] = best < 0 ? widest : best;
    load[machine[assignment[job]]] += weight[assignment[job]];
  }
  return assignment;
}

export function hotPotato(problem: Problem, variant: 'ses' | 'mes'): Choice {
  const choice = cheapestChoice(problem, variant);
  if (variant === 'ses') return choice;
  const { prefixCount, pairStart } = problem;
  for (let k = 0; k < prefixCount; k++) {
    const nearest = nearestChoice(problem, k);
    if (nearest === null) continue;
    choice.ingress.set(nearest.ingress, pairStart[k]);
    choice.slot.set(nearest.slot, pairStart[k]);
  }
  return choice;
}

/** Every pair by the ingress that is nearest to an egress; null where that egress may not carry one of the pairs. */
function nearestChoice(problem: Problem, prefix: number): Choice | null {
  const { pairStart, egressStart, egressPoint, routerOf, rank, distance, pointCount } = problem;
  const first = pairStart[prefix];
  const count = pairStart[prefix + 1] - first;
  const open: number[] = [];
  for (let slot = egressStart[prefix]; slot < egressStart[prefix + 1]; slot++) {
    if (!open.some((other) => routerOf[egressPoint[other]] === routerOf[egressPoint[slot]])) open.push(slot);
  }
  const choice = { ingress: new Int32Array(count), slot: new Int32Array(count) };
  for (let at = 0; at < count; at++) {
    const h = problem.pairNeighbor[first + at];
    let least = Number.POSITIVE_INFINITY;
    for (let e = problem.ingressStart[h]; e < problem.ingressStart[h + 1]; e++) {
      const row = problem.ingressPoint[e] * pointCount;
      const slot = open.reduce((a, b) => (rank[row + egressPoint[b]] < rank[row + egressPoint[a]] ? b : a));
      if (distance[row + egressPoint[slot]] >= least) continue;
      if (!isAllowed(problem, first + at, problem.ingressPoint[e], slot)) continue;
      least = distance[row + egressPoint[slot]];
      choice.ingress[at] = problem.ingressPoint[e];
      choice.slot[at] = slot;
    }
    if (least === Number.POSITIVE_INFINITY) return null;
  }
  return choice;
}
