import fc from 'fast-check';
import { expect, it } from 'vitest';
import { recordedTicks, restMs } from '../../src/manager/recorded-ticks.ts';

const at = (...times: readonly number[]) => times.map((atMs) => ({ atMs }));

it('are all from the start to the end, while something is recorded', () => {
  expect([...recordedTicks(at(0, 40, 80), 10, 40)]).toEqual([10, 20, 30, 40, 50, 60, 70, 80]);
  expect([...recordedTicks(at(0, 25), 10, 40)]).toEqual([10, 20]);
  for (const none of [[], at(0), at(0, 9)]) expect([...recordedTicks(none, 10, 40)]).toEqual([]);
});

it('pass over a gap once nothing can come of a tick any more, however long it is', () => {
  const year = 365 * 86_400_000;
  expect([...recordedTicks(at(0, 10, year + 1, year + 25), 10, 30)]).toEqual([
    ...[10, 20, 30, 40],
    ...[year + 10, year + 20],
  ]);
  expect([...recordedTicks(at(0, 2 ** 53 - 1), 100, 300)]).toEqual([100, 200, 300]);
});

it('leave out no tick that is within that time of a moment', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 10 }),
      fc.integer({ min: 1, max: 10 }),
      fc.integer({ min: 0, max: 30 }),
      (gaps, tickMs, more) => {
        const rest = tickMs + more;
        const moments = [0];
        for (const gap of gaps) moments.push(moments.at(-1)! + gap);
        const all = Array.from({ length: Math.floor(moments.at(-1)! / tickMs) }, (_, k) => (k + 1) * tickMs);
        const last = (atMs: number): number => Math.max(...moments.filter((one) => one <= atMs));
        const expected = all.filter((atMs) => atMs - last(atMs) <= rest);
        expect([...recordedTicks(at(...moments), tickMs, rest)]).toEqual(expected);
      },
    ),
  );
});

it('by then telemetry is stale and every lease is over', () => {
  expect(restMs({ staleMs: 90_000, leaseMs: 180_000 })).toBe(270_000);
});
