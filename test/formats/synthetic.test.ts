import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { permutation, randomStream, STREAMS } from '../../src/formats/random.ts';
import { prefixVolumes, splitAmongNeighbors, type TrafficRule } from '../../src/formats/synthetic.ts';
import { capacitiesFor, type PlanFrame, referencePlan } from '../../src/formats/synthetic-capacity.ts';

const RULE: TrafficRule = { seed: 1, total: 1000, prefixExponent: 0.9, neighborExponent: 0.5, pairNoise: 0.5 };
const anyRule: fc.Arbitrary<TrafficRule> = fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  total: fc.double({ min: 0, max: 1e9, noNaN: true }),
  prefixExponent: fc.double({ min: 0, max: 5, noNaN: true }),
  neighborExponent: fc.double({ min: 0, max: 5, noNaN: true }),
  pairNoise: fc.double({ min: 0, max: 1, noNaN: true }),
});
const inSteps = (values: Float64Array): number[] => Array.from(values, (value) => Math.round(value * 1000));
const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

describe('random streams', () => {
  it('are the same for the same seed, different for another seed or purpose', () => {
    const first = (seed: number) => STREAMS.map((name) => randomStream(seed, name).next());
    expect(first(1)).toEqual(first(1));
    expect(new Set([...first(1), ...first(2)]).size).toBe(2 * STREAMS.length);
  });

  it('a permutation has every index once', () => {
    expect([...permutation(randomStream(1, 'prefix-rank'), 100)].sort((a, b) => a - b)).toEqual([...Array(100).keys()]);
  });
});

describe('traffic', () => {
  it('volumes sum to the total, to the step', () => {
    fc.assert(
      fc.property(anyRule, fc.integer({ min: 1, max: 300 }), (rule, count) => {
        const volumes = prefixVolumes(count, rule);
        expect(sum(inSteps(volumes))).toBe(Math.round(rule.total * 1000));
        expect(volumes.every((volume) => volume >= 0 && Number.isFinite(volume))).toBe(true);
      }),
      { seed: 1 },
    );
  });

  it('volumes are heavy-tailed: the r-th is about r^-0.9 of the first', () => {
    const sorted = prefixVolumes(10_000, { ...RULE, total: 1e6 })
      .sort()
      .reverse();
    for (const rank of [2, 10, 100, 1000]) {
      expect(sorted[rank - 1] / sorted[0]).toBeCloseTo(rank ** -0.9, 5);
    }
  });

  it('the pairs of a prefix sum to its volume, to the step, neighbors ascending, none of zero', () => {
    fc.assert(
      fc.property(anyRule, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 12 }), (rule, prefixCount, q) => {
        const volumes = prefixVolumes(prefixCount, rule);
        const traffic = splitAmongNeighbors(volumes, q, rule);
        expect(traffic.start[prefixCount]).toBe(traffic.count);
        expect(traffic.volume.every((volume) => volume > 0)).toBe(true);
        for (let k = 0; k < prefixCount; k++) {
          const [from, to] = [traffic.start[k], traffic.start[k + 1]];
          expect(sum(inSteps(traffic.volume.subarray(from, to)))).toBe(Math.round(volumes[k] * 1000));
          const senders = [...traffic.neighbor.subarray(from, to)];
          expect(senders).toEqual([...new Set(senders)].sort((a, b) => a - b));
        }
      }),
      { seed: 1 },
    );
  });

  it('without noise shares are the masses of the neighbors', () => {
    const { neighbor, volume } = splitAmongNeighbors(Float64Array.of(1000, 1000), 4, { ...RULE, pairNoise: 0 });
    expect(volume.slice(0, 4)).toEqual(volume.slice(4));
    expect([...neighbor]).toEqual([0, 1, 2, 3, 0, 1, 2, 3]);
    const whole = sum([1, 2, 3, 4].map((rank) => rank ** -0.5));
    const shares = [1, 2, 3, 4].map((rank) => (1000 * rank ** -0.5) / whole);
    for (const [i, v] of [...volume.slice(0, 4)].sort((a, b) => b - a).entries()) expect(v).toBeCloseTo(shares[i], 2);
  });

  it('depends on the seed alone', () => {
    expect(prefixVolumes(50, RULE)).toEqual(prefixVolumes(50, RULE));
    expect(prefixVolumes(50, RULE)).not.toEqual(prefixVolumes(50, { ...RULE, seed: 2 }));
  });
});

describe('capacities', () => {
  const anyFrame: fc.Arbitrary<PlanFrame> = fc
    .record({
      pointCount: fc.integer({ min: 1, max: 8 }),
      neighborCount: fc.integer({ min: 1, max: 4 }),
      prefixCount: fc.integer({ min: 0, max: 12 }),
    })
    .chain(({ pointCount, neighborCount, prefixCount }) => {
      const points = fc
        .uniqueArray(fc.nat(pointCount - 1), { minLength: 1 })
        .map((list) => Int32Array.from(list).sort());
      const pairs = fc.uniqueArray(fc.nat(neighborCount - 1), { minLength: 0 });
      return fc
        .record({
          ingress: fc.array(points, { minLength: neighborCount, maxLength: neighborCount }),
          egress: fc.array(points, { minLength: prefixCount, maxLength: prefixCount }),
          senders: fc.array(pairs, { minLength: prefixCount, maxLength: prefixCount }),
          unit: fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
        })
        .map(({ ingress, egress, senders, unit }) => {
          const neighbor = Int32Array.from(senders.flat());
          const start = Int32Array.from([0, ...senders.map((_, k) => senders.slice(0, k + 1).flat().length)]);
          const volume = Float64Array.from(neighbor, (h, i) => unit * (1 + ((h + 3 * i) % 7)));
          return { pointCount, ingress, egress, start, neighbor, volume };
        });
    });

  it('the reference plan respects In, Out and the single egress, and fits the capacities', () => {
    fc.assert(
      fc.property(anyFrame, fc.nat(), fc.constantFrom(0, 0.1, 2), (frame, seed, slack) => {
        const plan = referencePlan(frame, seed);
        const capacity = capacitiesFor(plan, frame, slack);
        const load = { ingress: new Float64Array(frame.pointCount), egress: new Float64Array(frame.pointCount) };
        frame.egress.forEach((points, k) => {
          const chosen = plan.egress.subarray(frame.start[k], frame.start[k + 1]);
          expect(new Set(chosen).size).toBeLessThanOrEqual(1);
          for (const point of chosen) expect(points).toContain(point);
        });
        frame.neighbor.forEach((h, pair) => {
          expect(frame.ingress[h]).toContain(plan.ingress[pair]);
          load.ingress[plan.ingress[pair]] += frame.volume[pair];
          load.egress[plan.egress[pair]] += frame.volume[pair];
        });
        for (const [loads, capacities] of [
          [load.ingress, capacity.ingressCapacity],
          [load.egress, capacity.egressCapacity],
        ]) {
          const least = Math.min(...capacities);
          loads.forEach((value, point) => {
            expect(value).toBeLessThanOrEqual(capacities[point]);
            if (value === 0) expect(capacities[point]).toBe(least);
            else expect(capacities[point]).toBeLessThanOrEqual((1 + slack) * value * (1 + 1e-12) + 0.001);
          });
        }
      }),
      { seed: 1 },
    );
  });

  it('does not round up what is a whole step but for a hair', () => {
    const frame: PlanFrame = {
      pointCount: 1,
      ingress: [Int32Array.of(0)],
      egress: [Int32Array.of(0)],
      start: Int32Array.of(0, 1),
      neighbor: Int32Array.of(0),
      volume: Float64Array.of(3),
    };
    expect(capacitiesFor(referencePlan(frame, 1), frame, 0.1).egressCapacity).toEqual(Float64Array.of(3.3));
  });
});
