/** A plan brought about by paths that a controller injects, in the form in which they are emitted. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { policyFor } from '../../src/policy/policy.ts';
import { gobgpCommands } from '../../src/policy/render/gobgp-paths.ts';
import { Lab } from './lab.ts';
import { labPayload, labSessionNames } from './lab-model.ts';
import type { LabTopology } from './network/topology.ts';
import { waitFor } from './network/wait.ts';
import { bestRoute } from './observe/rib.ts';
import { describeLab } from './setup/describe-lab.ts';

const PREFIX = '198.51.100.0/24';
const topology: LabTopology = {
  asn: 64500,
  routers: [
    { id: 'b1', kind: 'bird' },
    { id: 'b2', kind: 'frr' },
  ],
  links: [{ from: 'b1', to: 'b2', cost: 10, reverseCost: 10 }],
  neighbors: [
    { id: 'A1', asn: 64501, at: ['b1'], announces: [{ prefix: '10.1.0.0/24' }] },
    { id: 'U1', asn: 64601, at: ['b1'], announces: [{ prefix: PREFIX, asPath: [64700] }] },
    { id: 'U2', asn: 64602, at: ['b2'], announces: [{ prefix: PREFIX, asPath: [64800, 64700] }] },
  ],
  controller: { id: 'ctl', at: 'b1' },
};

describeLab('paths injected by GoBGP', () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await Lab.start(topology);
    await lab.converged();
  }, 60_000);

  afterAll(() => lab?.stop());

  test('move packets to the planned egress, and back when they are withdrawn', async () => {
    const model = buildModel(labPayload(lab, topology, { senders: ['A1'] }));
    const assignments = [{ neighbor: 'A1', prefix: PREFIX, ingress: 'b1', egress: 'b2' }];
    const plan = { modelHash: model.hash, variant: 'ses', assignments } as unknown as Plan;
    const { status, paths } = policyFor(model, plan, { paths: true, sessionNames: labSessionNames(lab) });
    expect(status).toBe('proven');
    expect(paths).toMatchObject([
      {
        router: 'b2',
        session: 'U2',
        prefix: PREFIX,
        localPref: 200,
        asPath: [64602, 64800, 64700],
        communities: ['64500:7040'],
      },
    ]);
    const goes = (hops: readonly string[]) =>
      waitFor('packets', async () => {
        expect(await lab.path('A1', PREFIX)).toMatchObject({ hops, delivered: true });
        return true;
      });
    await goes(['b1']);
    await lab.namespace('ctl').run('sh', ['-c', paths[0].inject]);
    await goes(['b1', 'b2']);
    for (const id of ['b1', 'b2']) {
      expect(bestRoute(await lab.router(id).rib(), PREFIX)).toMatchObject({
        peer: 'ctl',
        localPref: 200,
        asPath: [64602, 64800, 64700],
        communities: ['64500:7040'],
      });
    }
    await lab.namespace('ctl').run('sh', ['-c', paths[0].withdraw]);
    await goes(['b1']);
  });

  test('stand beside each other, and go one by one', async () => {
    const paths = [64700, 64701].map((origin, at) => {
      const path = {
        router: `b${at + 1}`,
        session: `U${at + 1}`,
        prefix: PREFIX,
        identifier: at + 1,
        nextHop: lab.node(`b${at + 1}`).sessions.find(({ peer }) => peer === `U${at + 1}`)!.peerAddress,
        localPref: 200,
        asPath: [64601 + at, origin],
        origin: 'igp' as const,
        med: 0,
        communities: ['65535:65284', '64500:7040', '64500:1:2'],
      };
      return { ...path, ...gobgpCommands(path) };
    });
    const controller = lab.namespace('ctl');
    const held = (count: number) =>
      waitFor(`${count} paths of the controller`, async () => {
        const listed = await controller.run('gobgp', ['-j', 'global', 'rib', '-a', 'ipv4', PREFIX]);
        expect([...listed.matchAll(/"local-pref"|"type":5,"value":200/g)]).toHaveLength(count);
        return true;
      });
    for (const { inject } of paths) await controller.run('sh', ['-c', inject]);
    await held(2);
    await controller.run('sh', ['-c', paths[1].withdraw]);
    await held(1);
    await controller.run('sh', ['-c', paths[0].withdraw]);
    await held(0);
  });
});
