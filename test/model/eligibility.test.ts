import { describe, expect, it } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';

const BASE = {
  version: 1,
  routers: [{ id: 'x' }, { id: 'y' }, { id: 'z' }],
  links: [
    { from: 'x', to: 'y', distance: 1 },
    { from: 'y', to: 'z', distance: 1 },
  ],
  prefixes: [{ id: 'P', prefix: '10.0.0.0/8' }],
  traffic: [{ neighbor: 'A', prefix: 'P', volume: 5 }],
};
const neighbor = (more: object = {}) => [{ id: 'A', asn: 100, ingress: ['x'], ...more }];
const route = (at: string, more: object = {}) => ({ prefix: 'P', at, peerAsn: 200, asPath: [200, 300], ...more });

function modelOf(change: object) {
  return buildModel({ ...BASE, neighbors: neighbor(), ...change });
}

/** Ids of the points where the pair may leave. */
function eligibleOf(change: object): string[] {
  const { points, prefixes, traffic } = modelOf(change);
  return [...prefixes.egressPoint]
    .filter((_, e) => (traffic.eligible?.[e] ?? 1) === 1)
    .map((point) => points[point].id);
}

describe('egress points', () => {
  it('are those advertised where none are given', () => {
    const { prefixes } = modelOf({ advertisements: [route('z'), route('x'), route('z', { peerAsn: 201 })] });
    expect([...prefixes.egressPoint]).toEqual([0, 2]);
    expect([...prefixes.egressPenalty]).toEqual([0, 0]);
  });

  it('are those given where some are', () => {
    const prefixes = [{ id: 'P', prefix: '10.0.0.0/8', egress: ['y', { at: 'x', penalty: 2 }] }];
    const model = modelOf({ prefixes, advertisements: [route('z')] });
    expect([...model.prefixes.egressPoint]).toEqual([0, 1]);
    expect([...model.prefixes.egressPenalty]).toEqual([2, 0]);
    expect(model.traffic.eligible).toBeNull();
  });
});

describe('eligibility', () => {
  it('ends where the neighbor is in the AS path', () => {
    expect(eligibleOf({ advertisements: [route('x'), route('y', { asPath: [200, 100] })] })).toEqual(['x']);
  });

  it('holds where one of several advertisements is not refused', () => {
    const advertisements = [route('x'), route('y', { asPath: [100] }), route('y', { asPath: [200] })];
    expect(modelOf({ advertisements }).traffic.eligible).toBeNull();
  });

  it('does not concern pairs without volume', () => {
    const traffic = [{ neighbor: 'A', prefix: 'P', volume: 0 }];
    expect(modelOf({ traffic, advertisements: [route('x', { asPath: [100] })] }).traffic.eligible).toBeNull();
  });

  describe('of a peer', () => {
    const neighbors = neighbor({ relation: 'peer' });
    const advertisements = [route('x', { peerAddress: '192.0.2.1' }), route('y', { peerAsn: 201 })];
    const session = (more: object) => [{ at: 'x', peerAsn: 200, ...more }];

    it.each([
      ['ends where the session is with a provider', { sessions: session({ relation: 'provider' }) }, ['y']],
      ['ends where the session is with a peer', { sessions: session({ relation: 'peer' }) }, ['y']],
      ['holds where the session is with a customer', { sessions: session({ relation: 'customer' }) }, ['x', 'y']],
      ['ends by the same address', { sessions: session({ relation: 'peer', peerAddress: '192.0.2.1' }) }, ['y']],
      ['holds by another address', { sessions: session({ relation: 'peer', peerAddress: '192.0.2.2' }) }, ['x', 'y']],
      ['holds by a session at another point', { sessions: session({ relation: 'peer', at: 'z' }) }, ['x', 'y']],
      ['ends by the relation of the neighbor of the session', { sessions: session({ neighbor: 'A' }) }, ['y']],
      [
        'ends by the relation of a neighbor with the ASN of the peer',
        { neighbors: [...neighbors, { id: 'B', asn: 201, relation: 'provider', ingress: ['y'] }] },
        ['x'],
      ],
      [
        'follows the session rather than the neighbor',
        {
          neighbors: [...neighbors, { id: 'B', asn: 200, relation: 'provider', ingress: ['x'] }],
          sessions: session({ relation: 'customer' }),
        },
        ['x', 'y'],
      ],
    ])('%s', (_, change, expected) => expect(eligibleOf({ neighbors, advertisements, ...change })).toEqual(expected));
  });

  it.each([['customer'], [undefined]])('of a neighbor that is %s holds for every route', (relation) => {
    const neighbors = neighbor(relation === undefined ? {} : { relation });
    const sessions = [{ at: 'x', peerAsn: 200, relation: 'provider' }];
    expect(eligibleOf({ neighbors, sessions, advertisements: [route('x'), route('y')] })).toEqual(['x', 'y']);
  });
});

describe('advertisements', () => {
  it('are sorted by all of their attributes, with sets of communities', () => {
    const { advertisements } = modelOf({
      advertisements: [
        route('y', { med: 5, communities: ['b', 'a', 'b'] }),
        route('y', { med: 5 }),
        route('x', { asPath: undefined, peerAsn: undefined, origin: 'egp', localPref: 7, nextHop: '2001:DB8::1' }),
        route('y', { peerAddress: '192.0.2.1' }),
      ],
    });
    expect(advertisements).toEqual({
      count: 4,
      prefix: new Int32Array(4),
      at: Int32Array.of(0, 1, 1, 1),
      peerAsn: Uint32Array.of(0, 200, 200, 200),
      peerAddress: [null, null, null, '192.0.2.1'],
      peerRouterId: [null, null, null, null],
      nextHop: ['2001:db8::1', null, null, null],
      asPathStart: Int32Array.of(0, 0, 2, 4, 6),
      asPath: Uint32Array.of(200, 300, 200, 300, 200, 300),
      origin: Uint8Array.of(1, 0, 0, 0),
      med: Float64Array.of(-1, 5, 5, -1),
      localPref: Float64Array.of(7, -1, -1, -1),
      communities: [[], [], ['a', 'b'], []],
    });
  });
});
