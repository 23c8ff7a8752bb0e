/** What a relaxation splits of the prefixes that stand alone, and the ways that it could go (one egress a prefix). */
import type { Problem } from '../../problem/problem.ts';
import type { Relaxation } from '../column-generation/column-generation.ts';
import type { GroupOracle } from './group-oracle.ts';
import type { Hold, Holds } from './restricted-oracle.ts';

/** A way of more than this share is as good as whole. */
const WHOLE = 0.98;

export interface Split {
  readonly block: number;
  /** Place of the pair in its prefix whose ingress is split; -1: the egress is. */
  readonly pair: number;
}

/** Where the volume off the widest way is greatest; null where all is as good as whole. */
export function widestSplit(
  problem: Problem,
  { aloneOf, blockWeight }: GroupOracle,
  holds: Holds,
  { pool, share }: Pick<Relaxation, 'pool' | 'share'>,
): Split | null {
  const { pairStart, pairVolume } = problem;
  let most = 0;
  let widest: Split | null = null;
  aloneOf.forEach((k, block) => {
    const [first, count] = [pairStart[k], pairStart[k + 1] - pairStart[k]];
    const { slot, ingress } = holds.get(block) ?? freeHold(count);
    for (let pair = -1; pair < count; pair++) {
      if ((pair < 0 ? slot : ingress[pair]) >= 0) continue;
      const shares = new Map<number, number>();
      for (const index of pool.ofBlock[block]) {
        const way = pool.columns[index].detail?.[pair < 0 ? count : pair] ?? -1;
        shares.set(way, (shares.get(way) ?? 0) + share[index]);
      }
      const greatest = Math.max(...shares.values());
      const volume = (pair < 0 ? blockWeight[block] : pairVolume[first + pair]) * (1 - greatest);
      if (greatest >= WHOLE || volume <= most) continue;
      most = volume;
      widest = { block, pair };
    }
  });
  return widest;
}

/** What the prefix may be held to, one way each; together they are all that it was held to before. */
export function waysOf(problem: Problem, { aloneOf }: GroupOracle, { block, pair }: Split, before?: Hold): Hold[] {
  const { pairStart, pairNeighbor, egressStart, ingressStart, ingressPoint } = problem;
  const k = aloneOf[block];
  const hold = before ?? freeHold(pairStart[k + 1] - pairStart[k]);
  if (pair < 0) {
    const count = egressStart[k + 1] - egressStart[k];
    return Array.from({ length: count }, (_, at) => ({ ...hold, slot: egressStart[k] + at }));
  }
  const h = pairNeighbor[pairStart[k] + pair];
  const points = [...ingressPoint.subarray(ingressStart[h], ingressStart[h + 1])];
  return points.map((point) => ({ ...hold, ingress: hold.ingress.with(pair, point) }));
}

function freeHold(pairCount: number): Hold {
  return { slot: -1, ingress: new Int32Array(pairCount).fill(-1) };
}
