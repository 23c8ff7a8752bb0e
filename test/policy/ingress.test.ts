/** How neighbors are brought in: by advertising, by MED where its lack may be the worst. */
import { describe, expect, it } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import { policyFor } from '../../src/policy/policy.ts';
import { planOf } from './random-network.ts';

describe('ingress by advertising', () => {
  it('is enforced also where the neighbor enters there today', () => {
    const model = buildModel({
      version: 1,
      asn: 64500,
      routers: [
        { id: 'r1', address: '192.0.2.1' },
        { id: 'r2', address: '192.0.2.2' },
      ],
      distances: [{ from: 'r1', to: 'r2', distance: 1 }],
      neighbors: [{ id: 'A1', asn: 64501, ingress: ['r1', 'r2'] }],
      prefixes: [{ id: 'P1', prefix: '10.0.0.0/8', egress: ['r1'] }],
      traffic: [{ neighbor: 'A1', prefix: 'P1', volume: 1 }],
    });
    const longer = {
      router: 'r2',
      sessions: [
        {
          session: 'A1',
          import: [],
          export: [
            { prefixes: ['10.0.0.0/8'], action: 'accept', set: { prepend: { asn: 64500, count: 2 } }, isOwn: false },
          ],
        },
      ],
    };
    const statuses = (ingress: string) => {
      const options = { ingress, existing: [longer], verify: true };
      const { pairs, difference } = policyFor(model, planOf(model, [['A1', 'P1', 'r1', 'r1']]), options);
      return [pairs.reports[0].status, difference.map(({ router, rule }) => [router, rule.action])];
    };
    expect(statuses('med')).toEqual(['requested', []]);
    expect(statuses('advertise')).toEqual(['enforced', [['r2', 'reject']]]);
  });
});

describe('neighbors that may take a route without MED for the worst', () => {
  const document = {
    version: 1,
    asn: 64500,
    routers: ['r1', 'r2', 'r3'].map((id, at) => ({ id, address: `192.0.2.${at + 1}` })),
    distances: ['r2', 'r3'].map((to) => ({ from: 'r1', to, distance: 1 })),
    neighbors: [{ id: 'A1', asn: 64501, ingress: ['r1', 'r2', 'r3'] }],
    prefixes: [{ id: 'P1', prefix: '10.0.0.0/8', egress: ['r1'] }],
    traffic: [{ neighbor: 'A1', prefix: 'P1', volume: 1 }],
  };
  const model = buildModel(document);
  const plan = planOf(model, [['A1', 'P1', 'r2', 'r1']]);
  const meds = (neighborMissingMed: string, more: object = {}) => {
    const result = policyFor(model, plan, { bgp: { neighborMissingMed }, verify: true, ...more });
    expect(result).toMatchObject({
      status: 'proven',
      pairs: { reports: [{ ingressStep: 'med', status: 'requested' }] },
    });
    return result.difference.map(({ router, rule }) => [router, rule.set.med]);
  };

  it('are told a MED of 0 where they are to enter', () => {
    expect(meds('best')).toEqual([
      ['r1', 100],
      ['r3', 100],
    ]);
    expect(meds('worst')).toEqual([['r2', 0]]);
    expect(meds('unknown')).toEqual([
      ['r1', 100],
      ['r2', 0],
      ['r3', 100],
    ]);
  });

  it('where nobody knows, MEDs that are kept bring nobody in; prepending does', () => {
    const existing = ['r1', 'r3'].map((router) => ({
      router,
      sessions: [
        {
          session: 'A1',
          import: [],
          export: [{ prefixes: ['10.0.0.0/8'], action: 'accept', set: { med: 7 }, isOwn: false }],
        },
      ],
    }));
    const found = (neighborMissingMed: string, on = model) =>
      policyFor(on, { ...plan, modelHash: on.hash }, { bgp: { neighborMissingMed }, existing, ingress: 'prepend' });
    // Prepending makes up for it: with best nothing is to be done.
    expect(['best', 'worst', 'unknown'].map((one) => found(one).ruleCount)).toEqual([2, 4, 4]);
    for (const one of ['best', 'worst', 'unknown']) expect(found(one).status).toBe('proven');
    const nameless = buildModel({ ...document, asn: undefined });
    expect(found('best', nameless).status).toBe('proven');
    expect(found('worst', nameless).pairs.reports).toMatchObject([{ found: { ingress: 'undetermined' } }]);
    expect(found('unknown', nameless).pairs.reports).toMatchObject([{ found: { ingress: 'undetermined' } }]);
  });

  it('the way from one plan to another takes nothing from them before what replaces it is told', () => {
    for (const neighborMissingMed of ['best', 'worst', 'unknown']) {
      const bgp = { neighborMissingMed };
      const first = policyFor(model, plan, { bgp });
      const existingTexts = first.routers.map(({ router, format, text }) => ({ router, format, text }));
      const next = planOf(model, [['A1', 'P1', 'r3', 'r1']]);
      const { status, execution } = policyFor(model, next, { bgp, existingTexts, steps: true });
      expect({ neighborMissingMed, status, strays: execution?.steps.map(({ strayCount }) => strayCount) }).toEqual({
        neighborMissingMed,
        status: 'proven',
        strays: [0],
      });
    }
  });
});
