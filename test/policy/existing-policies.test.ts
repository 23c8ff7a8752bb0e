/** Policy that is there in forms that no text of ours has. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { policyFor } from '../../src/policy/policy.ts';
import { solve } from '../../src/solve.ts';

const example = JSON.parse(readFileSync('examples/patent-example-1.json', 'utf8'));
const model = buildModel(example);
const [P1, P2] = ['10.20.30.0/24', '10.20.40.0/24'];
let ses: Plan;

beforeAll(async () => {
  ses = await solve(example, { variant: 'ses' });
});

describe('two lists of a plan that are treated alike', () => {
  const text = `ip prefix-list EGRESSO-A permit ${P1}
ip prefix-list EGRESSO-B permit ${P2}
route-map EGRESSO-X permit 10
 match ip address prefix-list EGRESSO-A
 set local-preference 200
exit
route-map EGRESSO-X permit 20
 match ip address prefix-list EGRESSO-B
 set local-preference 200
exit
route-map EGRESSO-X permit 65535
exit
router bgp 64500
 address-family ipv4 unicast
  neighbor upstream route-map EGRESSO-X in
 exit-address-family
exit
`;
  const options = { ingress: 'advertise' as const, existingTexts: [{ router: 'b3', format: 'frr' as const, text }] };

  it('become one; steps, which keep what is not for them, do not make them one', () => {
    const { status, findings, routers } = policyFor(model, ses, options);
    expect({ status, findings }).toEqual({ status: 'proven', findings: [] });
    for (const gone of ['no route-map EGRESSO-X', 'no ip prefix-list EGRESSO-A', 'no ip prefix-list EGRESSO-B']) {
      expect(routers[2].change).toContain(`${gone}\n`);
    }
    expect(routers[2].rollback).toContain('neighbor upstream route-map EGRESSO-X in\n');
    expect(() => policyFor(model, ses, { ...options, steps: true })).toThrow(
      expect.objectContaining({ code: 'POLICY_INVALID', message: expect.stringContaining('do the same') }),
    );
    const existingTexts = routers.map(({ router, text: made }) => ({ router, format: 'frr' as const, text: made }));
    expect(policyFor(model, ses, { ...options, existingTexts, steps: true }).status).toBe('proven');
  });
});

describe('rules of a plan that are never asked', () => {
  const rule = (isOwn: boolean, localPref: number) => ({
    prefixes: [P2, P1],
    action: 'accept' as const,
    set: { localPref },
    isOwn,
  });

  it.each([
    [[rule(true, 200), rule(true, 300)], true],
    [[rule(false, 200), rule(true, 300)], true],
    [[rule(true, 200), rule(false, 300)], false],
    [[rule(false, 200), rule(false, 300)], false],
  ])('%j: refused is %s', (rules, isRefused) => {
    const existing = [{ router: 'b3', sessions: [{ session: 'upstream', import: rules, export: [] }] }];
    const run = () => policyFor(model, ses, { existing });
    if (!isRefused) expect(run).not.toThrow();
    else {
      expect(run).toThrow(
        expect.objectContaining({ code: 'POLICY_INVALID', message: expect.stringContaining(`${P2} is never asked`) }),
      );
    }
  });
});
