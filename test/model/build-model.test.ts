import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EgressoError } from '../../src/errors.ts';
import { buildModel } from '../../src/model/build-model.ts';
import { distanceBetween } from '../../src/model/network-model.ts';
import { columnarExample } from '../contract/broken-models.ts';

function example(): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL('../fixtures/patent-example-1.json', import.meta.url), 'utf8'));
}

describe('buildModel', () => {
  it('builds example 1 of the patent', () => {
    const model = buildModel(example());
    expect(model.points).toEqual([
      { id: 'b1', router: 0, ingressCapacity: 50, egressCapacity: 0, price: 0 },
      { id: 'b2', router: 1, ingressCapacity: 60, egressCapacity: 0, price: 0 },
      { id: 'b3', router: 2, ingressCapacity: 0, egressCapacity: 75, price: 0 },
      { id: 'b4', router: 3, ingressCapacity: 0, egressCapacity: 50, price: 0 },
    ]);
    expect([0, 1].map((i) => [2, 3].map((j) => distanceBetween(model, i, j)))).toEqual([
      [10, 50],
      [20, 10],
    ]);
    expect(distanceBetween(model, 3, 1)).toBe(10);
    expect(distanceBetween(model, 0, 0)).toBe(0);
    expect(distanceBetween(model, 0, 1)).toBe(Infinity);
    expect(model.neighbors.map(({ id, ingress }) => [id, ...ingress])).toEqual([
      ['A1', 0, 1],
      ['A2', 0, 1],
    ]);
    expect(model.prefixes).toEqual({
      count: 2,
      ids: ['P1', 'P2'],
      prefixes: ['10.20.30.0/24', '10.20.40.0/24'],
      egressStart: Int32Array.of(0, 2, 4),
      egressPoint: Int32Array.of(2, 3, 2, 3),
      egressPenalty: new Float64Array(4),
    });
    expect(model.traffic).toEqual({
      count: 4,
      start: Int32Array.of(0, 2, 4),
      neighbor: Int32Array.of(0, 1, 0, 1),
      volume: Float64Array.of(30, 25, 15, 30),
      eligible: null,
      currentIngress: Int32Array.of(-1, -1, -1, -1),
      currentEgress: Int32Array.of(-1, -1, -1, -1),
    });
    expect(model).toMatchObject({ name: 'patent example 1', asn: 64500, unit: 'Mbit/s', metadata: {}, sessions: [] });
    expect(buildModel(columnarExample())).toEqual(model);
  });

  it('counts the points of columns: routers without interfaces first, then interfaces', () => {
    const model = buildModel({
      version: 1,
      routers: { id: ['c', 'b', 'a'] },
      interfaces: { id: ['z', 'y'], router: [1, 1] },
      links: { from: [0, 1], to: [1, 2], distance: [1, 1] },
      neighbors: { id: ['n'], ingress: { offsets: [0, 4], values: [0, 1, 2, 3] } },
      prefixes: { prefix: ['0.0.0.0/0', '::/0'], egress: { offsets: [0, 1, 2], values: [0, 3] } },
      traffic: { neighbor: [], prefix: [], volume: [] },
    });
    expect(model.points.map(({ id, router }) => [id, model.routers[router].id])).toEqual([
      ['a', 'a'],
      ['c', 'c'],
      ['y', 'b'],
      ['z', 'b'],
    ]);
    expect([...model.prefixes.egressPoint].map((point) => model.points[point].id)).toEqual(['c', 'y']);
  });

  it('takes what is left out as unlimited, free, or unknown', () => {
    const { points, routers, unit, name, asn } = buildModel({
      ...example(),
      name: undefined,
      asn: undefined,
      unit: undefined,
      routers: [{ id: 'b1' }, { id: 'b2', address: '192.0.2.2' }, { id: 'b3', routerId: '192.0.2.3' }, { id: 'b4' }],
    });
    expect({ unit, name, asn }).toEqual({ unit: '', name: null, asn: null });
    expect(points[0]).toEqual({ id: 'b1', router: 0, ingressCapacity: Infinity, egressCapacity: Infinity, price: 0 });
    expect(routers.map(({ address, routerId }) => [address, routerId])).toEqual([
      [null, null],
      ['192.0.2.2', '192.0.2.2'],
      [null, '192.0.2.3'],
      [null, null],
    ]);
  });

  it('finds a prefix by id first, then by its text in any spelling', () => {
    const model = buildModel({
      ...example(),
      prefixes: [
        { id: '2001:db8::/32', prefix: '10.0.0.0/8', egress: ['b3'] },
        { prefix: '2001:DB8::/33', egress: ['b3'] },
        { id: 'P2', prefix: '10.20.40.0/24', egress: ['b3'] },
      ],
      traffic: [
        { neighbor: 'A1', prefix: '2001:db8::/32', volume: 1 },
        { neighbor: 'A1', prefix: '2001:0db8:0::/33', volume: 2 },
        { neighbor: 'A1', prefix: '10.20.40.0/24', volume: 3 },
      ],
    });
    expect(model.prefixes.ids).toEqual(['2001:db8::/32', '2001:db8::/33', 'P2']);
    expect([...model.traffic.volume]).toEqual([1, 2, 3]);
  });

  it('keeps a current choice that is no longer allowed', () => {
    const current = [{ neighbor: 'A2', prefix: 'P1', ingress: 'b4', egress: 'b1' }];
    const { traffic } = buildModel({ ...example(), current });
    expect([...traffic.currentIngress]).toEqual([-1, 3, -1, -1]);
    expect([...traffic.currentEgress]).toEqual([-1, 0, -1, -1]);
  });

  it('takes -0 for 0', () => {
    const rows = (volume: number) => ({ ...example(), traffic: [{ neighbor: 'A1', prefix: 'P1', volume }] });
    expect(buildModel(rows(-0))).toEqual(buildModel(rows(0)));
  });

  it('hashes what decides a plan, and nothing else', () => {
    const { hash } = buildModel(example());
    const same = { ...example(), name: 'other', unit: 'bit/s', metadata: { a: 1 } };
    expect(buildModel(same).hash).toBe(hash);
    const others: Record<string, unknown>[] = [
      { asn: 1 },
      { routers: (example().routers as object[]).map((row) => ({ ...row, price: 1 })) },
      { distances: [...(example().distances as object[]), { from: 'b1', to: 'b2', distance: 1 }] },
      {
        neighbors: [
          { id: 'A1', ingress: ['b1', 'b2'] },
          { id: 'A2', ingress: ['b2'] },
        ],
      },
      { traffic: [{ neighbor: 'A1', prefix: 'P1', volume: 30 }] },
      { current: [{ neighbor: 'A1', prefix: 'P1', ingress: 'b1', egress: 'b3' }] },
      { sessions: [{ at: 'b3', peerAsn: 1 }] },
      { advertisements: [{ prefix: 'P1', at: 'b3' }] },
    ];
    const hashes = others.map((change) => buildModel({ ...example(), ...change }).hash);
    expect(new Set([hash, ...hashes]).size).toBe(others.length + 1);
  });

  it('tells the first 1,000 faults and counts all', () => {
    const traffic = Array.from({ length: 5000 }, () => ({ neighbor: 'A1', prefix: 'P1', volume: -1 }));
    try {
      buildModel({ ...example(), traffic });
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof EgressoError)) throw error;
      expect(error.errors.length).toBe(1000);
      expect(error.errorCount).toBe(5000 + 4999);
      expect(error.errors[7]).toEqual({
        pointer: '/traffic/7/volume',
        message: 'must be a number from 0 to 1e+60, not -1',
      });
    }
  });

  it('tells faults of every list at once, and none that only follows from another', () => {
    const neighbors = [
      { id: 'A1', ingress: ['b1', 'typo'] },
      { id: 'A2', ingress: ['b2'] },
    ];
    const prefixes = [
      { id: 'P1', prefix: '10.20.30.0/24', egress: ['b3'] },
      { id: 'P2', prefix: '10.20.40.0/24', egress: ['typo'] },
    ];
    const distances = [{ from: 'b1', to: 'b3', distance: 1 }];
    const sessions = [{ at: 'b3', peerAsn: -1 }];
    expect(() => buildModel({ ...example(), extra: 1, neighbors, prefixes, distances, sessions })).toThrowError(
      expect.objectContaining({
        errors: [
          { pointer: '/extra', message: 'is not a known key' },
          { pointer: '/neighbors/0/ingress/1', message: 'must be the id of a point, not "typo"' },
          { pointer: '/prefixes/1/egress/0', message: 'must be the id of a point, not "typo"' },
          { pointer: '/sessions/0/peerAsn', message: 'must be an integer from 0 to 4294967295, not -1' },
          {
            pointer: '/traffic/2/prefix',
            message:
              'traffic from "A2" to "P1" cannot be carried: no ingress of the neighbor reaches an eligible egress',
          },
        ],
      }),
    );
  });
});
