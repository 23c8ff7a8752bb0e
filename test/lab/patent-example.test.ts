import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import type { NetworkModel } from '../../src/model/network-model.ts';
import { Lab } from './lab.ts';
import { waitFor } from './network/wait.ts';
import { type ObservedChoice, observeChoices } from './observe/egress.ts';
import { bestRoute } from './observe/rib.ts';
import { PATENT_P1, PATENT_P2, patentTopology } from './patent-lab.ts';
import { patentPolicies } from './patent-policies.ts';
import { describeLab } from './setup/describe-lab.ts';

const NEIGHBORS = ['A1', 'A2'];
const PREFIXES = [PATENT_P1, PATENT_P2];
const PREFIX_ID: Record<string, string> = { [PATENT_P1]: 'P1', [PATENT_P2]: 'P2' };

describeLab('the patent, Example 1, on FRR and BIRD', () => {
  let lab: Lab;
  let model: NetworkModel;
  let before: ObservedChoice[];

  beforeAll(async () => {
    model = buildModel(JSON.parse(readFileSync('examples/patent-example-1.json', 'utf8')));
    lab = await Lab.start(patentTopology);
    await lab.converged();
    before = await observeChoices(lab, NEIGHBORS, PREFIXES);
  }, 90_000);

  afterAll(() => lab?.stop());

  /** Polls until packets go as `expected`: triples neighbor, prefix, `ingress egress`. */
  const packetsGo = (expected: readonly ObservedChoice[]): Promise<boolean> =>
    waitFor(
      'packets to follow the policy',
      async () => {
        const seen = await observeChoices(lab, NEIGHBORS, PREFIXES);
        if (JSON.stringify(seen) === JSON.stringify(expected)) return true;
        throw new Error(`seen ${JSON.stringify(seen)}`);
      },
      30_000,
    );

  test('OSPF gives d(i,j) of the example', () => {
    const index = (id: string): number => model.routers.findIndex((router) => router.id === id);
    for (const from of ['b1', 'b2']) {
      for (const to of ['b3', 'b4']) {
        expect(lab.igp.distance(from, to)).toBe(model.routerDistance[index(from) * model.routers.length + index(to)]);
      }
    }
  });

  test('without policy every router chooses the nearest egress', async () => {
    for (const ingress of ['b1', 'b2']) {
      const rib = await lab.router(ingress).rib();
      for (const prefix of PREFIXES) {
        const nearest = nearestEgress(model, ingress);
        expect(bestRoute(rib, prefix)).toMatchObject({ peer: nearest, localPref: 100, med: 0 });
        expect(rib.filter((route) => route.prefix === prefix)).toHaveLength(2);
        expect((await lab.fib(ingress)).get(prefix)).toBe(nearest);
      }
    }
    for (const [egress, provider] of [
      ['b3', 'U3'],
      ['b4', 'U4'],
    ] as const) {
      const rib = await lab.router(egress).rib();
      for (const prefix of PREFIXES) expect(bestRoute(rib, prefix)).toMatchObject({ peer: provider });
    }
  });

  test('and packets leave there', () => {
    expect(before).toHaveLength(4);
    for (const { ingress, egress } of before) expect(egress).toBe(nearestEgress(model, ingress));
  });

  for (const { name, texts, choices } of patentPolicies) {
    test(`${name}: applied, packets follow; rolled back, they go as before`, async () => {
      await Promise.all(
        Object.entries(texts).map(async ([id, text]) => {
          expect(await lab.router(id).check(text)).toMatchObject({ status: 0 });
          await lab.router(id).applyPolicy(text);
        }),
      );
      const expected = before.map((choice) => ({
        ...choice,
        ...choices(choice.neighbor, PREFIX_ID[choice.prefix]!, choice),
      }));
      await packetsGo(expected);
      await Promise.all(
        Object.entries(texts).map(async ([id, text]) => {
          const running = await lab.router(id).runningConfig();
          for (const term of text.match(/EGR\w+/g) ?? []) expect(running).toContain(term);
          await lab.router(id).applyPolicy('');
        }),
      );
      await packetsGo(before);
      for (const id of Object.keys(texts)) expect(await lab.router(id).runningConfig()).not.toContain('EGR');
    });
  }

  test('a reload without policy would change nothing', async () => {
    for (const id of ['b1', 'b3']) expect((await lab.router(id).check('')).stdout.trim()).toBe('');
  });

  test('the checkers refuse what the daemons would', async () => {
    expect((await lab.router('b1').check('route-map X permit 10\n set locale-preference 200\n')).status).not.toBe(0);
    expect((await lab.router('b4').check('filter import_U4 { bgp_local_pref = "lots"; accept; }')).status).not.toBe(0);
    await expect(lab.router('b4').applyPolicy('filter import_U4 {')).rejects.toThrow(/b4: bird/);
    await packetsGo(before);
  });
});

function nearestEgress(model: NetworkModel, ingress: string): string {
  const index = (id: string): number => model.routers.findIndex((router) => router.id === id);
  const distance = (egress: string): number =>
    model.routerDistance[index(ingress) * model.routers.length + index(egress)]!;
  return distance('b3') < distance('b4') ? 'b3' : 'b4';
}
