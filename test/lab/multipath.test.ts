/** Which equal routes routers use together (FRR, `maximum-paths`), and that the decision process of the model says so. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import type { NetworkModel } from '../../src/model/network-model.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { restingViews } from '../../src/policy/bgp/propagation.ts';
import { parsePolicyOptions } from '../../src/policy/options.ts';
import { policyFor } from '../../src/policy/policy.ts';
import { settingOf } from '../../src/policy/setting.ts';
import { Lab } from './lab.ts';
import { labPayload, labSessionNames } from './lab-model.ts';
import type { Announcement, LabTopology } from './network/topology.ts';
import { waitFor } from './network/wait.ts';
import { describeLab } from './setup/describe-lab.ts';

interface Case {
  readonly from: Readonly<Record<string, Omit<Announcement, 'prefix'>>>;
  readonly at: string;
  /** Where that router sends the prefix: to the nodes of one of these. */
  readonly uses: readonly string[];
  /** Point of a plan in which C1 sends there. */
  readonly planned: string;
}

const asPath = [64700];
const route = { asPath };
/** By prefix; U1 and V1 are of one AS, W1, U2 and U3 of another, V3 of a third. */
const CASES: Readonly<Record<string, Case>> = {
  '10.20.0.0/24': { from: { U1: route, V1: route }, at: 'b1', uses: ['U1+V1'], planned: 'b1' },
  '10.20.1.0/24': { from: { U1: route, W1: route }, at: 'b1', uses: ['U1', 'W1'], planned: 'b1' },
  '10.20.2.0/24': { from: { U1: route, V1: route, W1: route }, at: 'b1', uses: ['U1+V1', 'W1'], planned: 'b1' },
  '10.20.3.0/24': { from: { U1: route, U2: route }, at: 'b1', uses: ['U1'], planned: 'b2' },
  '10.20.4.0/24': { from: { U2: route, U3: route }, at: 'b1', uses: ['b2+b3'], planned: 'b2' },
  '10.20.5.0/24': { from: { U2: route, V3: route }, at: 'b1', uses: ['b2'], planned: 'b3' },
  '10.20.6.0/24': { from: { U2: { asPath, med: 10 }, U3: { asPath, med: 5 } }, at: 'b1', uses: ['b3'], planned: 'b2' },
  '10.20.7.0/24': { from: { W1: route, U3: route }, at: 'b2', uses: ['b1'], planned: 'b1' },
};
const PREFIXES = Object.keys(CASES);

const upstream = (id: string, asn: number) => ({
  id,
  asn,
  at: [`b${id.slice(1)}`],
  announces: Object.entries(CASES).flatMap(([prefix, { from }]) => (from[id] ? [{ prefix, ...from[id] }] : [])),
});
const link = (from: string, to: string, cost: number) => ({ from, to, cost, reverseCost: cost });
const topology: LabTopology = {
  asn: 64500,
  routers: [
    { id: 'b1', kind: 'frr' },
    { id: 'b2', kind: 'frr' },
    { id: 'b3', kind: 'bird' },
  ],
  links: [link('b1', 'b2', 10), link('b1', 'b3', 10), link('b2', 'b3', 15)],
  neighbors: [
    { id: 'C1', asn: 64501, at: ['b1'], announces: [{ prefix: '10.1.0.0/24' }] },
    ...[upstream('U1', 64601), upstream('V1', 64601), upstream('W1', 64602)],
    ...[upstream('U2', 64602), upstream('U3', 64602), upstream('V3', 64603)],
  ],
};

/** As an operator has it who wants none. */
const SINGLE_PATH = ['b1', 'b2'].map((router) => ({
  router,
  change:
    'router bgp 64500\n address-family ipv4 unicast\n  maximum-paths 1\n  maximum-paths ibgp 1\n exit-address-family\nexit\n',
}));

describeLab('equal routes', () => {
  let lab: Lab;
  let model: NetworkModel;

  beforeAll(async () => {
    lab = await Lab.start(topology);
    model = buildModel(labPayload(lab, topology, { senders: ['C1'] }));
    await lab.converged();
  }, 90_000);

  afterAll(() => lab?.stop());

  /** Nodes that each router may send each prefix to, as the model has it, and whether it is open between them. */
  const decided = (multipath?: boolean) => {
    const bgp = multipath === undefined ? {} : { multipath };
    const { speakers, received, network } = settingOf(model, parsePolicyOptions({ bgp }, model));
    return model.routers.flatMap(({ id }, router) =>
      model.prefixes.ids.map((prefix, k) => {
        const { step, remaining } = restingViews(speakers, received, k)![router].decision;
        const nodes = remaining.map(({ route: r }) => {
          const { router: owner, peerAddress } = network.sessions[received.session[r]];
          return owner === router ? lab.wiring.owner.get(peerAddress!)! : model.routers[owner].id;
        });
        return { id, prefix, isOpen: step === 'undetermined', nodes: [...new Set(nodes)].sort() };
      }),
    );
  };

  /** What a router does is one of what may be; all of it where routes are used together. */
  const agree = async (multipath?: boolean): Promise<void> => {
    for (const { id, prefix, isOpen, nodes } of decided(multipath)) {
      const used = (await lab.fib(id)).get(prefix)!.split('+');
      const outside = used.filter((node) => !nodes.includes(node));
      expect({ id, prefix, outside, used: isOpen ? [] : used }).toEqual({
        id,
        prefix,
        outside: [],
        used: isOpen ? [] : nodes,
      });
    }
  };

  test('are used together where the table of router OSes says so, and nowhere else', async () => {
    for (const [prefix, { at, uses }] of Object.entries(CASES)) {
      expect({ prefix, uses }).toMatchObject({ uses: expect.arrayContaining([(await lab.fib(at)).get(prefix)]) });
      const { isOpen, nodes } = decided().find((one) => one.id === at && one.prefix === prefix)!;
      expect({ prefix, nodes, isOpen }).toEqual({
        prefix,
        nodes: [...new Set(uses.flatMap((one) => one.split('+')))].sort(),
        isOpen: uses.length > 1 || uses[0].includes('+'),
      });
    }
    await agree();
  });

  test('leave at one point under a plan with one egress, by all equal sessions there', async () => {
    const assignments = PREFIXES.map((prefix) => ({
      neighbor: 'C1',
      prefix,
      ingress: 'b1',
      egress: CASES[prefix].planned,
    }));
    const plan = { modelHash: model.hash, variant: 'ses', assignments } as unknown as Plan;
    const options = { sessionNames: labSessionNames(lab), basePolicies: [{ import: null, export: null }] };
    const { status, findings, routers } = policyFor(model, plan, options);
    expect({ status, findings }).toEqual({ status: 'proven', findings: [] });
    await lab.apply(routers);
    const egresses = async () => {
      const fib = await lab.fib('b1');
      return PREFIXES.map((prefix) => [prefix, fib.get(prefix)!.replace(/^[UVW]1(\+[UVW]1)*$/, 'b1')]);
    };
    await waitFor('the plan', async () => {
      expect(await egresses()).toEqual(PREFIXES.map((prefix) => [prefix, CASES[prefix].planned]));
      return true;
    });
    await lab.apply(routers.map(({ router, rollback }) => ({ router, change: rollback })));
    await waitFor('what was before', async () => {
      const fib = await lab.fib('b1');
      expect(PREFIXES.filter((prefix) => fib.get(prefix)!.includes('+')).length).toBeGreaterThan(1);
      return true;
    });
    await lab.still();
  });

  test('are not where routers may use one path', async () => {
    await lab.apply(SINGLE_PATH);
    await waitFor('single paths', async () => {
      const tables = await Promise.all(lab.borderRouters.map(({ id }) => lab.fib(id)));
      expect(tables.flatMap((fib) => PREFIXES.filter((prefix) => fib.get(prefix)!.includes('+')))).toEqual([]);
      return true;
    });
    await lab.still();
    await agree(false);
  });
});
