/** The generalized assignment problem: everything that brute force can say of tiny ones. */
import fc from 'fast-check';
import Value from 'typebox/value';
import { expect, it } from 'vitest';
import { assign, type GapResult, GapResultSchema } from '../src/gap.ts';
import { UNLIMITED } from '../src/optimizer/run/run-control.ts';
import type { GapInstance } from '../src/problem/gap-instance.ts';
import { smallGap } from './optimizer/gap/gap-cases.ts';
import { bruteForceGap } from './oracle/brute-force-gap.ts';

/** Weak duality by the formula of the schema, from nothing but the instance and the answer. */
function expectCertified(instance: GapInstance, { certificate, lowerBound, overload }: GapResult): void {
  if (certificate === null) return;
  const { prices, proves, value } = certificate;
  const { jobCount, start, machine, cost, weight, capacity } = instance;
  let sum = 0;
  let size = 0;
  const add = (term: number) => {
    sum += term;
    size += Math.abs(term);
  };
  for (let job = 0; job < jobCount; job++) {
    let least = Infinity;
    for (let arc = start[job]; arc < start[job + 1]; arc++) {
      const s = machine[arc];
      if (proves === 'cost' && weight[arc] > capacity[s] * (1 + 1e-9)) continue;
      least = Math.min(least, (proves === 'cost' ? cost[arc] : 0) + prices[s] * weight[arc]);
    }
    add(least);
  }
  prices.forEach((price, s) => {
    expect(price).toBeGreaterThanOrEqual(0);
    if (proves === 'overload') expect(price).toBeLessThanOrEqual(1);
    if (price > 0) add(-price * capacity[s] * (1 + 1e-9));
  });
  expect(Math.abs(sum - value)).toBeLessThanOrEqual(1e-12 * size);
  const claimed = proves === 'cost' ? lowerBound : overload.leastPossible;
  expect(claimed).toBeGreaterThanOrEqual(value - 1e-9 * size);
}

async function expectRight(instance: GapInstance, control = UNLIMITED): Promise<void> {
  const before = structuredClone(instance);
  const result = await assign(instance, control);
  expect(instance).toEqual(before);
  expect(Value.Check(GapResultSchema, result)).toBe(true);
  const best = bruteForceGap(instance);
  const { status, cost, lowerBound, gap, overload, assignment } = result;
  const load = new Float64Array(instance.machineCount);
  let spent = 0;
  assignment.forEach((s, job) => {
    const arc = instance.machine.subarray(instance.start[job], instance.start[job + 1]).indexOf(s);
    expect(arc).toBeGreaterThanOrEqual(0);
    load[s] += instance.weight[instance.start[job] + arc];
    spent += instance.cost[instance.start[job] + arc];
  });
  const size = Math.max(1, ...instance.cost.map(Math.abs));
  expect(Math.abs(cost - spent)).toBeLessThanOrEqual(1e-12 * size);
  const over = load.reduce(
    (sum, one, s) => sum + (one > instance.capacity[s] * (1 + 1e-9) ? one - instance.capacity[s] : 0),
    0,
  );
  expect(Math.abs(overload.total - over)).toBeLessThanOrEqual(1e-12 * over);
  expect(status === 'overloaded').toBe(over > 0);
  expect(overload.leastPossible ?? 0).toBeLessThanOrEqual(best.overload * (1 + 1e-12));
  // Nothing fits by proof, or the amount is proven: one is not said without the other.
  expect(overload.leastPossible === null).toBe(lowerBound !== null);
  expectCertified(instance, result);
  const { certificate } = result;
  if (certificate !== null) {
    const least = certificate.proves === 'cost' ? (best.cost ?? Infinity) : best.overload;
    expect(certificate.value).toBeLessThanOrEqual(least + 1e-12 * Math.max(size, least));
  }
  if (best.cost === null) expect(status).toBe('overloaded');
  else {
    expect(lowerBound).not.toBeNull();
    expect(overload.leastPossible).toBeNull();
    expect(lowerBound).toBeLessThanOrEqual(best.cost + 1e-12 * size);
  }
  if (status === 'overloaded') expect(gap).toBeNull();
  else {
    expect(cost).toBeGreaterThanOrEqual((best.cost as number) - 1e-12 * size);
    expect(gap).toBeGreaterThanOrEqual(0);
    if (status === 'optimal') expect(cost).toBeLessThanOrEqual((best.cost as number) + 1e-8 * size);
  }
}

it.each([1, 1e-9, 1e9])('never claims what brute force refutes, at scale %d', async (scale) => {
  const run = fc.asyncProperty(smallGap({ jobs: 6, machines: 3 }, scale), (instance) => expectRight(instance));
  await fc.assert(run, {
    seed: 10,
    numRuns: scale === 1 ? 300 : 100,
  });
});

it('stays sound wherever it is cut off, with negative costs too', async () => {
  const shift = fc.constantFrom(0, -3, -20);
  const run = fc.asyncProperty(smallGap({ jobs: 6, machines: 3 }), shift, fc.nat(40), async (instance, by, polls) => {
    let asked = 0;
    const remainingMs = () => (++asked > polls ? 0 : 1000);
    const cost = instance.cost.map((one) => one + by);
    await expectRight({ ...instance, cost }, { ...UNLIMITED, remainingMs });
  });
  await fc.assert(run, { seed: 12, numRuns: 300 });
});

it('gives the same bytes again', async () => {
  const run = fc.asyncProperty(smallGap({ jobs: 25, machines: 5 }), async (instance) => {
    const [first, second] = [await assign(instance), await assign(instance)];
    expect(JSON.stringify(second)).toBe(JSON.stringify(first));
  });
  await fc.assert(run, { seed: 11, numRuns: 40 });
});
