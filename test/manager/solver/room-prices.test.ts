/** Prices of rooms, told with a plan and begun with in the next. */
import { expect, it } from 'vitest';
import type { ReallocationRequest, RoomPrices } from '../../../src/manager/decision/reallocator.ts';
import { solverReallocator } from '../../../src/manager/solver/solver-reallocator.ts';
import { streamOf } from '../simulation.ts';

const IDS = ['a', 'b', 'c', 'd', 'e', 'f'];
const solve = solverReallocator();

/** So many options that the prices are sought: 3,600. The cheapest points have too little room. */
function request(seed: number, startPrices?: RoomPrices): ReallocationRequest {
  const random = streamOf(seed);
  const prefixes = Array.from({ length: 600 }, (_, k) => {
    const volume = (0.97 + 0.06 * random()) / (k + 50);
    const prefix = `10.${Math.floor(k / 100)}.${k % 100}.0/24`;
    return { prefix, volume, staying: volume, current: IDS[k % IDS.length], options: IDS };
  });
  const total = prefixes.reduce((sum, { volume }) => sum + volume, 0);
  return {
    points: IDS.map((id, p) => ({ id, room: id === 'f' ? null : 0.25 * total, price: p })),
    prefixes: prefixes.sort((a, b) => (a.prefix < b.prefix ? -1 : 1)),
    maxChanges: 600,
    changeCost: 0.1,
    ...(startPrices !== undefined && { startPrices }),
  };
}

it('are told where they are asked for, and lead to a plan of much the same cost', { timeout: 120_000 }, async () => {
  expect((await solve(request(1))).prices).toBeUndefined();
  const { prices = {} } = await solve(request(1, {}));
  const [a, b, c, d] = IDS.map((id) => prices[id] ?? 0);
  expect([a > b, b > c, c > d]).toEqual([true, true, true]);
  expect(prices.f).toBeUndefined();
  const [cold, warm] = [await solve(request(2, {})), await solve(request(2, prices))];
  const costs = [cold, warm].map(({ moves }) => costOf(request(2), moves));
  expect([cold.fits, warm.fits, costs[1] / costs[0]]).toEqual([true, true, expect.closeTo(1, 1)]);
  expect(await solve(request(2, prices))).toEqual(warm);
  // Of a point that has no limit any more, or is not there.
  expect((await solve(request(2, { ...prices, f: 7, x: 7 }))).fits).toBe(true);
});

function costOf(
  { points, prefixes, changeCost }: ReallocationRequest,
  moves: Iterable<{ prefix: string; to: string }>,
) {
  const price = new Map(points.map((point) => [point.id, point.price]));
  const targets = new Map([...moves].map(({ prefix, to }) => [prefix, to]));
  return prefixes.reduce((sum, { prefix, volume, current }) => {
    const to = targets.get(prefix) ?? current;
    return sum + volume * (price.get(to)! + (to === current ? 0 : changeCost));
  }, 0);
}
