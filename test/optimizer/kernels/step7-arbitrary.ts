import fc from 'fast-check';
import type { Step7Instance } from '../../../src/optimizer/kernels/step7-instance.ts';
import { lcg } from '../gap/gap-arbitrary.ts';

export interface Step7Case {
  readonly instance: Step7Instance;
  readonly open: Uint8Array;
}

/**
 * Small instances full of traps: ties, routers with several points, unreachable and ineligible egresses (also among
 * those that are open at the start), prefixes without pairs, slots or open slots, pairs without volume. Volumes and
 * limits are multiplied by `scale`, costs by `costScale`.
 */
export function step7Case(
  scale: number,
  costScale: number,
  { onlyIntegers = false, maxPrefixes = 12 } = {},
): fc.Arbitrary<Step7Case> {
  return fc
    .record({
      pointCount: fc.integer({ min: 1, max: 8 }),
      prefixCount: fc.integer({ min: 0, max: maxPrefixes }),
      integers: onlyIntegers ? fc.constant(true) : fc.boolean(),
      clean: fc.boolean(),
      interfaces: fc.boolean(),
      changes: fc.boolean(),
      range: fc.constantFrom(2, 6, 50),
      seed: fc.integer(),
    })
    .map(({ pointCount: n, prefixCount, integers, clean, interfaces, changes, range, seed }) => {
      const random = lcg(seed);
      const value = () => (integers ? Math.floor(random() * range) : random() * range);
      const below = (count: number) => Math.floor(random() * count);
      const distance = new Float64Array(n * n).map(() => value() * costScale);
      if (!clean) for (let a = 0; a < n * n; a++) if (random() < 0.06) distance[a] = Number.POSITIVE_INFINITY;
      const rank = new Int32Array(n * n);
      for (let i = 0; i < n; i++) {
        const row = Array.from({ length: n }, (_, j) => j).sort((a, b) => {
          const [da, db] = [distance[i * n + a], distance[i * n + b]];
          return da < db ? -1 : da > db ? 1 : b - a;
        });
        row.forEach((j, place) => {
          rank[i * n + j] = place;
        });
      }
      const egressStart = [0];
      const egressPoint: number[] = [];
      const pairStart = [0];
      const pairIngress: number[] = [];
      const pairVolume: number[] = [];
      const currentSlot: number[] = [];
      const eligible: number[] = [];
      for (let k = 0; k < prefixCount; k++) {
        const first = egressPoint.length;
        for (let j = 0; j < n; j++) if (random() < 0.6) egressPoint.push(j);
        const slots = egressPoint.length - first;
        egressStart.push(egressPoint.length);
        for (let count = slots === 0 ? 0 : below(6); count > 0; count--) {
          pairIngress.push(below(n));
          pairVolume.push(random() < 0.1 ? 0 : value() * scale);
          currentSlot.push(random() < 0.3 ? -1 : first + below(slots));
          for (let e = 0; e < slots; e++) eligible.push(Number(clean || random() < 0.93));
        }
        pairStart.push(pairIngress.length);
      }
      const total = pairVolume.reduce((sum, volume) => sum + volume, 0) / scale;
      const limit = Float64Array.from({ length: n }, () => {
        const kind = random();
        if (kind < 0.1) return 0;
        if (kind < 0.2) return Number.POSITIVE_INFINITY;
        const share = (random() * 2 * total) / n;
        return (integers ? Math.floor(share) : share) * scale;
      });
      const instance: Step7Instance = {
        pointCount: n,
        prefixCount,
        pairCount: pairIngress.length,
        distance,
        rank,
        routerOf: Int32Array.from({ length: n }, (_, j) => (interfaces ? j >> 1 : j)),
        egressStart: Int32Array.from(egressStart),
        egressPoint: Int32Array.from(egressPoint),
        slotCost: Float64Array.from(egressPoint, () => value() * costScale),
        pairStart: Int32Array.from(pairStart),
        pairIngress: Int32Array.from(pairIngress),
        pairVolume: Float64Array.from(pairVolume),
        eligible: clean && random() < 0.5 ? null : Uint8Array.from(eligible),
        currentSlot: changes ? Int32Array.from(currentSlot) : null,
        changeUnit: changes ? Float64Array.from(pairIngress, () => value() * costScale) : null,
        limit,
      };
      const share = random();
      const open = new Uint8Array(egressPoint.length).map(() => Number(random() < share));
      for (let k = 0; k < prefixCount; k++) {
        // Nearly always something is open.
        if (egressStart[k] < egressStart[k + 1] && random() < 0.97) open[egressStart[k]] = 1;
      }
      return { instance, open };
    });
}
