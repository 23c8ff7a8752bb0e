/** Example 1 from end to end: plans, the policy that is emitted for them, four real routers, packets. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import type { NetworkModel } from '../../src/model/network-model.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { policyDifference } from '../../src/policy/difference.ts';
import { renderContext } from '../../src/policy/naming.ts';
import { parsePolicyOptions } from '../../src/policy/options.ts';
import { policyFor } from '../../src/policy/policy.ts';
import { rendererFor } from '../../src/policy/render/renderers.ts';
import type { PolicyResult, RouterText } from '../../src/policy/report.ts';
import { settingOf } from '../../src/policy/setting.ts';
import { solve } from '../../src/solve.ts';
import { Lab } from './lab.ts';
import { labPayload, labSessionNames } from './lab-model.ts';
import { waitFor } from './network/wait.ts';
import { type ObservedChoice, observeChoices } from './observe/egress.ts';
import { bestRoute } from './observe/rib.ts';
import { PATENT_P1, PATENT_P2, patentTopology } from './patent-lab.ts';
import { describeLab } from './setup/describe-lab.ts';

const NEIGHBORS = ['A1', 'A2'];
const PREFIXES = [PATENT_P1, PATENT_P2];
/** The routers of the lab have none, and take every route. */
const basePolicies = [{ import: null, export: null }];

describeLab('the plans of the patent, Example 1, on FRR and BIRD', () => {
  let lab: Lab;
  let model: NetworkModel;
  let sessionNames: Record<string, string>;
  let before: ObservedChoice[];
  const plans = new Map<string, Plan>();

  beforeAll(async () => {
    lab = await Lab.start(patentTopology);
    await lab.converged();
    const example = JSON.parse(readFileSync('examples/patent-example-1.json', 'utf8'));
    const prefixOf: Record<string, string> = { P1: PATENT_P1, P2: PATENT_P2 };
    const payload = labPayload(lab, patentTopology, {
      senders: NEIGHBORS,
      given: {
        traffic: example.traffic.map((row: { prefix: string }) => ({ ...row, prefix: prefixOf[row.prefix] })),
      },
    }) as { routers: { id: string }[] };
    const capacityOf = new Map(example.routers.map((router: { id: string }) => [router.id, router]));
    const routers = payload.routers.map((router) => ({ ...(capacityOf.get(router.id) as object), ...router }));
    const limited = { ...payload, routers };
    model = buildModel(limited);
    sessionNames = labSessionNames(lab);
    plans.set('ses', await solve(limited, { variant: 'ses' }));
    plans.set('mes', await solve(limited, { variant: 'mes' }));
    before = await observeChoices(lab, NEIGHBORS, PREFIXES);
  }, 90_000);

  afterAll(() => lab?.stop());

  const packetsGo = (expected: readonly ObservedChoice[]): Promise<boolean> =>
    waitFor(
      'packets to follow the plan',
      async () => {
        const seen = await observeChoices(lab, NEIGHBORS, PREFIXES);
        if (JSON.stringify(seen) === JSON.stringify(expected)) return true;
        throw new Error(`seen ${JSON.stringify(seen)}`);
      },
      30_000,
    );

  const planned = (plan: Plan): ObservedChoice[] =>
    NEIGHBORS.flatMap((neighbor) =>
      PREFIXES.map((prefix) => {
        const { ingress, egress } = plan.assignments.find((one) => one.neighbor === neighbor && one.prefix === prefix)!;
        return { neighbor, prefix, ingress, egress };
      }),
    );

  const rollBack = ({ routers }: PolicyResult): Promise<void> =>
    lab.apply(routers.map(({ router, rollback }) => ({ router, change: rollback })));

  /** What FRR says that it runs reads as what was meant; BIRD shows no configuration. */
  const readsBack = async ({ router, format, text }: RouterText): Promise<void> => {
    if (format !== 'frr') return;
    const setting = settingOf(model, parsePolicyOptions({ sessionNames, basePolicies }, model));
    const context = renderContext(
      setting,
      model.routers.findIndex(({ id }) => id === router),
    );
    const renderer = rendererFor(format);
    const running = policyLines(await lab.router(router).runningConfig());
    // Lists that were edited in place have their prefixes in another order.
    const [has, meant] = [running, text].map((one) => renderer.read(one, router, context));
    expect(policyDifference([has], [meant])).toEqual([]);
  };

  const checked = async ({ routers }: PolicyResult): Promise<void> => {
    const verdicts = await Promise.all(routers.map(({ router, text }) => lab.router(router).check(text)));
    for (const verdict of verdicts) expect(verdict).toMatchObject({ status: 0 });
  };

  test('the plans cost what the patent says', () => {
    expect([plans.get('ses')?.cost, plans.get('mes')?.cost]).toEqual([1850, 1250]);
  });

  for (const ingress of ['med', 'prepend', 'advertise'] as const) {
    test(`ingress by ${ingress}: SES, then MES, then back: RIB, forwarding table and packets of each pair`, async () => {
      const ses = policyFor(model, plans.get('ses')!, { sessionNames, ingress, basePolicies });
      const existingTexts = ses.routers.map(({ router, format, text }) => ({ router, format, text }));
      const mes = policyFor(model, plans.get('mes')!, { sessionNames, ingress, basePolicies, existingTexts });
      for (const [result, plan] of [
        [ses, plans.get('ses')!],
        [mes, plans.get('mes')!],
      ] as const) {
        expect(result).toMatchObject({ status: 'proven', findings: [] });
        await checked(result);
        await lab.apply(result.routers);
        await packetsGo(planned(plan));
        for (const { prefix, ingress: entry, egress } of planned(plan)) {
          expect((await lab.fib(entry)).get(prefix)).toBe(egress);
          expect(bestRoute(await lab.router(entry).rib(), prefix)).toMatchObject({ peer: egress });
        }
        for (const text of result.routers) await readsBack(text);
      }
      await rollBack(mes);
      await packetsGo(planned(plans.get('ses')!));
      await rollBack(ses);
      await packetsGo(before);
      for (const { id } of lab.borderRouters) expect(await lab.router(id).runningConfig()).not.toMatch(/EGRESSO|KEPT/);
    });
  }
});

/** Lists, route-maps and the sessions that use them, out of a whole running configuration. */
function policyLines(running: string): string {
  const lines = running.split('\n');
  const attached = lines.filter((line) => /^ {2}neighbor \S+ route-map \S+ (in|out)$/.test(line));
  const maps = running.match(/^route-map \S+ (permit|deny) \d+\n( .*\n)*exit\n/gm) ?? [];
  return [
    ...lines.filter((line) => /^ip(v6)? prefix-list /.test(line)),
    ...maps,
    'router bgp 64500',
    'address-family ipv4 unicast',
    ...attached,
    'exit-address-family',
    '',
  ].join('\n');
}
