import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import { closerAt } from '../../src/plan/closer.ts';
import { closenessOf } from '../../src/problem/closeness.ts';
import { BruteForce } from '../oracle/brute-force.ts';
import { type ModelPayload, payloadOf, randomPayload } from '../oracle/random-model.ts';

/** Points in the order in which the ingress prefers them. */
function orderAt(payload: ModelPayload, ingress: string): string[] {
  const model = buildModel(payload);
  const { order } = closenessOf(model);
  const n = model.points.length;
  const row = model.points.findIndex(({ id }) => id === ingress);
  return Array.from(order.subarray(row * n, (row + 1) * n), (point) => model.points[point].id);
}

/** Four routers at the same distance of each other. */
function square(routers: ModelPayload['routers'], distance = 1): ModelPayload {
  const ids = routers.map(({ id }) => id);
  const distances = ids.flatMap((from, a) => ids.slice(a + 1).map((to) => ({ from, to, distance })));
  return payloadOf({
    routers,
    distances,
    neighbors: [{ id: 'A', ingress: [ids[0]] }],
    prefixes: [{ id: 'P', prefix: '10.0.0.0/8', egress: ids }],
  });
}

describe('closeness', () => {
  it('puts the own router first, even where another is at distance 0', () => {
    const payload = square(
      [
        { id: 'z', address: '192.0.2.9' },
        { id: 'a', address: '192.0.2.1' },
      ],
      0,
    );
    expect(orderAt(payload, 'z')).toEqual(['z', 'a']);
    expect(orderAt(payload, 'a')).toEqual(['a', 'z']);
  });

  it('goes by distance before anything else', () => {
    const payload = square([{ id: 'i' }, { id: 'far', address: '10.0.0.1' }, { id: 'near', address: '10.0.0.2' }], 5);
    payload.distances[1].distance = 4;
    payload.routers[2].price = 1000;
    expect(orderAt(payload, 'i')).toEqual(['i', 'near', 'far']);
  });

  it('compares BGP identifiers as numbers, not as text, and those that are missing last', () => {
    const payload = square([
      { id: 'i' },
      { id: 'a' },
      { id: 'b', address: '192.0.2.10' },
      { id: 'c', address: '192.0.2.9' },
      { id: 'd', address: '9.255.255.255' },
    ]);
    expect(orderAt(payload, 'i')).toEqual(['i', 'd', 'c', 'b', 'a']);
  });

  it('IPv6 identifiers compare exactly', () => {
    const payload = square([{ id: 'i' }, { id: 'a', address: '2001:db8::2' }, { id: 'b', address: '2001:db8::1' }]);
    expect(orderAt(payload, 'i')).toEqual(['i', 'b', 'a']);
  });

  it('ends with the ids, of the router and then of the point', () => {
    const payload = square([{ id: 'i' }, { id: 'c' }, { id: 'B' }, { id: 'a' }]);
    payload.interfaces.push({ id: 'x2', router: 'a' }, { id: 'x1', router: 'a' });
    payload.prefixes[0].egress = [{ at: 'x1', penalty: 0 }];
    // Ids compare by code unit: capitals first.
    expect(orderAt(payload, 'i')).toEqual(['i', 'B', 'x1', 'x2', 'c']);
  });

  it('puts what cannot be reached last', () => {
    const payload = square([{ id: 'i' }, { id: 'a' }, { id: 'b' }]);
    payload.distances = payload.distances.filter(({ to }) => to !== 'a');
    payload.prefixes[0].egress = [{ at: 'b', penalty: 0 }];
    expect(orderAt(payload, 'i')).toEqual(['i', 'b', 'a']);
  });

  it('is the order of the rules at every ingress, and one for optimizer and check', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const payload = randomPayload(seed, { points: 6, neighbors: 1, prefixes: 1, pairs: 1 });
        const model = buildModel(payload);
        const rules = new BruteForce(payload, { variant: 'mes', threshold: 1, changeCost: 0 });
        const { rank, order } = closenessOf(model);
        const n = model.points.length;
        const name = (point: number) => model.points[point].id;
        for (let i = 0; i < n; i++) {
          for (let a = 0; a < n; a++) {
            expect(order[i * n + rank[i * n + a]]).toBe(a);
            for (let b = 0; b < n; b++) {
              if (a === b) continue;
              const isCloser = rank[i * n + a] < rank[i * n + b];
              expect(isCloser).toBe(rules.isCloser(name(i), name(a), name(b)));
              expect(isCloser).toBe(closerAt(model, i, a, b));
            }
          }
        }
      }),
      { seed: 2, numRuns: 200 },
    );
  });
});
