/** A plan brought about by paths that a controller injects, in the form in which they are emitted. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import type { NetworkModel } from '../../src/model/network-model.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { policyFor } from '../../src/policy/policy.ts';
import { gobgpCommands } from '../../src/policy/render/gobgp-paths.ts';
import { Lab } from './lab.ts';
import { labPayload, labSessionNames } from './lab-model.ts';
import type { LabTopology } from './network/topology.ts';
import { waitFor } from './network/wait.ts';
import { observeChoices } from './observe/egress.ts';
import { bestRoute, type RibRoute } from './observe/rib.ts';
import { patentTopology } from './patent-lab.ts';
import { describeLab } from './setup/describe-lab.ts';

const PREFIX = '198.51.100.0/24';
/** b3 is where everything leaves by itself. */
const topology: LabTopology = {
  ...patentTopology,
  neighbors: [
    { id: 'A1', asn: 64501, at: ['b1'], announces: [{ prefix: '10.1.0.0/24' }] },
    { id: 'A2', asn: 64502, at: ['b2'], announces: [{ prefix: '10.2.0.0/24' }] },
    { id: 'U3', asn: 64601, at: ['b3'], announces: [{ prefix: PREFIX, asPath: [64700] }] },
    { id: 'U4', asn: 64602, at: ['b4'], announces: [{ prefix: PREFIX, asPath: [64800, 64700] }] },
  ],
  controller: { id: 'ctl', at: 'b1', addPath: true },
};
const NEIGHBORS = ['A1', 'A2'];

describeLab('paths injected by GoBGP', () => {
  let lab: Lab;
  let model: NetworkModel;

  beforeAll(async () => {
    lab = await Lab.start(topology);
    model = buildModel(labPayload(lab, topology, { senders: NEIGHBORS }));
    await lab.converged();
  }, 60_000);

  afterAll(() => lab?.stop());

  /** Of A1, which enters at b1, and of A2 at b2. */
  const leaveAt = (...egresses: readonly string[]) =>
    waitFor(`packets to leave at ${egresses}`, async () => {
      const choices = await observeChoices(lab, NEIGHBORS, [PREFIX]);
      expect(choices.map(({ ingress, egress }) => [ingress, egress])).toEqual([
        ['b1', egresses[0]],
        ['b2', egresses[1]],
      ]);
      return true;
    });

  const pathsFor = (...egresses: readonly string[]) => {
    const assignments = NEIGHBORS.map((neighbor, h) => ({
      neighbor,
      prefix: PREFIX,
      ingress: `b${h + 1}`,
      egress: egresses[h],
    }));
    const plan = { modelHash: model.hash, variant: 'mes', assignments } as unknown as Plan;
    const { status, findings, paths } = policyFor(model, plan, { paths: true, sessionNames: labSessionNames(lab) });
    expect({ status, findings }).toEqual({ status: 'proven', findings: [] });
    return paths;
  };

  /** Waits until what each border router holds of the controller is as `check` asks. */
  const held = (what: string, check: (id: string, paths: readonly RibRoute[]) => void) =>
    waitFor(what, async () => {
      for (const router of lab.borderRouters) {
        check(
          router.id,
          (await router.rib()).filter(({ peer }) => peer === 'ctl'),
        );
      }
      return true;
    });

  const carryOut = (command: string): Promise<string> => lab.namespace('ctl').run('sh', ['-c', command]);

  test('move packets to the planned egress, and back when they are withdrawn', async () => {
    const paths = pathsFor('b4', 'b4');
    const whole = { localPref: 200, asPath: [64602, 64800, 64700], communities: ['64500:7040'] };
    expect(paths).toMatchObject([{ router: 'b4', session: 'U4', prefix: PREFIX, ...whole }]);
    await leaveAt('b3', 'b3');
    await carryOut(paths[0].inject);
    await held('the path', (_, [path]) => expect(path).toMatchObject({ best: true, ...whole }));
    await leaveAt('b4', 'b4');
    await carryOut(paths[0].withdraw);
    await leaveAt('b3', 'b3');
  });

  test('of several egress points go out together, and each router takes the nearest', async () => {
    const paths = pathsFor('b3', 'b4');
    expect(paths.map(({ router, asPath }) => [router, asPath])).toEqual([
      ['b3', [64601, 64601, 64700]],
      ['b4', [64602, 64800, 64700]],
    ]);
    for (const { inject } of paths) await carryOut(inject);
    const nearest: Record<string, number> = { b1: 0, b2: 1, b3: 0, b4: 1 };
    await held('both paths', (router, both) => {
      expect(both).toHaveLength(2);
      const { nextHop } = paths[nearest[router]];
      expect(bestRoute(both, PREFIX)).toMatchObject({ nextHop, localPref: 200 });
    });
    await leaveAt('b3', 'b4');
    await carryOut(paths[1].withdraw);
    await leaveAt('b3', 'b3');
    await carryOut(paths[0].withdraw);
    await held('no path', (_, none) => expect(none).toEqual([]));
    await leaveAt('b3', 'b3');
  });

  test('stand beside each other, and go one by one', async () => {
    const paths = [64700, 64701].map((origin, at) => {
      const path = {
        router: `b${at + 3}`,
        session: `U${at + 3}`,
        prefix: PREFIX,
        identifier: at + 1,
        nextHop: lab.node(`b${at + 3}`).sessions.find(({ peer }) => peer === `U${at + 3}`)!.peerAddress,
        localPref: 200,
        asPath: [64601 + at, origin],
        origin: 'igp' as const,
        med: 0,
        communities: ['65535:65284', '64500:7040', '64500:1:2'],
      };
      return { ...path, ...gobgpCommands(path) };
    });
    const controller = lab.namespace('ctl');
    const stand = (count: number) =>
      waitFor(`${count} paths of the controller`, async () => {
        const listed = await controller.run('gobgp', ['-j', 'global', 'rib', '-a', 'ipv4', PREFIX]);
        expect([...listed.matchAll(/"local-pref"|"type":5,"value":200/g)]).toHaveLength(count);
        return true;
      });
    for (const { inject } of paths) await controller.run('sh', ['-c', inject]);
    await stand(2);
    await controller.run('sh', ['-c', paths[1].withdraw]);
    await stand(1);
    await controller.run('sh', ['-c', paths[0].withdraw]);
    await stand(0);
  });
});
