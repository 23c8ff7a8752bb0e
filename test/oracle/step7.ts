/**
 * FIG. 4, lines 6 to 45, without any cleverness: every candidate copies the open sets, runs compute_egress over the whole
 * instance and values the difference over all pairs and all points, by the definition in `assembly/step7-move.ts`.
 */
import type { MoveValue, Step7Instance } from '../../src/optimizer/kernels/step7-instance.ts';
import { literalComputeEgress } from './compute-egress.ts';

const TOLERANCE = 1e-12;
const MOVES_PER_SLOT = 16;

export interface Step7State {
  readonly open: Uint8Array;
  readonly egress: Int32Array;
  /** Float64 [points], carried from move to move. */
  readonly load: Float64Array;
}

export function initialState(instance: Step7Instance, open: Uint8Array): Step7State {
  const egress = literalComputeEgress(instance, open);
  const load = new Float64Array(instance.pointCount);
  egress.forEach((slot, p) => {
    if (slot >= 0) load[instance.egressPoint[slot]] += instance.pairVolume[p];
  });
  return { open: open.slice(), egress, load };
}

export function overloads(instance: Step7Instance, load: Float64Array): Float64Array {
  return load.map((value, j) => Math.max(0, value - instance.limit[j]));
}

export function pairCost(instance: Step7Instance, p: number, slot: number): number {
  const volume = instance.pairVolume[p];
  if (slot < 0 || volume === 0) return 0;
  const { distance, pointCount, pairIngress, egressPoint, slotCost, currentSlot, changeUnit } = instance;
  const unit = distance[pairIngress[p] * pointCount + egressPoint[slot]] + slotCost[slot];
  const changed = currentSlot !== null && changeUnit !== null && currentSlot[p] !== slot;
  return volume * (changed ? unit + changeUnit[p] : unit);
}

export function carries(instance: Step7Instance, k: number, p: number, slot: number): boolean {
  const { distance, pointCount, pairIngress, egressPoint, egressStart, pairStart, eligible } = instance;
  if (distance[pairIngress[p] * pointCount + egressPoint[slot]] === Number.POSITIVE_INFINITY) return false;
  if (eligible === null) return true;
  let arc = 0;
  for (let before = 0; before < k; before++) {
    arc += (pairStart[before + 1] - pairStart[before]) * (egressStart[before + 1] - egressStart[before]);
  }
  arc += (p - pairStart[k]) * (egressStart[k + 1] - egressStart[k]) + slot - egressStart[k];
  return eligible[arc] !== 0;
}

/** The state after the slot was closed or opened, and the value of that move. */
export function moved(instance: Step7Instance, state: Step7State, slot: number) {
  const open = state.open.slice();
  open[slot] = 1 - open[slot];
  const egress = literalComputeEgress(instance, open);
  const leaving = new Float64Array(instance.pointCount);
  const arriving = new Float64Array(instance.pointCount);
  let costDelta = 0;
  for (let p = 0; p < instance.pairCount; p++) {
    if (egress[p] === state.egress[p]) continue;
    costDelta += pairCost(instance, p, egress[p]) - pairCost(instance, p, state.egress[p]);
    if (state.egress[p] >= 0) leaving[instance.egressPoint[state.egress[p]]] += instance.pairVolume[p];
    if (egress[p] >= 0) arriving[instance.egressPoint[egress[p]]] += instance.pairVolume[p];
  }
  const load = state.load.map((value, j) => value - leaving[j] + arriving[j]);
  const before = overloads(instance, state.load);
  const after = overloads(instance, load);
  let overloadDelta = 0;
  for (let j = 0; j < instance.pointCount; j++) {
    if (before[j] > 0) overloadDelta += Math.min(before[j], leaving[j]) - arriving[j];
  }
  return { state: { open, egress, load }, costDelta, overloadDelta, before, after };
}

/** Lines 10 to 39: all admitted moves, in the order in which they are compared. */
export function literalMoveValues(instance: Step7Instance, state: Step7State): MoveValue[] {
  const tolerance = TOLERANCE * instance.pairVolume.reduce((sum, volume) => sum + volume, 0);
  const { egressStart, egressPoint, routerOf, pairStart } = instance;
  const values: MoveValue[] = [];
  for (let k = 0; k < instance.prefixCount; k++) {
    const slots = Array.from({ length: egressStart[k + 1] - egressStart[k] }, (_, e) => egressStart[k] + e);
    const opened = slots.filter((slot) => state.open[slot]);
    for (const action of ['delete', 'insert'] as const) {
      for (const slot of slots) {
        if ((state.open[slot] === 1) !== (action === 'delete')) continue;
        const j = egressPoint[slot];
        const { state: next, costDelta, overloadDelta, before, after } = moved(instance, state, slot);
        if (action === 'delete') {
          if (before[j] <= 0 || opened.length < 2) continue;
          if (after.some((value, point) => value > 0 && before[point] === 0)) continue;
        } else {
          if (before[j] > 0 || after[j] > 0) continue;
          if (opened.some((other) => routerOf[egressPoint[other]] === routerOf[j])) continue;
        }
        if (!(overloadDelta > tolerance)) continue;
        let allowed = true;
        for (let p = pairStart[k]; p < pairStart[k + 1]; p++) allowed &&= carries(instance, k, p, next.egress[p]);
        if (allowed) values.push({ slot, action, costDelta, overloadDelta });
      }
    }
  }
  return values;
}

/** Lines 6 to 45; the moves in order and the final state. */
export function literalStep7(instance: Step7Instance, open: Uint8Array): { moves: MoveValue[]; state: Step7State } {
  let state = initialState(instance, open);
  const moves: MoveValue[] = [];
  while (moves.length < MOVES_PER_SLOT * open.length) {
    let least = Number.POSITIVE_INFINITY;
    let best: MoveValue | undefined;
    for (const value of literalMoveValues(instance, state)) {
      const ratio = value.costDelta / value.overloadDelta;
      if (ratio < least) {
        least = ratio;
        best = value;
      }
    }
    if (!best) break;
    state = moved(instance, state, best.slot).state;
    moves.push(best);
  }
  return { moves, state };
}
