/**
 * The optimizer's view of a network: typed arrays, no names.
 *
 * Points 0..n-1, neighbors 0..q-1, prefixes 0..m-1, pairs grouped by prefix. An egress slot e is one (prefix, point) of
 * Out(k); an arc is one (pair, slot of its prefix). The problem owns its arrays, some shared with the model; nobody
 * writes them.
 *
 * Cost of pair p by ingress i and slot e:
 *   volume_p · (distance[i, j] + slotCost[e] + (changeUnit_p where (i, e) is not the current choice)).
 */
import { distanceBetween, type NetworkModel } from '../model/network-model.ts';
import { loadLimit } from './capacity.ts';
import { closenessOf } from './closeness.ts';

export interface Problem {
  readonly pointCount: number;
  readonly neighborCount: number;
  readonly prefixCount: number;
  readonly pairCount: number;
  /** Float64 [n × n], row-major ingress × egress, IGP metric; Infinity where unreachable. */
  readonly distance: Float64Array;
  /** Int32 [n × n], see `Closeness`. */
  readonly rank: Int32Array;
  readonly order: Int32Array;
  /** Int32 [n], router of each point. */
  readonly routerOf: Int32Array;
  /** Float64 [n], threshold × capacity; Infinity where unlimited. */
  readonly ingressCapacity: Float64Array;
  readonly egressCapacity: Float64Array;
  /** Float64 [n], what an optimizer may load: the capacity with half of the tolerance. */
  readonly ingressLimit: Float64Array;
  readonly egressLimit: Float64Array;
  /** In(h): Int32 [q + 1] into `ingressPoint`. */
  readonly ingressStart: Int32Array;
  readonly ingressPoint: Int32Array;
  /** Out(k): Int32 [m + 1] into the slots. */
  readonly egressStart: Int32Array;
  /** Int32 [slots], point of each slot, ascending within a prefix. */
  readonly egressPoint: Int32Array;
  /** Float64 [slots], price of the point + penalty of the prefix there. */
  readonly slotCost: Float64Array;
  /** Int32 [m + 1] into the pairs. */
  readonly pairStart: Int32Array;
  readonly pairNeighbor: Int32Array;
  readonly pairPrefix: Int32Array;
  readonly pairVolume: Float64Array;
  /** Int32 [pairs], first arc of each pair: arc = arcStart[p] + slot - egressStart[k]. */
  readonly arcStart: Int32Array;
  /** Uint8 [arcs], 0 where the egress may not carry the pair; null where all may. */
  readonly eligible: Uint8Array | null;
  /** Int32 [pairs], point and slot of the current choice, or -1 where there is none or it is no longer allowed. */
  readonly currentIngress: Int32Array;
  readonly currentSlot: Int32Array;
  /** Float64 [pairs], per unit of volume; 0 where leaving the current choice is free. */
  readonly changeUnit: Float64Array;
  readonly totalVolume: number;
}

export interface ProblemOptions {
  /** Usable share of every capacity, (0, 1]. */
  readonly threshold: number;
  /** Cost per unit of volume moved away from the current choice, ≥ 0. */
  readonly changeCost: number;
}

export function buildProblem(model: NetworkModel, options: ProblemOptions): Problem {
  const { points, neighbors, prefixes, traffic } = model;
  const n = points.length;
  const distance = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) distance[i * n + j] = distanceBetween(model, i, j);

  const ingressStart = new Int32Array(neighbors.length + 1);
  neighbors.forEach((neighbor, h) => {
    ingressStart[h + 1] = ingressStart[h] + neighbor.ingress.length;
  });
  const ingressPoint = new Int32Array(ingressStart[neighbors.length]);
  neighbors.forEach((neighbor, h) => {
    ingressPoint.set(neighbor.ingress, ingressStart[h]);
  });

  const slotCost = prefixes.egressPenalty.map((penalty, slot) => penalty + points[prefixes.egressPoint[slot]].price);
  const pairPrefix = new Int32Array(traffic.count);
  const arcStart = new Int32Array(traffic.count);
  let arcs = 0;
  for (let k = 0; k < prefixes.count; k++) {
    for (let p = traffic.start[k]; p < traffic.start[k + 1]; p++) {
      pairPrefix[p] = k;
      arcStart[p] = arcs;
      arcs += prefixes.egressStart[k + 1] - prefixes.egressStart[k];
    }
  }

  const ingressCapacity = Float64Array.from(points, (point) => point.ingressCapacity * options.threshold);
  const egressCapacity = Float64Array.from(points, (point) => point.egressCapacity * options.threshold);
  const problem: Problem = {
    pointCount: n,
    neighborCount: neighbors.length,
    prefixCount: prefixes.count,
    pairCount: traffic.count,
    distance,
    ...closenessOf(model),
    routerOf: Int32Array.from(points, (point) => point.router),
    ingressCapacity,
    egressCapacity,
    ingressLimit: ingressCapacity.map(loadLimit),
    egressLimit: egressCapacity.map(loadLimit),
    ingressStart,
    ingressPoint,
    egressStart: prefixes.egressStart,
    egressPoint: prefixes.egressPoint,
    slotCost,
    pairStart: traffic.start,
    pairNeighbor: traffic.neighbor,
    pairPrefix,
    pairVolume: traffic.volume,
    arcStart,
    eligible: traffic.eligible,
    currentIngress: new Int32Array(traffic.count).fill(-1),
    currentSlot: new Int32Array(traffic.count).fill(-1),
    changeUnit: new Float64Array(traffic.count),
    totalVolume: traffic.volume.reduce((sum, volume) => sum + volume, 0),
  };
  placeCurrent(problem, model, options.changeCost);
  return problem;
}

/** May the pair enter at the point and leave by the slot, whatever the other pairs of its prefix do? */
export function isAllowed(problem: Problem, pair: number, ingress: number, slot: number): boolean {
  const { distance, pointCount, egressPoint, eligible, arcStart, egressStart, pairPrefix } = problem;
  if (distance[ingress * pointCount + egressPoint[slot]] === Number.POSITIVE_INFINITY) return false;
  return eligible === null || eligible[arcStart[pair] + slot - egressStart[pairPrefix[pair]]] === 1;
}

/** Slot of the prefix at the point, or -1. */
export function slotAt(problem: Problem, prefix: number, point: number): number {
  for (let slot = problem.egressStart[prefix]; slot < problem.egressStart[prefix + 1]; slot++) {
    if (problem.egressPoint[slot] === point) return slot;
  }
  return -1;
}

/** Is that the current choice of the pair? */
export function isCurrent(problem: Problem, pair: number, ingress: number, slot: number): boolean {
  return problem.currentIngress[pair] === ingress && problem.currentSlot[pair] === slot;
}

/** Cost per unit of volume of a pair by the given ingress point and slot. */
export function unitCost(problem: Problem, pair: number, ingress: number, slot: number): number {
  const { distance, pointCount, egressPoint, slotCost, changeUnit } = problem;
  const carried = distance[ingress * pointCount + egressPoint[slot]] + slotCost[slot];
  return isCurrent(problem, pair, ingress, slot) ? carried : carried + changeUnit[pair];
}

/** A pair whose current choice is no longer allowed changes for free: it keeps -1 and no change cost. */
function placeCurrent(problem: Problem, model: NetworkModel, changeCost: number): void {
  const { ingressStart, ingressPoint } = problem;
  for (let pair = 0; pair < problem.pairCount; pair++) {
    const ingress = model.traffic.currentIngress[pair];
    if (ingress < 0) continue;
    const h = problem.pairNeighbor[pair];
    const slot = slotAt(problem, problem.pairPrefix[pair], model.traffic.currentEgress[pair]);
    const entersThere = ingressPoint.subarray(ingressStart[h], ingressStart[h + 1]).includes(ingress);
    if (slot < 0 || !entersThere || !isAllowed(problem, pair, ingress, slot)) continue;
    problem.currentIngress[pair] = ingress;
    problem.currentSlot[pair] = slot;
    problem.changeUnit[pair] = changeCost;
  }
}
