/** The prefix kernels against their plain twins, bit for bit. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planeNetwork } from '../../../bench/networks.ts';
import { buildModel } from '../../../src/model/build-model.ts';
import { PrefixKernel } from '../../../src/optimizer/kernels/prefix-kernel.ts';
import { setClasses, treeClasses } from '../../../src/optimizer/kernels/set-classes.ts';
import { buildProblem, type Problem } from '../../../src/problem/problem.ts';
import { sideCapacity, sideLimit } from '../../../src/problem/sides.ts';
import { PlanTwin, PrefixTwin } from '../../oracle/prefix-kernels.ts';
import { randomPayload } from '../../oracle/random-model.ts';

const DEAR = 1e4;
const drawn = fc.record({
  seed: fc.integer({ min: 0, max: 1e6 }),
  scale: fc.constantFrom(1, 1e-9, 1e9),
  changeCost: fc.constantFrom(0, 0, 4),
  prices: fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 60, noNaN: true })), {
    minLength: 14,
    maxLength: 14,
  }),
  nodeLimit: fc.constantFrom(1, 5, 400),
});
type Draw = typeof drawn extends fc.Arbitrary<infer T> ? T : never;

function setUp({ seed, scale, changeCost, prices }: Draw): { problem: Problem; prices: Float64Array } {
  const payload = randomPayload(seed, { points: 7, neighbors: 4, prefixes: 6, pairs: 14 });
  for (const one of payload.traffic) one.volume *= scale;
  for (const router of payload.routers) {
    if (router.ingressCapacity !== undefined) router.ingressCapacity *= scale;
    if (router.egressCapacity !== undefined) router.egressCapacity *= scale;
  }
  const problem = buildProblem(buildModel(payload), { threshold: 1, changeCost });
  return { problem, prices: Float64Array.from(prices.slice(0, 2 * problem.pointCount)) };
}

function placeable(problem: Problem, twin: PrefixTwin): Int32Array {
  const prices = new Float64Array(2 * problem.pointCount);
  const list = Int32Array.from({ length: problem.prefixCount }, (_, k) => k);
  const { choice } = twin.pass({ prices, costWeight: 1, room: null, nodeLimit: 400 }, list);
  return list.filter((k) => problem.pairStart[k] < problem.pairStart[k + 1] && choice.slot[problem.pairStart[k]] >= 0);
}

const nothing = ({ pairCount }: Problem) => ({
  ingress: new Int32Array(pairCount).fill(-1),
  slot: new Int32Array(pairCount).fill(-1),
});

describe.each(['ses', 'mes'] as const)('%s', (variant) => {
  it('prices all prefixes as the twin does', () => {
    let searched = 0;
    fc.assert(
      fc.property(
        drawn,
        fc.constantFrom<0 | 1>(0, 1),
        fc.boolean(),
        fc.boolean(),
        (draw, costWeight, isPruned, isFixed) => {
          const { problem, prices } = setUp(draw);
          const fixedIngress = isFixed
            ? problem.pairNeighbor.map((h) => problem.ingressPoint[problem.ingressStart[h]])
            : null;
          const search = {
            prices,
            costWeight,
            room: isPruned ? sideCapacity(problem) : null,
            nodeLimit: draw.nodeLimit,
          };
          const list = Int32Array.from({ length: problem.prefixCount }, (_, k) => k);
          const expected = new PrefixTwin(problem, { variant, fixedIngress }).pass(search, list);
          const found = new PrefixKernel(problem, { variant, fixedIngress }).pass(search);
          expect(found.minima).toBe(expected.minima);
          expect(found.value).toEqual(expected.value);
          expect(found.load).toEqual(expected.load);
          expect(found.choice).toEqual(expected.choice);
          if (new Set(expected.choice.slot).size > problem.prefixCount) searched++;
        },
      ),
      { seed: 50, numRuns: 1000 },
    );
    if (variant === 'mes') expect(searched).toBeGreaterThan(50);
  });

  it('fills, places and reinserts as the twin does', () => {
    let undone = 0;
    let improved = 0;
    fc.assert(
      fc.property(drawn, fc.double({ min: 0, max: 500, noNaN: true }), (draw, stiffness) => {
        const { problem, prices } = setUp(draw);
        const { nodeLimit } = draw;
        const options = { variant, fixedIngress: null };
        const limit = sideLimit(problem);
        const kernel = new PrefixKernel(problem, options);
        const twin = new PlanTwin(problem, options, nothing(problem), limit, DEAR);
        const list = placeable(problem, twin);
        const expectSame = () => {
          const { ingress, slot, load } = kernel.plan();
          expect({ ingress, slot, load }).toEqual({ ingress: twin.ingress, slot: twin.slot, load: twin.load });
        };
        kernel.setPlan(nothing(problem), limit, DEAR);
        const whole = draw.seed % 3 === 0 ? 0 : 2 * problem.totalVolume;
        kernel.fill({ list, prices, nodeLimit }, stiffness, whole);
        twin.fill(list, prices, nodeLimit, stiffness, whole);
        expectSame();
        twin.weight = 50;
        kernel.setWeight(50);
        const before = twin.slot.slice();
        for (const keeps of [true, false, true]) {
          kernel.place({ list, prices, keeps, nodeLimit });
          twin.place(list, prices, keeps, nodeLimit);
          expectSame();
        }
        if (twin.slot.some((slot, pair) => slot !== before[pair])) improved++;
        const some = list.filter((k) => k % 2 === 0);
        for (const allowance of [0, 1e3]) {
          const { costDelta, overload } = kernel.reinsert({ list: some, prices, nodeLimit }, allowance);
          expect(costDelta).toBe(twin.reinsert(some, prices, nodeLimit, allowance));
          expect(overload).toBe(twin.overload);
          expectSame();
          if (costDelta === 0) undone++;
        }
      }),
      { seed: 51, numRuns: 600 },
    );
    expect(improved).toBeGreaterThan(50);
    expect(undone).toBeGreaterThan(50);
  });
});

const shape = {
  seed: fc.integer({ min: 1, max: 1e6 }),
  prices: fc.array(fc.double({ min: 0, max: 2000, noNaN: true }), { minLength: 24, maxLength: 24 }),
};

/** Twelve points; the prefixes, of one and the other kind by turns, leave by eleven of them. */
function largeOut(seed: number): Problem {
  const payload = planeNetwork(seed, {
    points: 12,
    neighbors: 5,
    prefixes: 12,
    slots: 11,
    pairsPerPrefix: 5,
    zipf: 0.5,
    slack: 0.3,
  });
  const problem = buildProblem(buildModel(payload), { threshold: 1, changeCost: 0 });
  const kinds = [0, 1].map((kind) => Int32Array.from({ length: 11 }, (_, s) => (s < (seed + kind) % 12 ? s : s + 1)));
  const egressPoint = problem.egressPoint.slice();
  for (let k = 0; k < problem.prefixCount; k++) egressPoint.set(kinds[k % 2], problem.egressStart[k]);
  return { ...problem, egressPoint };
}

describe('egress sets of classes of prefixes', () => {
  it('looks at all egress sets of small ones as the twin does', () => {
    let tabulated = 0;
    let several = 0;
    fc.assert(
      fc.property(drawn, fc.constantFrom<0 | 1>(0, 1), fc.boolean(), (draw, costWeight, isPruned) => {
        const { problem, prices } = setUp({ ...draw, changeCost: 0 });
        const { classOf } = setClasses(problem, 'mes', 1);
        tabulated += classOf.filter((one) => one >= 0).length;
        const search = { prices, costWeight, room: isPruned ? sideCapacity(problem) : null, nodeLimit: 400 };
        const list = Int32Array.from({ length: problem.prefixCount }, (_, k) => k);
        const expected = new PrefixTwin(problem, { variant: 'mes', fixedIngress: null, classOf }).pass(search, list);
        const found = new PrefixKernel(problem, { variant: 'mes', fixedIngress: null, fewestMembers: 1 }).pass(search);
        expect(found.minima).toBe(expected.minima);
        expect(found.value).toEqual(expected.value);
        expect(found.load).toEqual(expected.load);
        expect(found.choice).toEqual(expected.choice);
        const searched = new PrefixTwin(problem, { variant: 'mes', fixedIngress: null }).pass(search, list);
        if (Number.isFinite(searched.minima)) {
          expect(Math.abs(found.minima - searched.minima)).toBeLessThanOrEqual(1e-12 * searched.minima);
        }
        if (new Set(expected.choice.slot).size > problem.prefixCount) several++;
      }),
      { seed: 52, numRuns: 1000 },
    );
    expect(tabulated).toBeGreaterThan(1000);
    expect(several).toBeGreaterThan(50);
  });

  it('walks the shared trees of large ones as the twin does', () => {
    let several = 0;
    fc.assert(
      fc.property(
        fc.record({ ...shape, nodeLimit: fc.constantFrom(1, 5, 400) }),
        fc.constantFrom<0 | 1>(0, 1),
        fc.boolean(),
        ({ seed, prices, nodeLimit }, costWeight, isPruned) => {
          const problem = largeOut(seed);
          const { treeOf, count } = treeClasses(problem, 'mes', 1);
          expect(count).toBe(2);
          const own = Float64Array.from({ length: 2 * problem.pointCount }, (_, s) => prices[s % prices.length]);
          const search = { prices: own, costWeight, room: isPruned ? sideCapacity(problem) : null, nodeLimit };
          const list = Int32Array.from({ length: problem.prefixCount }, (_, k) => k);
          const options = { variant: 'mes', fixedIngress: null } as const;
          const expected = new PrefixTwin(problem, { ...options, treeOf }).pass(search, list);
          const kernel = new PrefixKernel(problem, { ...options, fewestMembers: 1 });
          // The second pass finds no tree of the first.
          for (let pass = 0; pass < 2; pass++) {
            const found = kernel.pass(search);
            expect(found.minima).toBe(expected.minima);
            expect(found.value).toEqual(expected.value);
            expect(found.load).toEqual(expected.load);
            expect(found.choice).toEqual(expected.choice);
          }
          if (new Set(expected.choice.slot).size > problem.prefixCount) several++;
        },
      ),
      { seed: 53, numRuns: 150 },
    );
    expect(several).toBeGreaterThan(20);
  });
});
