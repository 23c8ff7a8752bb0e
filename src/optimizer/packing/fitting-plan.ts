/**
 * A plan that fits where the capacities are hardly more than the volume: one egress for each prefix, by packing prefixes
 * into egress sides, then an entry for each pair, by packing pairs into ingress sides (see halves). It is a plan for MES as
 * well. From there to cheaper ones: either half is packed anew near what it is, both are made cheaper two sides at a time
 * (see pair-exchange), and the cheaper plan stays.
 *
 * Only for whole volumes, since sums are tabulated. No guarantee but that a plan which fits gets no dearer. Deterministic
 * for a seed unless the control ends it.
 */
import { type Choice, evaluate } from '../../problem/choice.ts';
import type { Problem } from '../../problem/problem.ts';
import { uniform } from '../run/random.ts';
import { type RunControl, stopRequested } from '../run/run-control.ts';
import { egressHalf, type Half, ingressHalf } from './halves.ts';
import { pack, packNear } from './packing.ts';
import { exchangePairs } from './pair-exchange.ts';

/** Bits of the tables of sums, most of them at a time: 32 MB. */
const MOST_BITS = 2 ** 28;
/** Assignments of egresses for which entries are sought. */
const EGRESS_TURNS = 4;
/** Turns without gain after which the search for a cheaper plan ends. */
const PATIENCE = 60;
/** Of the items of a half, most that leave the plan by chance; and fillings until it is packed. */
const MOST_DOUBT = 0.4;
const NODES = 100;

/** Volumes are whole numbers, and few and small enough for tables of their sums. */
export function isPackable({ pairVolume, pairCount, totalVolume }: Problem): boolean {
  return pairVolume.every(Number.isInteger) && pairCount * totalVolume <= MOST_BITS;
}

/** A choice within all capacities, near `guide` where it can be; null where none was found. */
export function findFittingPlan(problem: Problem, guide: Choice, seed: number, control: RunControl): Choice | null {
  for (let turn = 0; turn < EGRESS_TURNS && !stopRequested(control); turn++) {
    const packed = (half: Half): Int32Array | null => {
      const binOf = pack(half.instance, { guide: half.binOf(guide), seed: seed + turn, control });
      return binOf === null ? null : half.decode(binOf);
    };
    const slot = packed(egressHalf(problem, null));
    if (slot === null) return null;
    const ingress = packed(ingressHalf(problem, slot));
    if (ingress !== null) return { ingress, slot };
  }
  return null;
}

/** From a choice that fits, with one egress for each prefix, to one that is no dearer. */
export function cheapenFittingPlan(problem: Problem, start: Choice, seed: number, control: RunControl): Choice {
  const random = uniform(seed);
  let best = exchanged(problem, start);
  let cost = evaluate(problem, best).objective;
  for (let stalled = 0; stalled < PATIENCE && !stopRequested(control); stalled++) {
    const moved = packedAnew(problem, best, random, control);
    if (moved === null) continue;
    const next = exchanged(problem, moved);
    const { objective } = evaluate(problem, next);
    if (objective >= cost) continue;
    best = next;
    cost = objective;
    stalled = -1;
  }
  return best;
}

/** One of the halves packed anew, the other as it is. */
function packedAnew(problem: Problem, choice: Choice, random: () => number, control: RunControl): Choice | null {
  const isEgress = random() < 0.5;
  const half = isEgress ? egressHalf(problem, choice.ingress) : ingressHalf(problem, choice.slot);
  const near = { guide: half.binOf(choice), doubt: MOST_DOUBT * random(), nodeLimit: NODES, random, control };
  const { binOf } = packNear(half.instance, near);
  if (binOf === null) return null;
  const own = half.decode(binOf);
  return isEgress ? { ingress: choice.ingress, slot: own } : { ingress: own, slot: choice.slot };
}

/** Both halves made cheaper, two sides at a time. */
function exchanged(problem: Problem, choice: Choice): Choice {
  const cheaper = (half: Half, from: Choice): Int32Array => {
    const binOf = half.binOf(from);
    exchangePairs(half.instance, half.cost, binOf);
    return half.decode(binOf);
  };
  const slot = cheaper(egressHalf(problem, choice.ingress), choice);
  return { slot, ingress: cheaper(ingressHalf(problem, slot), { ...choice, slot }) };
}
