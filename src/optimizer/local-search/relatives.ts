/** Which prefixes a neighborhood search takes out of a plan together: some that share points. */
import type { Problem } from '../../problem/problem.ts';
import type { PrefixPlanner } from '../lagrangian/prefix-plan.ts';

const LARGEST = 24;
/** Share of the prefixes taken out that need not share a point with the first. */
const STRANGERS = 0.1;
const DRAWS_EACH = 12;

/** Prefixes that use points of one of them, that one with them: Int32, in the order in which they choose. */
export function relatives(
  problem: Problem,
  { kernel, volume }: PrefixPlanner,
  random: () => number,
  draw: () => number,
): Int32Array {
  const { pairStart, pointCount, egressPoint } = problem;
  const plan = kernel.plan();
  const size = 2 + Math.floor(random() * (LARGEST - 1));
  const first = draw();
  const sides = new Set<number>();
  for (let pair = pairStart[first]; pair < pairStart[first + 1]; pair++) {
    if (random() < 0.5) sides.add(plan.ingress[pair]);
    if (random() < 0.5) sides.add(pointCount + egressPoint[plan.slot[pair]]);
  }
  const sharesSide = (k: number): boolean => {
    for (let pair = pairStart[k]; pair < pairStart[k + 1]; pair++) {
      if (sides.has(plan.ingress[pair]) || sides.has(pointCount + egressPoint[plan.slot[pair]])) return true;
    }
    return false;
  };
  const chosen = new Set([first]);
  for (let drawn = 0; drawn < DRAWS_EACH * size && chosen.size < size; drawn++) {
    const k = draw();
    if (!chosen.has(k) && (random() < STRANGERS || sharesSide(k))) chosen.add(k);
  }
  const urgency = new Map(Array.from(chosen, (k) => [k, volume[k] * (0.3 + 0.7 * random())]));
  return Int32Array.from(chosen).sort((a, b) => (urgency.get(b) as number) - (urgency.get(a) as number) || a - b);
}

/** Draws prefixes by the root of their volume: the heavy ones decide, the light ones fill. */
export function drawByVolume(list: Int32Array, volume: Float64Array, random: () => number): () => number {
  const sums = new Float64Array(list.length);
  let total = 0;
  list.forEach((k, at) => {
    total += Math.sqrt(volume[k]) + Number.MIN_VALUE;
    sums[at] = total;
  });
  return () => {
    const wanted = random() * total;
    let [low, high] = [0, list.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] < wanted) low = middle + 1;
      else high = middle;
    }
    return list[low];
  };
}
