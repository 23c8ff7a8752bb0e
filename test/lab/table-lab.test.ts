import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { policyFor } from '../../src/policy/policy.ts';
import type { PolicyResult } from '../../src/policy/report.ts';
import { Lab } from './lab.ts';
import { labPayload, labSessionNames } from './lab-model.ts';
import type { LabTopology } from './network/topology.ts';
import { waitFor } from './network/wait.ts';
import { FibWatch } from './observe/fib-watch.ts';
import { dropsSince, packetDrops } from './observe/packet-drops.ts';
import { bestRoute } from './observe/rib.ts';
import { describeLab } from './setup/describe-lab.ts';
import { tableSample } from './table-sample.ts';
import { threeRouters } from './three-routers.ts';
import { ProbeTraffic } from './traffic/probe-traffic.ts';

const PREFIX_COUNT = 1_000;
/** Prefixes moved to each of two egress points. */
const MOVED_COUNT = 100;
const PACKETS_PER_SECOND = 2_000;
const PROVIDERS = { U1: 852, U2: 6939, U3: 293 } as const;

const sample = tableSample(Object.values(PROVIDERS), PREFIX_COUNT);
const topology: LabTopology = {
  ...threeRouters(
    Object.entries(PROVIDERS).map(([id, asn], index) => ({
      id,
      asn,
      at: [`b${index + 1}`],
      announces: sample.get(asn)!,
    })),
  ),
  addPath: true,
};

describeLab(`a table of ${PREFIX_COUNT} prefixes`, () => {
  let lab: Lab;
  let plain: Record<string, string>[] = [];
  let policy: PolicyResult;

  /** What every border router does with the table. */
  const forwarding = (): Promise<Record<string, string>[]> =>
    Promise.all(
      lab.borderRouters.map(async ({ id }) => {
        const fib = await lab.fib(id);
        return Object.fromEntries(lab.prefixes.map((prefix) => [prefix, fib.get(prefix) ?? 'none']));
      }),
    );

  beforeAll(async () => {
    lab = await Lab.start(topology);
    const convergedMs = await lab.converged(90_000);
    plain = await forwarding();
    process.stderr.write(
      `lab: ${PREFIX_COUNT} prefixes of three providers converged in ${convergedMs.toFixed(0)} ms\n`,
    );
  }, 120_000);

  afterAll(() => lab?.stop());

  test('every router holds every prefix and forwards as its decision process chose', async () => {
    const owner = { b1: 'U1', b2: 'U2', b3: 'U3' } as Record<string, string>;
    for (const router of lab.borderRouters) {
      const rib = await router.rib();
      const fib = await lab.fib(router.id);
      for (const prefix of lab.prefixes) {
        const best = bestRoute(rib, prefix)!;
        expect(fib.get(prefix)).toBe(best.peer);
        const shortest = Math.min(...rib.filter((r) => r.prefix === prefix).map((r) => r.asPath.length));
        expect(best.asPath).toHaveLength(shortest);
        if (best.peer === owner[router.id]) expect(best.asPath[0]).toBe(PROVIDERS[best.peer as keyof typeof PROVIDERS]);
      }
    }
  });

  // A way outside the two plans for a moment is what it looks for: not to be tried again until there is none.
  test('while a policy difference is applied, no router points outside the old plan and the new', {
    retry: 0,
    timeout: 90_000,
  }, async () => {
    const before = await lab.fib('b1');
    const moved = (from: number): string[] =>
      lab.prefixes.filter((p) => sampled.has(p)).slice(from, from + MOVED_COUNT);
    const sampled = new Set(sample.get(PROVIDERS.U1)!.map(({ prefix }) => prefix));
    const toB2 = moved(0);
    const toB3 = moved(MOVED_COUNT);
    const egressOf = (next: string): string => (next === 'U1' ? 'b1' : next);
    const planned = (prefix: string): string =>
      toB2.includes(prefix) ? 'b2' : toB3.includes(prefix) ? 'b3' : egressOf(before.get(prefix)!);

    policy = policyOfMoves(lab, planned);
    expect(policy).toMatchObject({ status: 'proven', findings: [] });
    // A prefix that leaves where it is to leave anyway has no rule.
    expect(policy.entryCount).toBeGreaterThan(MOVED_COUNT);
    expect(policy.entryCount).toBeLessThanOrEqual(2 * MOVED_COUNT);

    const earlier = await packetDrops(lab);
    await using watch = await FibWatch.start(lab);
    await using traffic = await ProbeTraffic.start(lab, 'C1', [...toB2, ...toB3], {
      packetsPerSecond: PACKETS_PER_SECOND,
      payloadBytes: 64,
    });
    await lab.apply(policy.routers);
    await waitFor('the new plan', async () => {
      const fib = await lab.fib('b1');
      return [...sampled].every((prefix) => egressOf(fib.get(prefix)!) === planned(prefix)) ? true : undefined;
    });
    await lab.still();
    await watch.caughtUp();
    const calm = await packetDrops(lab);
    await delay(1000);
    expect(dropsSince(calm, await packetDrops(lab))).toEqual({ looped: 0, unrouted: 0 });
    const { sent, received, outlets } = await traffic.stop();

    for (const { id } of lab.borderRouters) {
      const after = await lab.fib(id);
      for (const [prefix, history] of watch.history(id)) {
        if (!sampled.has(prefix)) continue;
        const allowed = [history[0], after.get(prefix)];
        expect({ id, prefix, outside: history.filter((next) => !allowed.includes(next)) }).toEqual({
          id,
          prefix,
          outside: [],
        });
      }
    }
    expect(watch.changeCount).toBeGreaterThan(MOVED_COUNT);
    const provider = (egress: string): string => `U${egress.slice(1)}`;
    for (const prefix of [...toB2, ...toB3]) {
      const allowed = [provider(egressOf(before.get(prefix)!)), provider(planned(prefix))];
      expect([...outlets.get(prefix)!].filter((outlet) => !allowed.includes(outlet))).toEqual([]);
      expect(outlets.get(prefix)).toContain(provider(planned(prefix)));
    }
    const drops = dropsSince(earlier, await packetDrops(lab));
    process.stderr.write(
      `lab: ${watch.changeCount} changes of a next hop, ${sent} packets sent, ${sent - received} lost: ${JSON.stringify(drops)}\n`,
    );
    expect(sent).toBeGreaterThan(PACKETS_PER_SECOND);
    // How long two routers point at each other is up to the machine, in bounds; no packet is without a way.
    expect(drops.unrouted).toBe(0);
    expect(drops.looped).toBeLessThan(0.02 * sent);
    expect(Math.abs(sent - received - drops.looped)).toBeLessThan(0.001 * sent);
  });

  test('and the rollback restores every forwarding table', async () => {
    await lab.apply(policy.routers.map(({ router, rollback }) => ({ router, change: rollback })));
    await waitFor('the first state', async () => {
      const restored = await forwarding();
      const differing = plain.flatMap((table, router) =>
        Object.entries(table)
          .filter(([prefix, next]) => restored[router]![prefix] !== next)
          .map(([prefix, next]) => `b${router + 1} ${prefix}: ${next}, now ${restored[router]![prefix]}`),
      );
      if (differing.length > 0) throw new Error(`${differing.length} differ: ${differing.slice(0, 5).join('; ')}`);
      return true;
    });
    const ribs = await Promise.all(lab.borderRouters.map((router) => router.rib()));
    expect(new Set(ribs.flat().map(({ localPref }) => localPref))).toEqual(new Set([100]));
  });
});

/** The plan is what BGP does now, but for what is moved. */
function policyOfMoves(lab: Lab, planned: (prefix: string) => string): PolicyResult {
  const model = buildModel(labPayload(lab, topology, { senders: ['C1'] }));
  const assignments = model.prefixes.ids.map((prefix) => ({
    neighbor: 'C1',
    prefix,
    ingress: 'b1',
    egress: planned(prefix),
  }));
  const plan = { modelHash: model.hash, assignments } as unknown as Plan;
  return policyFor(model, plan, { sessionNames: labSessionNames(lab) });
}
