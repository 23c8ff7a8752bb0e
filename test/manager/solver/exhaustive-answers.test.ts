/** The optimizer against exhaustive search, on questions small enough for it. */
import { expect, it } from 'vitest';
import type { ReallocationRequest } from '../../../src/manager/decision/reallocator.ts';
import { loadSolver, solverReallocator } from '../../../src/manager/solver/solver-reallocator.ts';
import { IDS } from '../decision/three-points.ts';
import { exhaustive, streamOf } from '../simulation.ts';

it('the optimizer answers as exhaustive search does: what fits, at a cost within its gap', {
  timeout: 60_000,
}, async () => {
  await loadSolver();
  const optimizer = solverReallocator();
  const random = streamOf(4);
  let fitCount = 0;
  for (let k = 0; k < 60; k++) {
    const request = randomRequest(random);
    const [answer, best] = [await optimizer(request), await exhaustive(request)];
    expect(answer.moves.length).toBeLessThanOrEqual(request.maxChanges);
    expect(answer.fits).toBe(best.fits);
    if (best.fits !== true) continue;
    fitCount++;
    expect(costOf(request, answer.moves)).toBeLessThanOrEqual(costOf(request, best.moves) * 1.0201 + 1e-6);
  }
  expect(fitCount).toBeGreaterThan(20);
});

function randomRequest(random: () => number): ReallocationRequest {
  const points = IDS.map((id) => ({
    id,
    room: random() < 0.1 ? null : Math.round(60 * random()),
    price: Math.floor(3 * random()),
  }));
  const prefixes = Array.from({ length: 1 + Math.floor(5 * random()) }, (_, k) => {
    const current = IDS[Math.floor(3 * random())];
    const volume = 1 + Math.round(30 * random());
    const options = IDS.filter((id) => id === current || random() < 0.7);
    return { prefix: `10.0.${k}.0/24`, volume, staying: volume, current, options };
  });
  const maxChanges = Math.floor(4 * random());
  return { points, prefixes, maxChanges, changeCost: random() < 0.5 ? 1 : 0.1 };
}

function costOf(
  { points, prefixes, changeCost }: ReallocationRequest,
  moves: Iterable<{ prefix: string; to: string }>,
) {
  const targets = new Map([...moves].map(({ prefix, to }) => [prefix, to]));
  const prices = new Map(points.map(({ id, price }) => [id, price]));
  return prefixes.reduce((sum, { prefix, volume, current }) => {
    const to = targets.get(prefix) ?? current;
    return sum + volume * (prices.get(to)! + (to === current ? 0 : changeCost));
  }, 0);
}
