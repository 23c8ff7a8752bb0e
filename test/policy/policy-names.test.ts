/** Names of sessions in texts: whoever is really called so keeps the name. */
import { expect, it } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import { bgpNetwork } from '../../src/policy/bgp/network.ts';
import { PolicyNames } from '../../src/policy/policy-names.ts';

/** Neighbors that enter at one router, each over one session; names by neighbor, and of the others. */
function namesOf(ids: readonly string[], given: Readonly<Record<string, string>> = {}) {
  const model = buildModel({
    version: 1,
    asn: 64500,
    routers: [{ id: 'r' }],
    neighbors: ids.map((id, at) => ({ id, asn: 65001 + at, ingress: ['r'] })),
    prefixes: [{ id: 'P', prefix: '198.51.100.0/24', egress: ['r'] }],
    advertisements: [{ prefix: 'P', at: 'r', peerAsn: 64601, asPath: [64601] }],
    sessions: ids.map((neighbor, at) => ({
      at: 'r',
      peerAsn: 65001 + at,
      peerAddress: `203.0.113.${at + 1}`,
      neighbor,
    })),
    traffic: [{ neighbor: ids[0], prefix: 'P', volume: 1 }],
  });
  const network = bgpNetwork(model, 'igp');
  const names = new PolicyNames(network, given);
  const entries = network.sessions.map(({ neighbor, peerAsn }, s): [string, string] => {
    expect(names.find('r', names.sessions[s])).toBe(s);
    return [neighbor >= 0 ? model.neighbors[neighbor].id : `peer AS${peerAsn}`, names.sessions[s]];
  });
  expect(new Set(names.sessions).size).toBe(names.sessions.length);
  return Object.fromEntries(entries);
}

it.each([
  [['A 1', 'A_1'], { 'A 1': 'A_1_2', A_1: 'A_1' }],
  [['A 1', 'A.1', 'A_1', 'A_1_2'], { 'A 1': 'A_1_3', 'A.1': 'A_1_4', A_1: 'A_1', A_1_2: 'A_1_2' }],
  [['AS64601'], { AS64601: 'AS64601', 'peer AS64601': 'AS64601_2' }],
  [['-1', 'S_1'], { '-1': 'S_1_2', S_1: 'S_1' }],
])('the name of a neighbor is given to no other: %j', (ids, expected) => {
  expect(namesOf(ids)).toMatchObject(expected);
});

it('names of equal first letters do not take that of the neighbor that has no more of them', () => {
  const [long, short] = ['a'.repeat(40), 'a'.repeat(32)];
  expect(namesOf([long, short])).toMatchObject({ [short]: short, [long]: `${short}_2` });
});

it('a name of the configuration goes before that of a neighbor', () => {
  expect(namesOf(['X', 'Y'], { '203.0.113.2': 'X' })).toMatchObject({ X: 'X_2', Y: 'X' });
});
