/** The part of a problem that some of its prefixes make up, in the room that the others leave. */
import { loadLimit } from '../../problem/capacity.ts';
import type { Choice } from '../../problem/choice.ts';
import type { Problem } from '../../problem/problem.ts';

export interface SubProblem {
  readonly problem: Problem;
  /** The choice of the whole, restricted to the part. */
  restrict(choice: Choice): Choice;
  /** The choice of the whole with that of the part in its place; nothing is overwritten. */
  merge(choice: Choice, part: Choice): Choice;
}

/** @param prefixes ascending, with traffic; `choice` says what the others load. */
export function subProblem(whole: Problem, prefixes: Int32Array, choice: Choice): SubProblem {
  const pairs = rangesOf(whole.pairStart, prefixes);
  const slots = rangesOf(whole.egressStart, prefixes);
  const shift = Int32Array.from(prefixes, (k, at) => whole.egressStart[k] - slots.start[at]);
  const shiftOf = (at: number) => shift[pairs.group[at]];
  const moved = (slot: Int32Array): Int32Array =>
    Int32Array.from(pairs.index, (pair, at) => (slot[pair] < 0 ? -1 : slot[pair] - shiftOf(at)));
  const room = roomBeside(whole, pairs.index, choice);
  const arcStart = new Int32Array(pairs.index.length);
  const eligible: number[] = [];
  let arcs = 0;
  pairs.index.forEach((pair, at) => {
    arcStart[at] = arcs;
    const k = prefixes[pairs.group[at]];
    const count = whole.egressStart[k + 1] - whole.egressStart[k];
    arcs += count;
    if (whole.eligible === null) return;
    for (let s = 0; s < count; s++) eligible.push(whole.eligible[whole.arcStart[pair] + s]);
  });
  const pairVolume = Float64Array.from(pairs.index, (pair) => whole.pairVolume[pair]);
  const problem: Problem = {
    ...whole,
    ...room,
    prefixCount: prefixes.length,
    pairCount: pairs.index.length,
    egressStart: slots.start,
    egressPoint: Int32Array.from(slots.index, (slot) => whole.egressPoint[slot]),
    slotCost: Float64Array.from(slots.index, (slot) => whole.slotCost[slot]),
    pairStart: pairs.start,
    pairNeighbor: Int32Array.from(pairs.index, (pair) => whole.pairNeighbor[pair]),
    pairPrefix: pairs.group,
    pairVolume,
    arcStart,
    eligible: whole.eligible === null ? null : Uint8Array.from(eligible),
    currentIngress: Int32Array.from(pairs.index, (pair) => whole.currentIngress[pair]),
    currentSlot: moved(whole.currentSlot),
    changeUnit: Float64Array.from(pairs.index, (pair) => whole.changeUnit[pair]),
    totalVolume: pairVolume.reduce((sum, volume) => sum + volume, 0),
  };
  return {
    problem,
    restrict: ({ ingress, slot }) => ({
      ingress: Int32Array.from(pairs.index, (pair) => ingress[pair]),
      slot: moved(slot),
    }),
    merge(before, part) {
      const merged = { ingress: before.ingress.slice(), slot: before.slot.slice() };
      pairs.index.forEach((pair, at) => {
        merged.ingress[pair] = part.ingress[at];
        merged.slot[pair] = part.slot[at] + shiftOf(at);
      });
      return merged;
    },
  };
}

/** Members of some groups of a CSR list, their new starts, and the group of each, counted anew. */
function rangesOf(start: Int32Array, groups: Int32Array) {
  const newStart = new Int32Array(groups.length + 1);
  groups.forEach((group, at) => {
    newStart[at + 1] = newStart[at] + start[group + 1] - start[group];
  });
  const index = new Int32Array(newStart[groups.length]);
  const of = new Int32Array(newStart[groups.length]);
  groups.forEach((group, at) => {
    for (let member = start[group]; member < start[group + 1]; member++) {
      index[newStart[at] + member - start[group]] = member;
      of[newStart[at] + member - start[group]] = at;
    }
  });
  return { start: newStart, index, group: of };
}

function roomBeside(whole: Problem, taken: Int32Array, { ingress, slot }: Choice) {
  const ingressCapacity = whole.ingressCapacity.slice();
  const egressCapacity = whole.egressCapacity.slice();
  const isTaken = new Uint8Array(whole.pairCount);
  for (const pair of taken) isTaken[pair] = 1;
  for (let pair = 0; pair < whole.pairCount; pair++) {
    if (isTaken[pair] === 1) continue;
    ingressCapacity[ingress[pair]] -= whole.pairVolume[pair];
    egressCapacity[whole.egressPoint[slot[pair]]] -= whole.pairVolume[pair];
  }
  const left = (capacity: Float64Array) => capacity.map((one) => Math.max(0, one));
  const [ingressLeft, egressLeft] = [left(ingressCapacity), left(egressCapacity)];
  return {
    ingressCapacity: ingressLeft,
    egressCapacity: egressLeft,
    ingressLimit: ingressLeft.map(loadLimit),
    egressLimit: egressLeft.map(loadLimit),
  };
}
