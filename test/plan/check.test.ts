/** The check by hand: the plans that the patent names, and one mutation of a good plan for each rule. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import { type CheckOptions, checkAssignments } from '../../src/plan/check.ts';
import type { Assignment } from '../../src/plan/plan.ts';
import { payloadOf } from '../oracle/random-model.ts';

const SES: CheckOptions = { variant: 'ses', threshold: 1, changeCost: 0 };
const MES: CheckOptions = { variant: 'mes', threshold: 1, changeCost: 0 };

/** "A1 P1 b1 b3" for each assignment. */
function parse(...lines: string[]): Assignment[] {
  return lines.map((line) => {
    const [neighbor, prefix, ingress, egress] = line.split(' ');
    return { neighbor, prefix, ingress, egress };
  });
}

describe('the plans of the patent (Example 1)', () => {
  const fixture = readFileSync(new URL('../fixtures/patent-example-1.json', import.meta.url), 'utf8');
  const model = buildModel(JSON.parse(fixture));
  const single = parse('A1 P1 b1 b3', 'A1 P2 b1 b4', 'A2 P1 b2 b3', 'A2 P2 b2 b4');
  const multiple = parse('A1 P1 b1 b3', 'A1 P2 b1 b3', 'A2 P1 b2 b3', 'A2 P2 b2 b4');

  it('FIG. 1B costs 1850 and keeps every rule', () => {
    const { violations, cost, overload } = checkAssignments(model, single, SES);
    expect({ violations, cost, overload }).toEqual({ violations: [], cost: 1850, overload: 0 });
  });

  it('FIG. 1B loads b1 with 45, b2 with 55, b3 with 55, b4 with 45', () => {
    const { ingressLoad, egressLoad } = checkAssignments(model, single, SES);
    expect([...ingressLoad]).toEqual([45, 55, 0, 0]);
    expect([...egressLoad]).toEqual([0, 0, 55, 45]);
  });

  it('FIG. 1C costs 1250 and keeps every rule of multiple egress', () => {
    const { violations, cost, egressLoad } = checkAssignments(model, multiple, MES);
    expect({ violations, cost, load: egressLoad[2] }).toEqual({ violations: [], cost: 1250, load: 70 });
  });

  it('FIG. 1C is no single-egress plan', () => {
    expect(checkAssignments(model, multiple, SES).violations.map(({ rule }) => rule)).toEqual(['single-egress']);
  });

  it('the named alternative costs 3350 and meets the capacities', () => {
    const crossed = parse('A1 P1 b2 b3', 'A1 P2 b1 b4', 'A2 P1 b2 b3', 'A2 P2 b1 b4');
    const { violations, cost } = checkAssignments(model, crossed, SES);
    expect({ violations, cost }).toEqual({ violations: [], cost: 3350 });
  });

  it('rejects FIG. 1D: A2 to P1 enters at b2 and passes b4, which A1 uses for P1', () => {
    const passing = parse('A1 P1 b1 b4', 'A1 P2 b1 b3', 'A2 P1 b2 b3', 'A2 P2 b2 b4');
    const { violations } = checkAssignments(model, passing, MES);
    const proximity = violations.filter(({ rule }) => rule === 'proximity');
    expect(proximity.map(({ message }) => message)).toContainEqual(expect.stringMatching(/^P1 .*b2.*b3.*b4/));
  });

  it('all of P1 by b4 overloads it by 5', () => {
    const full = parse('A1 P1 b1 b4', 'A1 P2 b1 b3', 'A2 P1 b2 b4', 'A2 P2 b2 b3');
    const { violations, overload } = checkAssignments(model, full, SES);
    expect({ rules: violations.map(({ rule }) => rule), overload }).toEqual({
      rules: ['egress-capacity'],
      overload: 5,
    });
  });
});

describe('one rule at a time', () => {
  // i can reach all but `island`; x1 and x2 are points of one router; B must not use e.
  const payload = payloadOf({
    routers: [
      { id: 'i', ingressCapacity: 10 },
      { id: 'k' },
      { id: 'e', egressCapacity: 6 },
      { id: 'f' },
      { id: 'x' },
      { id: 'island' },
    ],
    interfaces: [
      { id: 'x1', router: 'x' },
      { id: 'x2', router: 'x' },
    ],
    distances: [
      { from: 'i', to: 'e', distance: 1 },
      { from: 'i', to: 'f', distance: 2 },
      { from: 'i', to: 'x', distance: 3 },
      { from: 'k', to: 'f', distance: 1 },
      { from: 'k', to: 'e', distance: 2 },
      { from: 'k', to: 'x', distance: 3 },
      { from: 'x', to: 'f', distance: 4 },
    ],
    neighbors: [
      { id: 'A', ingress: ['i', 'k'] },
      { id: 'B', asn: 65002, ingress: ['i', 'k', 'x1'] },
    ],
    prefixes: [
      { id: 'P', prefix: '10.0.0.0/8', egress: ['e', 'f', 'x1', 'x2', 'island'] },
      { id: 'Q', prefix: '11.0.0.0/8', egress: ['e', 'f'] },
    ],
    advertisements: [
      { prefix: 'Q', at: 'e', peerAsn: 65009, asPath: [65009, 65002] },
      { prefix: 'Q', at: 'f', peerAsn: 65009, asPath: [65009] },
    ],
    traffic: [
      { neighbor: 'A', prefix: 'P', volume: 5 },
      { neighbor: 'B', prefix: 'P', volume: 5 },
      { neighbor: 'B', prefix: 'Q', volume: 1 },
    ],
    current: [
      { neighbor: 'A', prefix: 'P', ingress: 'k', egress: 'f' },
      { neighbor: 'B', prefix: 'Q', ingress: 'i', egress: 'e' },
    ],
  });
  const model = buildModel(payload);
  const good = parse('A P k f', 'B P k f', 'B Q k f');
  const rulesOf = (options: CheckOptions, ...lines: string[]) => [
    ...new Set(checkAssignments(model, parse(...lines), options).violations.map(({ rule }) => rule)),
  ];

  it('passes the plan that is mutated below', () => {
    for (const options of [SES, MES]) expect(checkAssignments(model, good, options).violations).toEqual([]);
  });

  it.each([
    ['unknown-id', ['A P k f', 'B P k f', 'B Q k f', 'C P k f']],
    ['unknown-id', ['A P k f', 'B P k f', 'B Q k f', 'B R k f']],
    ['unknown-pair', ['A P k f', 'B P k f', 'B Q k f', 'A Q k f']],
    ['repeated-pair', ['A P k f', 'B P k f', 'B Q k f', 'B Q k f']],
    ['missing-pair', ['A P k f', 'B P k f']],
    ['ingress-set', ['A P x1 f', 'B P k f', 'B Q k f']],
    ['egress-set', ['A P k k', 'B P k k', 'B Q k f']],
    ['reachability', ['A P k island', 'B P k island', 'B Q k f']],
    ['eligibility', ['A P k f', 'B P k f', 'B Q k e']],
    ['single-egress', ['A P k f', 'B P k e', 'B Q k f']],
    ['ingress-capacity', ['A P i f', 'B P i f', 'B Q i f']],
    ['egress-capacity', ['A P k e', 'B P k e', 'B Q k f']],
  ] as const)('finds %s in %j', (rule, lines) => {
    expect(rulesOf(SES, ...lines)).toEqual([rule]);
  });

  it('an unknown point leaves its pair unassigned', () => {
    expect(rulesOf(SES, 'A P k f', 'B P k f', 'B Q k nowhere')).toEqual(['unknown-id', 'missing-pair']);
  });

  it('MES: nobody may pass an egress in use that is closer', () => {
    expect(rulesOf(MES, 'A P k f', 'B P i e', 'B Q k f')).toEqual([]);
    expect(rulesOf(MES, 'A P k f', 'B P k e', 'B Q k f')).toEqual(['proximity']);
  });

  it('MES: at most one point of a router is in use for a prefix', () => {
    // At x1 itself its own router is nearest whatever the point, so only this rule and the tie are broken.
    expect(rulesOf(MES, 'A P k x1', 'B P x1 x2', 'B Q k f')).toContain('one-point-per-router');
    expect(rulesOf(MES, 'A P k x1', 'B P x1 x1', 'B Q k f')).toEqual([]);
  });

  it('charges a change by volume, and none where the current choice is no longer allowed', () => {
    const options = { ...SES, changeCost: 7 };
    expect(checkAssignments(model, good, options).changeCost).toBe(0);
    expect(checkAssignments(model, parse('A P i f', 'B P i f', 'B Q k f'), options).changeCost).toBe(5 * 7);
  });

  it('measures overload against threshold × capacity', () => {
    const options = { ...SES, threshold: 0.5 };
    const { overload, violations } = checkAssignments(model, parse('A P i e', 'B P k e', 'B Q k f'), options);
    expect(overload).toBe(10 - 3);
    expect(violations.map(({ rule }) => rule)).toEqual(['egress-capacity']);
  });

  it('takes a load within the tolerance for one that fits', () => {
    const tight = (capacity: number) =>
      buildModel({
        ...payload,
        routers: payload.routers.map((one) => (one.id === 'f' ? { ...one, egressCapacity: capacity } : one)),
      });
    expect(checkAssignments(tight(11 / (1 + 0.9e-9)), good, SES).overload).toBe(0);
    expect(checkAssignments(tight(11 / (1 + 1.1e-9)), good, SES).overload).toBeGreaterThan(0);
  });

  it('gives no violation and no cost for a model without traffic', () => {
    const idle = buildModel({ ...payload, traffic: [], current: [] });
    const { violations, cost } = checkAssignments(idle, [], MES);
    expect({ violations, cost }).toEqual({ violations: [], cost: 0 });
  });
});
