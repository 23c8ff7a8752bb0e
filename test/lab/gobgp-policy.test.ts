/** A text for GoBGP in a daemon: what the daemon's interface reads back, and what it does to routes. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ordered, type RouterPolicy } from '../../src/policy/document.ts';
import { rendererFor } from '../../src/policy/render/renderers.ts';
import { Lab } from './lab.ts';
import type { LabTopology } from './network/topology.ts';
import { waitFor } from './network/wait.ts';
import { describeLab } from './setup/describe-lab.ts';

const topology: LabTopology = {
  asn: 64500,
  routers: [{ id: 'b1', kind: 'bird' }],
  links: [],
  neighbors: [
    { id: 'U1', asn: 64601, at: ['b1'], announces: [{ prefix: '198.51.100.0/24' }, { prefix: '203.0.113.0/24' }] },
  ],
  controller: { id: 'ctl', at: 'b1' },
};

/** Route actions of the interface. */
const ACCEPT = 1;
const REJECT = 2;

const policy: RouterPolicy = {
  router: 'ctl',
  sessions: [
    {
      session: 'b1',
      import: [
        {
          prefixes: ['198.51.100.0/24'],
          action: 'accept',
          set: ordered({
            localPref: 300,
            med: 7,
            prepend: { asn: 64601, count: 2 },
            communities: ['64500:7040', '64500:1:2'],
          }),
          isOwn: true,
        },
        { prefixes: ['203.0.113.0/24'], action: 'reject', set: {}, isOwn: true },
      ],
      export: [],
    },
  ],
};

describeLab('a policy in GoBGP', () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await Lab.start(topology);
    await lab.converged();
  }, 60_000);

  afterAll(() => lab?.stop());

  test('is read by the daemon as it was meant, does so to routes, and goes', async () => {
    const context = { asn: 64500, sessions: [{ name: 'b1', peerAddress: lab.node('b1').loopback, peerAsn: 64500 }] };
    const renderer = rendererFor('gobgp');
    const text = renderer.render(policy, context);
    const { controller } = lab;
    await waitFor('both routes', async () => ((await controller.rib()).length === 2 ? true : undefined));
    expect(await controller.check(text)).toMatchObject({ status: 0 });
    await controller.applyPolicy(text);
    await waitFor('the policy', async () => {
      const rib = await controller.rib();
      expect(rib).toMatchObject([
        {
          prefix: '198.51.100.0/24',
          localPref: 300,
          med: 7,
          asPath: [64601, 64601, 64601],
          communities: ['64500:7040'],
        },
      ]);
      return true;
    });
    const [read] = JSON.parse(/^\[\{"name".*$/m.exec(await controller.runningConfig())?.[0] ?? '[]');
    expect(read.statements).toMatchObject([
      {
        conditions: { neighbor_set: { name: 'b1' } },
        actions: {
          route_action: ACCEPT,
          local_pref: { value: 300 },
          med: { value: 7 },
          as_prepend: { asn: 64601, repeat: 2 },
          community: { communities: ['64500:7040'] },
          large_community: { communities: ['64500:1:2'] },
        },
      },
      { conditions: { neighbor_set: { name: 'b1' } }, actions: { route_action: REJECT } },
    ]);
    const ask = async (...words: string[]) => {
      const said = await lab.namespace('ctl').run('gobgp', ['-j', ...words]);
      return JSON.parse(said);
    };
    const prefixes = await ask('policy', 'prefix');
    const ranges = prefixes.flatMap(({ prefixes: members }: { prefixes: { ip_prefix: string }[] }) => members);
    ranges.sort((a: { ip_prefix: string }, b: { ip_prefix: string }) => (a.ip_prefix < b.ip_prefix ? -1 : 1));
    expect(ranges).toEqual([
      { ip_prefix: '198.51.100.0/24', mask_length_min: 24, mask_length_max: 24 },
      { ip_prefix: '203.0.113.0/24', mask_length_min: 24, mask_length_max: 24 },
    ]);
    expect(await ask('policy', 'neighbor')).toMatchObject([{ name: 'b1', list: [`${lab.node('b1').loopback}/32`] }]);
    const used = read.statements.map(
      (one: { conditions: { prefix_set: { name: string } } }) => one.conditions.prefix_set.name,
    );
    expect(prefixes.map(({ name }: { name: string }) => name).sort()).toEqual([...used].sort());
    const assigned = await lab.namespace('ctl').run('gobgp', ['global', 'policy']);
    expect(assigned).toMatch(/Import policy:\s+Default: ACCEPT\s+Name EGRESSO_b1_IN_\w+:/);
    expect(assigned).toMatch(/Export policy:\s+Default: ACCEPT\s*$/m);
    await controller.applyPolicy(renderer.change(policy, { router: 'ctl', sessions: [] }, context));
    await waitFor('the routes as they were', async () => {
      const rib = await controller.rib();
      expect(rib.map(({ prefix, localPref }) => [prefix, localPref])).toEqual([
        ['198.51.100.0/24', 100],
        ['203.0.113.0/24', 100],
      ]);
      return true;
    });
  });
});
