/**
 * Step 7 of MULTIPLEEGRESS (FIG. 4) for fixed ingresses: relaxation of (9)–(13), rounding of it to an egress for every
 * pair, f_p(k) = the egresses so used, then the delete and insert moves of the kernel.
 *
 * Guarantee: the sets returned obey proximity, eligibility and one point per router and prefix; overload may be left.
 * Cost: the relaxation's, and for each move O(pairs of its prefix · |Out|) to value the moves anew that it touches.
 */
import { loadLimit } from '../../problem/capacity.ts';
import type { GapInstance } from '../../problem/gap-instance.ts';
import { isAllowed, type Problem, unitCost } from '../../problem/problem.ts';
import { roundFractional } from '../gap/rounding.ts';
import { computeEgress, step7 as improveSets } from '../kernels/kernels.ts';
import type { Step7Instance } from '../kernels/step7-instance.ts';
import type { RunControl } from '../run/run-control.ts';
import { attemptStage } from '../run/stage.ts';
import { relaxProximity } from './proximity-relaxation.ts';

export interface EgressSets {
  /** Uint8 [slots], 1 where the slot is open. */
  readonly open: Uint8Array;
  /** Int32 [pairs], slot of every pair: the nearest open one. */
  readonly slot: Int32Array;
  readonly moves: number;
  /** Rows (12) that separation added. */
  readonly rowsAdded: number;
  readonly prices: Float64Array | null;
}

/** `fallback` Int32 [pairs] is a valid egress for every pair under the ingresses given; its sets stand in for invalid ones, and for all where it is stopped. */
export function chooseEgressSets(
  problem: Problem,
  ingress: Int32Array,
  fallback: Int32Array,
  control: RunControl,
  startPrices?: Float64Array,
): EgressSets {
  const relaxation = attemptStage(control, () => relaxProximity(problem, ingress, control, startPrices));
  if (relaxation === null) {
    return { open: openSets(problem, fallback), slot: fallback.slice(), moves: 0, rowsAdded: 0, prices: null };
  }
  const rounded = relaxation.y === null ? fallback : roundToSlots(problem, ingress, relaxation.y);
  const instance = step7Instance(problem, ingress);
  const open = openSets(problem, rounded);
  const slot = new Int32Array(problem.pairCount);
  computeEgress(instance, open, slot);
  restoreInvalid(problem, ingress, open, slot, fallback);
  const { moves } = improveSets(instance, open, slot);
  return { open, slot, moves, rowsAdded: relaxation.rowsAdded, prices: relaxation.prices };
}

/** f_p(k): the slots in use, of each router the one that carries most (ties: the first). */
export function openSets(problem: Problem, slot: Int32Array): Uint8Array {
  const { pairCount, pairVolume, egressStart, egressPoint, routerOf, prefixCount } = problem;
  const open = new Uint8Array(egressPoint.length);
  const carried = new Float64Array(egressPoint.length);
  for (let pair = 0; pair < pairCount; pair++) {
    open[slot[pair]] = 1;
    carried[slot[pair]] += pairVolume[pair];
  }
  for (let k = 0; k < prefixCount; k++) {
    const keeper = new Map<number, number>();
    for (let e = egressStart[k]; e < egressStart[k + 1]; e++) {
      if (open[e] === 0) continue;
      const other = keeper.get(routerOf[egressPoint[e]]);
      if (other !== undefined) open[carried[e] > carried[other] ? other : e] = 0;
      if (other === undefined || carried[e] > carried[other]) keeper.set(routerOf[egressPoint[e]], e);
    }
  }
  return open;
}

/** Where the nearest open egress may not carry some pair, the prefix goes back to its former sets. */
function restoreInvalid(
  problem: Problem,
  ingress: Int32Array,
  open: Uint8Array,
  slot: Int32Array,
  fallback: Int32Array,
): void {
  const { prefixCount, pairStart, egressStart } = problem;
  for (let k = 0; k < prefixCount; k++) {
    let valid = true;
    for (let pair = pairStart[k]; pair < pairStart[k + 1] && valid; pair++) {
      valid = slot[pair] >= 0 && isAllowed(problem, pair, ingress[pair], slot[pair]);
    }
    if (valid) continue;
    open.fill(0, egressStart[k], egressStart[k + 1]);
    for (let pair = pairStart[k]; pair < pairStart[k + 1]; pair++) {
      slot[pair] = fallback[pair];
      open[fallback[pair]] = 1;
    }
  }
}

function roundToSlots(problem: Problem, ingress: Int32Array, y: Float64Array): Int32Array {
  const { pairCount, pairPrefix, pairVolume, egressStart, egressPoint, arcStart } = problem;
  const start = new Int32Array(pairCount + 1);
  const slots: number[] = [];
  const x: number[] = [];
  const cost: number[] = [];
  const weight: number[] = [];
  for (let pair = 0; pair < pairCount; pair++) {
    const k = pairPrefix[pair];
    for (let slot = egressStart[k]; slot < egressStart[k + 1]; slot++) {
      const share = y[arcStart[pair] + slot - egressStart[k]];
      if (share === 0 || !isAllowed(problem, pair, ingress[pair], slot)) continue;
      slots.push(slot);
      x.push(share);
      cost.push(pairVolume[pair] * unitCost(problem, pair, ingress[pair], slot));
      weight.push(pairVolume[pair]);
    }
    start[pair + 1] = slots.length;
  }
  const instance: GapInstance = {
    jobCount: pairCount,
    machineCount: problem.pointCount,
    start,
    machine: Int32Array.from(slots, (slot) => egressPoint[slot]),
    cost: Float64Array.from(cost),
    weight: Float64Array.from(weight),
    capacity: problem.egressCapacity,
  };
  return roundFractional(instance, Float64Array.from(x)).map((arc) => slots[arc]);
}

export function step7Instance(problem: Problem, ingress: Int32Array): Step7Instance {
  const { currentIngress, currentSlot, changeUnit } = problem;
  return {
    pointCount: problem.pointCount,
    prefixCount: problem.prefixCount,
    pairCount: problem.pairCount,
    distance: problem.distance,
    rank: problem.rank,
    routerOf: problem.routerOf,
    egressStart: problem.egressStart,
    egressPoint: problem.egressPoint,
    slotCost: problem.slotCost,
    pairStart: problem.pairStart,
    pairIngress: ingress,
    pairVolume: problem.pairVolume,
    eligible: problem.eligible,
    currentSlot: currentSlot.map((slot, pair) => (currentIngress[pair] === ingress[pair] ? slot : -1)),
    changeUnit,
    limit: problem.egressCapacity.map(loadLimit),
  };
}
