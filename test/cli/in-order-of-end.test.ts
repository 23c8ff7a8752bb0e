import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { inOrderOfEnd } from '../../src/cli/in-order-of-end.ts';

it('gives results as they come, and begins no more than are taken', async () => {
  const ends: (() => void)[] = [];
  const results = inOrderOfEnd(5, 2, async (piece) => {
    await new Promise<void>((resolve) => ends.push(resolve));
    return piece;
  });
  const first = results.next();
  await turn();
  expect(ends).toHaveLength(2);
  ends[1]();
  expect(await first).toEqual({ value: 1, done: false });
  ends[0]();
  await turn();
  // What came and was not taken makes room for nobody.
  expect(ends).toHaveLength(2);
  const rest: number[] = [];
  const reading = (async () => {
    for await (const result of results) rest.push(result);
  })();
  for (let i = 2; i < 5; i++) {
    await turn();
    ends[i]();
  }
  await reading;
  expect(rest).toEqual([0, 2, 3, 4]);
});

it('takes as long for each of many as for each of few', async () => {
  const millisecondsFor = async (count: number): Promise<number> => {
    const started = performance.now();
    let sum = 0;
    for await (const result of inOrderOfEnd(count, 1000, async (piece) => piece)) sum += result;
    expect(sum).toBe((count * (count - 1)) / 2);
    return performance.now() - started;
  };
  await millisecondsFor(5000);
  // With a race over all that wait it is the square: 64 times as long.
  expect(await millisecondsFor(80_000)).toBeLessThan(32 * (await millisecondsFor(10_000)) + 100);
});
