/** What a refuted plan is told: the rule that it breaks, or what is missing for its proof. */
import { describe, expect, it } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import type { NetworkModel } from '../../src/model/network-model.ts';
import { policyFor } from '../../src/policy/policy.ts';
import { planOf } from './random-network.ts';

/** C comes in at a, D at b2; P leaves at b1 or b2, which are equally far from a, or at b3, which is near. */
function fork({ isNamed }: { readonly isNamed?: boolean } = {}): NetworkModel {
  return buildModel({
    version: 1,
    asn: 64500,
    routers: ['a', 'b1', 'b2', 'b3'].map((id, at) => ({
      id,
      ...(isNamed === true && { address: `192.0.2.${at + 1}` }),
    })),
    links: [
      { from: 'a', to: 'b1', distance: 10 },
      { from: 'a', to: 'b2', distance: 10 },
      { from: 'a', to: 'b3', distance: 5 },
    ],
    neighbors: [
      { id: 'C', asn: 65001, ingress: ['a'] },
      { id: 'D', asn: 65002, ingress: ['b2'] },
    ],
    prefixes: [{ id: 'P', prefix: '198.51.100.0/24', egress: ['b1', 'b2', 'b3'] }],
    advertisements: ['b1', 'b2', 'b3'].map((at, n) => ({
      prefix: 'P',
      at,
      peerAsn: 64601,
      peerAddress: `203.0.113.${n + 1}`,
      asPath: [64601, 64700],
    })),
    traffic: ['C', 'D'].map((neighbor) => ({ neighbor, prefix: 'P', volume: 1 })),
  });
}

const plan = (
  model: NetworkModel,
  ofC: readonly [string, string],
  ofD: readonly [string, string],
  variant?: string,
) => ({
  ...planOf(model, [
    ['C', 'P', ...ofC],
    ['D', 'P', ...ofD],
  ]),
  ...(variant !== undefined && { variant: variant as 'ses' }),
});

describe('a plan that breaks a rule of the model', () => {
  it.each([
    [['b1', 'b1'], ['b2', 'b1'], 'ingress-set: C to P may not enter at b1'],
    [['a', 'a'], ['b2', 'a'], 'egress-set: C to P cannot leave at a'],
    [['a', 'b1'], ['b2', 'b3'], 'proximity: P enters at a and leaves at b1 though b3 is closer and in use'],
  ] as const)('is told which: %j, %j', (ofC, ofD, message) => {
    const model = fork({ isNamed: true });
    const { status, findings } = policyFor(model, plan(model, ofC, ofD));
    expect(status).toBe('refuted');
    expect(findings).toContainEqual({ kind: 'plan-rule', message });
  });

  it('and one that breaks none is told of none', () => {
    const model = fork();
    const { status, findings } = policyFor(model, plan(model, ['a', 'b1'], ['b2', 'b2']));
    expect(status).toBe('refuted');
    expect(findings.map(({ kind }) => kind)).not.toContain('plan-rule');
  });
});

describe('a choice that is open', () => {
  const open = 'a may send P to any of b1, b2: nothing that is known of its routes there tells which; it is known if ';
  const addresses = 'the model gives each of the routers b1, b2 an address (or a routerId)';
  const single = 'the option bgp.multipath: false (where the routers are configured so)';

  it.each([
    [{}, {}, `${addresses}, and ${single}`],
    [{ isNamed: true }, {}, single],
    [{}, { bgp: { multipath: false } }, addresses],
    [{}, { format: 'bird' }, addresses],
  ])('says what would settle it: %j, %j', (given, options, missing) => {
    const model = fork(given);
    const { status, findings } = policyFor(model, plan(model, ['a', 'b1'], ['b2', 'b2']), options);
    expect(status).toBe('refuted');
    expect(findings).toEqual([{ kind: 'undetermined', message: open + missing }]);
  });

  it('and with that the plan is proven', () => {
    const model = fork({ isNamed: true });
    const options = { bgp: { multipath: false } };
    expect(policyFor(model, plan(model, ['a', 'b1'], ['b2', 'b2']), options)).toMatchObject({ status: 'proven' });
  });
});
