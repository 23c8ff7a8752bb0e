/** A change from one plan to another in the phases that are emitted for it, on real routers that carry traffic. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { policyFor } from '../../src/policy/policy.ts';
import type { ExecutionPlan, ExecutionStep, PolicyResult } from '../../src/policy/report.ts';
import { Lab } from './lab.ts';
import { labSessionNames } from './lab-model.ts';
import { waitFor } from './network/wait.ts';
import { FibWatch } from './observe/fib-watch.ts';
import { type FibWay, fibWays } from './observe/fib-ways.ts';
import { dropsSince, packetDrops } from './observe/packet-drops.ts';
import { describeLab } from './setup/describe-lab.ts';
import { type LabPair, NEIGHBORS, pairs, planOf, stepsModel, stepsTopology } from './steps-lab.ts';
import { ProbeTraffic } from './traffic/probe-traffic.ts';

const PACKETS_PER_SECOND = 1_000;
const FIRST_PORT = 9_020;
const BORDER = stepsTopology.routers.map(({ id }) => id);
const NODES = [...BORDER, ...NEIGHBORS];
const isBorder = (node: string): boolean => BORDER.includes(node);

describeLab('a plan that takes the place of another in steps', () => {
  let lab: Lab;
  let start: PolicyResult;
  let execution: ExecutionPlan;

  /** What a pair does by the forwarding tables, or may have done since `watch` began anew. */
  const waysOf = (watch: FibWatch, { neighbor, prefix }: LabPair): FibWay[] =>
    fibWays(neighbor, isBorder, (node) => watch.history(node).get(prefix) ?? ['none']);

  const goAs = (end: 'before' | 'after'): Promise<boolean> =>
    waitFor(`pairs as planned ${end} the change`, async () => {
      const tables = new Map(await Promise.all(NODES.map(async (id) => [id, await lab.fib(id)] as const)));
      const others = pairs.flatMap((pair) => {
        const ways = fibWays(pair.neighbor, isBorder, (node) => [tables.get(node)?.get(pair.prefix) ?? 'none']);
        return JSON.stringify(ways) === JSON.stringify([pair[end]]) ? [] : [{ ...pair, ways }];
      });
      if (others.length > 0) throw new Error(`${others.length} do not, so ${JSON.stringify(others[0])}`);
      return true;
    });

  beforeAll(async () => {
    lab = await Lab.start(stepsTopology);
    const model = stepsModel(lab);
    // The routers of the lab have no policy of their own.
    const options = { sessionNames: labSessionNames(lab), basePolicies: [{ import: null, export: null }] };
    start = policyFor(model, planOf(model, 'before'), options);
    expect(start).toMatchObject({ status: 'proven', findings: [] });
    const existingTexts = start.routers.map(({ router, format, text }) => ({ router, format, text }));
    const result = policyFor(model, planOf(model, 'after'), {
      ...options,
      existingTexts,
      steps: true,
      stepTexts: true,
    });
    expect(result).toMatchObject({ status: 'proven', findings: [] });
    execution = result.execution!;
    await lab.converged();
    await lab.apply(start.routers);
    await goAs('before');
    await lab.still();
  }, 120_000);

  afterAll(() => lab?.stop());

  test('pairs stay on either way, but for those that are told to stray; loads are as told', {
    retry: 0,
    timeout: 120_000,
  }, async () => {
    expect(execution.steps.length).toBeGreaterThan(1);
    const strayed = new Map<LabPair, Set<string>>();
    const earlier = await packetDrops(lab);
    await using watch = await FibWatch.start(lab, NODES);
    const traffics = await Promise.all(
      NEIGHBORS.map((neighbor, at) => {
        const prefixes = pairs.filter((pair) => pair.neighbor === neighbor).map(({ prefix }) => prefix);
        const rate = { packetsPerSecond: PACKETS_PER_SECOND, payloadBytes: 64, port: FIRST_PORT + at };
        return ProbeTraffic.start(lab, neighbor, prefixes, rate);
      }),
    );
    await using stack = new AsyncDisposableStack();
    for (const traffic of traffics) stack.use(traffic);

    for (const { phases, strayCount, transients, loads } of execution.steps) {
      const astray = new Set<LabPair>();
      for (const { routers } of phases) {
        watch.restart();
        await lab.apply(routers);
        await lab.still();
        await watch.caughtUp();
        const underWay = pairs.map((pair) => waysOf(watch, pair));
        watch.restart();
        for (const [at, pair] of pairs.entries()) {
          const passed = underWay[at].filter((way) => !isExpected(pair, way));
          for (const { egress } of passed) strayed.set(pair, (strayed.get(pair) ?? new Set()).add(egress));
          if (passed.some((way) => pair.kind !== 'lengthened' || !isTransient(transients, pair, way))) astray.add(pair);
        }
      }
      expect([...astray].filter(({ kind }) => kind !== 'strays')).toEqual([]);
      expect(astray.size).toBe(strayCount);
      expect(loadsOf(pairs.flatMap((pair) => waysOf(watch, pair)))).toEqual(
        Object.fromEntries(loads.map(({ point, ingress, egress }) => [point, { ingress, egress }])),
      );
    }
    await goAs('after');
    const told = execution.steps.flatMap(({ transients }) =>
      transients.map(({ neighbor, prefix }) => neighbor + prefix),
    );
    const lengthened = pairs.filter(({ kind }) => kind === 'lengthened');
    expect(told).toEqual(expect.arrayContaining(lengthened.map(({ neighbor, prefix }) => neighbor + prefix)));

    const counts = await Promise.all(traffics.map((traffic) => traffic.stop()));
    const drops = dropsSince(earlier, await packetDrops(lab));
    const sent = counts.reduce((sum, one) => sum + one.sent, 0);
    const lost = counts.reduce((sum, one) => sum - one.received, sent);
    process.stderr.write(`lab: ${sent} packets sent through the steps, ${lost} lost: ${JSON.stringify(drops)}\n`);
    expect(drops.unrouted).toBe(0);
    expect(Math.abs(lost)).toBeLessThan(0.001 * sent);
    for (const [h, { outlets }] of counts.entries()) {
      for (const pair of pairs.filter(({ neighbor }) => neighbor === NEIGHBORS[h])) {
        const seen = [...outlets.get(pair.prefix)!].map((provider) => `b${provider.slice(1)}`);
        const outside = seen.filter((egress) => egress !== pair.before.egress && egress !== pair.after.egress);
        const passed = [...(strayed.get(pair) ?? [])];
        // Where it lasts for milliseconds no packet need have gone.
        if (pair.kind === 'lengthened') expect(passed).toEqual(expect.arrayContaining(outside));
        else expect({ pair, outside }).toEqual({ pair, outside: passed });
        expect(seen).toContain(pair.after.egress);
      }
    }
  });

  test('and the phases taken back, the last one first, lead to where they began', async () => {
    const phases = execution.steps.flatMap((step) => step.phases);
    for (const { routers } of phases.toReversed()) {
      await lab.apply(routers.map(({ router, rollback }) => ({ router, change: rollback })));
    }
    await goAs('before');
    await lab.apply(start.routers.map(({ router, rollback }) => ({ router, change: rollback })));
    await lab.still();
    const ribs = await Promise.all(lab.borderRouters.map((router) => router.rib()));
    expect(new Set(ribs.flat().map(({ localPref }) => localPref))).toEqual(new Set([100]));
  }, 90_000);
});

function isExpected({ before, after }: LabPair, { ingress, egress }: FibWay): boolean {
  return (
    (ingress === before.ingress || ingress === after.ingress) && (egress === before.egress || egress === after.egress)
  );
}

/** A way that the step tells of: its points are of either plan, or those where the pair may be while updates are under way. */
function isTransient(transients: ExecutionStep['transients'], pair: LabPair, { ingress, egress }: FibWay): boolean {
  const { neighbor, prefix, before, after } = pair;
  const told = transients.find((one) => one.neighbor === neighbor && one.prefix === prefix);
  const isIn = (end: 'ingress' | 'egress', point: string): boolean =>
    [before[end], after[end], ...(told?.[end] ?? [])].includes(point);
  return isIn('ingress', ingress) && isIn('egress', egress);
}

/** One unit of each way, by point. */
function loadsOf(ways: readonly FibWay[]): Record<string, { ingress: number; egress: number }> {
  const loads = Object.fromEntries(BORDER.map((id) => [id, { ingress: 0, egress: 0 }]));
  for (const { ingress, egress } of ways) {
    loads[ingress].ingress++;
    loads[egress].egress++;
  }
  return loads;
}
