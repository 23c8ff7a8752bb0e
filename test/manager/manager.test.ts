/** The loop, on a network on paper and a daemon that only remembers. */
import { describe, expect, it, vi } from 'vitest';
import { EgressoError } from '../../src/errors.ts';
import { startApi } from '../../src/manager/api/server.ts';
import { AuditLines } from '../../src/manager/audit/recorder.ts';
import { replayAudit } from '../../src/manager/audit/replay.ts';
import { type RoutesStatus, WHOLE } from '../../src/manager/collectors/collector.ts';
import { type IdleTick, ManagedRun } from '../../src/manager/managed-run.ts';
import { Network, SETTINGS } from './paper-network.ts';
import { TICK_MS } from './simulation.ts';

describe('Manager', () => {
  it('announces what it decides, and carries on where a process before left off', async () => {
    const network = new Network();
    const first = network.manager();
    await first.tick(TICK_MS);
    expect(network.announced).toMatchObject([{ prefix: '10.0.1.0/24', point: 'b' }]);
    // Killed: nothing is withdrawn, and the next one finds it as it was.
    const result = await network.manager().tick(2 * TICK_MS);
    expect(result?.decision).toMatchObject({ activity: 'watching', overrideCount: 1, changes: [] });
    expect(network.withdrawalCount).toBe(0);
  });

  it('has nothing put in by routes that were not told in its tick', async () => {
    const network = new Network();
    const manager = network.manager();
    for (const [tick, age] of [0, 1, 0].entries()) {
      network.routeAgeMs = age;
      await manager.tick((tick + 1) * TICK_MS);
    }
    expect(network.orders.map(({ isAdding }) => isAdding)).toEqual([true, false, true]);
  });

  it('withdraws what rests on a route that is gone, before the next tick', async () => {
    const network = new Network();
    const audit = new AuditLines();
    const manager = network.manager(audit);
    await manager.tick(TICK_MS);
    network.prefixes = network.prefixes.map((one) => ({ ...one, learned: ['a'] }));
    network.lose();
    network.lose();
    await new Promise((resolve) => setImmediate(resolve));
    expect(network.announced).toEqual([]);
    const next = await manager.tick(2 * TICK_MS);
    expect(next?.decision.changes).toMatchObject([{ action: 'withdraw', reason: 'route-gone' }]);
    await manager.withdrawAll(3 * TICK_MS);
    expect(await replayAudit(audit.lines)).toMatchObject({ tickCount: 3, differences: [] });
  });

  it('decides nothing while it is paused, and withdraws at the end', async () => {
    const network = new Network();
    const manager = network.manager();
    await manager.tick(TICK_MS);
    manager.pause();
    expect(await manager.tick(2 * TICK_MS)).toBeNull();
    manager.resume();
    expect(await manager.tick(3 * TICK_MS)).not.toBeNull();
    await manager.stop(4 * TICK_MS);
    expect([network.announced, network.withdrawalCount]).toEqual([[], 1]);
  });

  it('that was stopped has nothing to bring back when it is started again', async () => {
    const network = new Network();
    const audit = new AuditLines();
    const manager = network.manager(audit);
    await manager.tick(TICK_MS);
    await manager.stop(TICK_MS + 1);
    expect(network.saved.overrides).toEqual([]);
    expect(await replayAudit(audit.lines)).toMatchObject({ tickCount: 2, changeCount: 2, differences: [] });
    // The route of its first tick is held down.
    const result = await network.manager().tick(2 * TICK_MS);
    expect([network.announced, result?.decision.changes]).not.toContainEqual(
      expect.arrayContaining([expect.objectContaining({ prefix: '10.0.1.0/24' })]),
    );
  });

  it('withdraws at once, whatever a tick waits for, and drops that tick', async () => {
    const network = new Network();
    const audit = new AuditLines();
    const manager = network.manager(audit);
    await manager.tick(TICK_MS);
    const hanging = Promise.withResolvers<void>();
    network.before = () => hanging.promise;
    const tick = manager.tick(2 * TICK_MS);
    await Promise.resolve();
    const { decision } = await manager.withdrawAll(2 * TICK_MS + 1);
    expect([network.announced, decision.changes.length, network.saved.overrides]).toEqual([[], 1, []]);
    manager.resume();
    hanging.resolve();
    expect([await tick, network.announced]).toEqual([null, []]);
    expect(await replayAudit(audit.lines)).toMatchObject({ tickCount: 2, differences: [] });
  });

  it('ends at once too', async () => {
    const network = new Network();
    const manager = network.manager();
    await manager.tick(TICK_MS);
    network.before = () => new Promise(() => {});
    void manager.tick(2 * TICK_MS);
    await manager.stop(2 * TICK_MS);
    expect([network.announced, network.saved.overrides]).toEqual([[], []]);
  });

  it('goes on where the daemon does not answer the kill switch', async () => {
    const network = new Network();
    const manager = network.manager();
    await manager.tick(TICK_MS);
    network.isDaemonDown = true;
    await expect(manager.withdrawAll(TICK_MS + 1)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(await manager.tick(2 * TICK_MS)).toBeNull();
    await expect(manager.stop(3 * TICK_MS)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });

  it('withdraws though the disk is full', async () => {
    const network = new Network();
    const audit = new AuditLines();
    const manager = network.manager(audit);
    await manager.tick(TICK_MS);
    audit.append = () => {
      throw new EgressoError('FILE_UNREADABLE', 'no space');
    };
    await expect(manager.withdrawAll(TICK_MS + 1)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    expect([network.announced, manager.isPaused]).toEqual([[], true]);
  });

  it('takes back what is paused when its lease is over', async () => {
    const network = new Network();
    const manager = network.manager();
    await manager.tick(TICK_MS);
    manager.pause();
    expect(await manager.tick(2 * TICK_MS)).toBeNull();
    const result = await manager.tick(TICK_MS + SETTINGS.leaseMs);
    expect(result?.decision.changes).toMatchObject([{ action: 'withdraw', reason: 'lease-expired' }]);
    expect([network.announced, manager.isPaused]).toEqual([[], true]);
  });
});

it('ticks go by a clock that no one sets', async () => {
  await using run = new ManagedRun(new Network().manager(), 20, null, false, new AsyncDisposableStack());
  const times: number[] = [];
  try {
    for await (const { decision } of run.ticks(new Promise(() => {}))) {
      times.push(decision.atMs);
      if (times.length === 4) break;
      // An hour back, an hour ahead, an hour back.
      const shift = times.length % 2 === 0 ? 3_600_000 : -3_600_000;
      vi.spyOn(Date, 'now').mockReturnValue(times[0] + shift);
    }
  } finally {
    vi.restoreAllMocks();
  }
  for (let t = 1; t < times.length; t++) {
    expect(times[t] - times[t - 1]).toBeGreaterThan(0);
    expect(times[t] - times[t - 1]).toBeLessThan(60_000);
  }
});

it('a run tells of ticks in which nothing is decided, and why', async () => {
  const network = new Network();
  const failing: RoutesStatus = { state: 'connecting', error: 'GoBGP at 127.0.0.1:1: down' };
  network.routes = failing;
  await using run = new ManagedRun(network.manager(), 20, null, false, new AsyncDisposableStack());
  await using api = await startApi(run, { port: 0 });
  const told: IdleTick[] = [];
  run.onIdle((tick) => told.push(tick));
  const interrupted = Promise.withResolvers<void>();
  const decided: number[] = [];
  const ended = (async () => {
    for await (const { decision } of run.ticks(interrupted.promise)) {
      decided.push(decision.tick);
      run.manager.pause();
    }
  })();
  await expect.poll(() => told.at(-1)).toMatchObject({ idle: 'routes', routes: failing });
  expect(await (await fetch(`${api.url}/v1/manager`)).json()).toMatchObject({
    routes: failing,
    last: null,
    telemetry: { malformedFlows: 1 },
  });
  const metrics = await (await fetch(`${api.url}/metrics`)).text();
  expect(metrics).toContain(
    'egresso_manager_routes{state="connecting"} 1\negresso_manager_routes{state="reading"} 0\n',
  );
  expect(metrics).toMatch(/^egresso_manager_routes_unanswered 1$/m);
  network.routes = WHOLE;
  await expect.poll(() => told.at(-1)?.idle).toBe('paused');
  interrupted.resolve();
  await ended;
  expect(decided).toEqual([1]);
  expect(told.at(-1)?.routes).toEqual(WHOLE);
});

it('a run that is interrupted while a tick hangs ends, and has withdrawn once', async () => {
  const network = new Network();
  const run = new ManagedRun(network.manager(), 20, null, false, new AsyncDisposableStack());
  const interrupted = Promise.withResolvers<void>();
  let tickCount = 0;
  for await (const { decision } of run.ticks(interrupted.promise)) {
    tickCount = decision.tick;
    network.before = () => new Promise(() => {});
    setTimeout(() => interrupted.resolve(), 50);
  }
  expect([tickCount, run.wasInterrupted, network.announced]).toEqual([1, true, []]);
  await run[Symbol.asyncDispose]();
  expect([network.withdrawalCount, network.saved.overrides]).toEqual([1, []]);
});
