import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { policyFor } from '../../src/policy/policy.ts';

const example = JSON.parse(readFileSync('examples/patent-example-1.json', 'utf8'));

/** Both prefixes from both providers; those at b4 are longer and carry more. */
const advertised = buildModel({
  ...example,
  advertisements: ['P1', 'P2'].flatMap((prefix) => [
    { prefix, at: 'b3', peerAsn: 64601, nextHop: '192.0.2.3', asPath: [64601] },
    {
      prefix,
      at: 'b4',
      peerAsn: 64602,
      peerAddress: '192.0.2.4',
      asPath: [64602, 64700],
      origin: 'incomplete',
      med: 5,
      communities: ['64602:1', '64602:1:2', 'no-peer'],
    },
  ]),
});

function planWith(egress: readonly string[]): Plan {
  const assignments = ['P1', 'P2'].flatMap((prefix) =>
    ['A1', 'A2'].map((neighbor, at) => ({ neighbor, prefix, ingress: `b${at + 1}`, egress: egress[at] })),
  );
  return { modelHash: advertised.hash, assignments } as unknown as Plan;
}

describe('injected paths', () => {
  it('are whole copies of the routes that import policy would prefer', () => {
    const { status, paths } = policyFor(advertised, planWith(['b4', 'b4']), { paths: true });
    expect(status).toBe('proven');
    expect(paths.map(({ prefix, router, nextHop }) => [prefix, router, nextHop])).toEqual([
      ['10.20.30.0/24', 'b4', '192.0.2.4'],
      ['10.20.40.0/24', 'b4', '192.0.2.4'],
    ]);
    expect(paths[0].inject).toBe(
      'gobgp global rib -a ipv4 add 10.20.30.0/24 identifier 1 origin incomplete nexthop 192.0.2.4 med 5 local-pref 200 ' +
        'aspath "64602 64700" community 64500:7040,64602:1,65535:65284 large-community 64602:1:2',
    );
    expect(paths[0].withdraw).toBe('gobgp global rib -a ipv4 del 10.20.30.0/24 identifier 1');
  });

  it('of several egress points are made equal', () => {
    const { status, paths } = policyFor(advertised, planWith(['b3', 'b4']), { paths: true });
    expect(status).toBe('proven');
    const [near, far] = paths.filter(({ prefix }) => prefix === '10.20.30.0/24');
    expect(near).toMatchObject({ router: 'b3', nextHop: '192.0.2.3', asPath: [64601, 64601], origin: 'incomplete' });
    expect(far).toMatchObject({ router: 'b4', asPath: [64602, 64700], origin: 'incomplete' });
    expect(near.med).toBe(far.med);
    // A second path without an identifier of its own would take the place of the first.
    expect([near, far].map(({ identifier }) => identifier)).toEqual([1, 2]);
    for (const { identifier, inject, withdraw } of [near, far]) {
      expect(inject).toContain(` identifier ${identifier} `);
      expect(withdraw.endsWith(` identifier ${identifier}`)).toBe(true);
    }
  });

  it('carry well-known communities by number, and none is lost', () => {
    const withCommunities = (communities: readonly string[]) => {
      const model = buildModel({
        ...example,
        advertisements: ['P1', 'P2'].flatMap((prefix) => [
          { prefix, at: 'b3', peerAsn: 64601, nextHop: '192.0.2.3', asPath: [64601] },
          { prefix, at: 'b4', peerAsn: 64602, nextHop: '192.0.2.4', asPath: [64602, 64700], communities },
        ]),
      });
      return policyFor(model, { ...planWith(['b4', 'b4']), modelHash: model.hash }, { paths: true });
    };
    const { status, paths } = withCommunities(['No-Peer', 'GRACEFUL_SHUTDOWN', '64602:01']);
    expect(status).toBe('proven');
    expect(paths[0].communities).toEqual(['64500:7040', '64602:1', '65535:0', '65535:65284']);
    expect(withCommunities(['gold'])).toMatchObject({
      status: 'refuted',
      paths: [],
      findings: [{ kind: 'unsupported', message: expect.stringContaining('community "gold"') }, expect.anything()],
    });
  });

  it('are those of one router where only one is asked for', () => {
    const { paths } = policyFor(advertised, planWith(['b3', 'b4']), { paths: true, router: 'b3' });
    expect(new Set(paths.map(({ router }) => router))).toEqual(new Set(['b3']));
  });

  it('need an advertisement and a next hop', () => {
    const model = buildModel(example);
    const plan = { ...planWith(['b4', 'b4']), modelHash: model.hash };
    const { status, findings, paths } = policyFor(model, plan, { paths: true });
    expect([status, paths]).toEqual(['refuted', []]);
    expect(findings[0]).toMatchObject({ kind: 'unsupported', message: expect.stringContaining('next hop') });
  });

  it('are given only where they are asked for', () => {
    expect(policyFor(advertised, planWith(['b4', 'b4'])).paths).toEqual([]);
  });
});
