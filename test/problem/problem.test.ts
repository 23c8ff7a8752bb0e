import { describe, expect, it } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import { largestLoad, loadLimit } from '../../src/problem/capacity.ts';
import { buildProblem, isAllowed, slotAt, unitCost } from '../../src/problem/problem.ts';
import { payloadOf } from '../oracle/random-model.ts';

/** Points a, b:x, b:y, c (in this order), a→c unreachable; two prefixes, the second without traffic. */
const payload = payloadOf({
  routers: [{ id: 'c', egressCapacity: 8, price: 7 }, { id: 'a', ingressCapacity: 10 }, { id: 'b' }],
  interfaces: [
    { id: 'b:y', router: 'b', egressCapacity: 6 },
    { id: 'b:x', router: 'b', price: 2 },
  ],
  distances: [
    { from: 'a', to: 'b', distance: 3 },
    { from: 'b', to: 'c', distance: 4 },
  ],
  neighbors: [
    { id: 'N2', ingress: ['b:x', 'a'] },
    { id: 'N1', asn: 65001, ingress: ['b:y'] },
  ],
  prefixes: [
    { id: 'Q', prefix: '11.0.0.0/8', egress: ['c'] },
    { id: 'P', prefix: '10.0.0.0/8', egress: ['c', { at: 'b:x', penalty: 5 }] },
  ],
  advertisements: [{ prefix: 'P', at: 'c', peerAsn: 65009, asPath: [65009, 65001] }],
  traffic: [
    { neighbor: 'N2', prefix: 'P', volume: 2 },
    { neighbor: 'N1', prefix: 'P', volume: 3 },
  ],
  current: [
    { neighbor: 'N2', prefix: 'P', ingress: 'a', egress: 'b:x' },
    { neighbor: 'N1', prefix: 'P', ingress: 'b:y', egress: 'c' },
  ],
});
const problem = buildProblem(buildModel(payload), { threshold: 0.5, changeCost: 9 });
const [a, bx, by, c] = [0, 1, 2, 3];

describe('buildProblem', () => {
  it('counts points, neighbors, prefixes and pairs', () => {
    const { pointCount, neighborCount, prefixCount, pairCount, totalVolume } = problem;
    expect({ pointCount, neighborCount, prefixCount, pairCount, totalVolume }).toEqual({
      pointCount: 4,
      neighborCount: 2,
      prefixCount: 2,
      pairCount: 2,
      totalVolume: 5,
    });
  });

  it('spreads distances of routers over their points', () => {
    const row = (i: number) => [...problem.distance.subarray(4 * i, 4 * i + 4)];
    expect(row(a)).toEqual([0, 3, 3, Number.POSITIVE_INFINITY]);
    expect(row(bx)).toEqual([3, 0, 0, 4]);
    expect(row(by)).toEqual(row(bx));
    expect([...problem.routerOf]).toEqual([0, 1, 1, 2]);
  });

  it('takes the threshold off every capacity', () => {
    const free = Number.POSITIVE_INFINITY;
    expect([...problem.ingressCapacity]).toEqual([5, free, free, free]);
    expect([...problem.egressCapacity]).toEqual([free, free, 3, 4]);
    expect(problem.egressLimit[c]).toBe(loadLimit(4));
    expect(problem.egressLimit[c]).toBeLessThan(largestLoad(4));
  });

  it('lays out In(h), Out(k) and the pairs', () => {
    expect([...problem.ingressStart]).toEqual([0, 1, 3]);
    expect([...problem.ingressPoint]).toEqual([by, a, bx]);
    expect([...problem.egressStart]).toEqual([0, 2, 3]);
    expect([...problem.egressPoint]).toEqual([bx, c, c]);
    expect([...problem.slotCost]).toEqual([2 + 5, 7, 7]);
    expect([...problem.pairStart]).toEqual([0, 2, 2]);
    expect([...problem.pairNeighbor]).toEqual([0, 1]);
    expect([...problem.pairVolume]).toEqual([3, 2]);
    expect([...problem.arcStart]).toEqual([0, 2]);
    expect([...(problem.eligible as Uint8Array)]).toEqual([1, 0, 1, 1]);
  });

  it('knows what a pair may use', () => {
    const [n1, n2] = [0, 1];
    expect(isAllowed(problem, n1, by, 0)).toBe(true);
    expect(isAllowed(problem, n1, by, 1)).toBe(false);
    expect(isAllowed(problem, n2, bx, 1)).toBe(true);
    expect(isAllowed(problem, n2, a, 1)).toBe(false);
    expect(slotAt(problem, 0, c)).toBe(1);
    expect(slotAt(problem, 0, by)).toBe(-1);
  });

  it('charges for a change only where the current choice is still allowed', () => {
    expect([...problem.currentIngress]).toEqual([-1, a]);
    expect([...problem.currentSlot]).toEqual([-1, 0]);
    expect([...problem.changeUnit]).toEqual([0, 9]);
    expect(unitCost(problem, 1, a, 0)).toBe(3 + 7);
    expect(unitCost(problem, 1, bx, 0)).toBe(0 + 7 + 9);
    expect(unitCost(problem, 0, by, 0)).toBe(7);
  });

  it('takes a model without traffic', () => {
    const idle = buildProblem(buildModel({ ...payload, traffic: [], current: [] }), { threshold: 1, changeCost: 0 });
    expect(idle.pairCount).toBe(0);
    expect(idle.totalVolume).toBe(0);
  });
});
