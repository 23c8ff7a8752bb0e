/** The loop and its API, on a network on paper and a daemon that only remembers. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EgressoError } from '../../src/errors.ts';
import { type ManagerApi, startApi } from '../../src/manager/api/server.ts';
import { AuditLines } from '../../src/manager/audit/recorder.ts';
import { replayAudit } from '../../src/manager/audit/replay.ts';
import { type RoutesStatus, WHOLE } from '../../src/manager/collectors/collector.ts';
import { INITIAL_STATE } from '../../src/manager/decision/state.ts';
import { type IdleTick, ManagedRun } from '../../src/manager/managed-run.ts';
import { PauseFile } from '../../src/manager/pause-switch.ts';
import { BudgetedSolver } from '../../src/manager/solver/budgeted-solver.ts';
import { SolverThread } from '../../src/manager/solver/solver-thread.ts';
import { IDS, Network, SETTINGS } from './paper-network.ts';
import { exhaustive, TICK_MS } from './simulation.ts';

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

describe('the pause switch', () => {
  let folder: string;
  let network: Network;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'egresso-switch-'));
    network = new Network();
    network.pauseSwitch = new PauseFile(join(folder, 'paused'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('turned by another process, takes everything back at the next tick, and stays', async () => {
    const audit = new AuditLines();
    const manager = network.manager(audit);
    await manager.tick(TICK_MS);
    new PauseFile(join(folder, 'paused')).position = 'withdrawn';
    const result = await manager.tick(2 * TICK_MS);
    expect(result?.decision.changes).toMatchObject([{ action: 'withdraw', reason: 'operator' }]);
    expect([network.announced, network.withdrawalCount, manager.isPaused]).toEqual([[], 1, true]);
    // A manager that is started again stays as it was told to.
    const next = network.manager();
    expect([await next.tick(3 * TICK_MS), network.withdrawalCount]).toEqual([null, 1]);
    next.resume();
    expect(await next.tick(4 * TICK_MS)).not.toBeNull();
    expect(await replayAudit(audit.lines)).toMatchObject({ tickCount: 2, differences: [] });
  });

  it('drops the tick that was just being decided', async () => {
    const audit = new AuditLines();
    const manager = network.manager(audit);
    network.before = () => {
      new PauseFile(join(folder, 'paused')).position = 'paused';
    };
    expect(await manager.tick(TICK_MS)).toBeNull();
    expect([network.announced, network.saved.overrides, audit.lines.length]).toEqual([[], [], 1]);
    expect(manager.isPaused).toBe(true);
  });

  it('holds while routes are lost', async () => {
    network.prefixes = [0, 1, 2, 3, 4].map((k) => ({ ...network.prefixes[0], prefix: `10.0.${k}.0/24`, volume: 25 }));
    const manager = network.manager();
    await manager.tick(TICK_MS);
    expect(network.announced).toHaveLength(2);
    new PauseFile(join(folder, 'paused')).position = 'withdrawn';
    network.announced = [];
    const [{ prefix }] = network.saved.overrides;
    network.prefixes = network.prefixes.map((one) => (one.prefix === prefix ? { ...one, learned: ['a'] } : one));
    network.lose();
    await new Promise((resolve) => setImmediate(resolve));
    expect(network.announced).toEqual([]);
  });

  it('that cannot be read is a pause, and so is one that cannot be written, in its own process', () => {
    const path = join(folder, 'paused');
    mkdirSync(path);
    expect(new PauseFile(path).position).toBe('paused');
    const nowhere = new PauseFile(join(folder, 'nowhere', 'paused'));
    expect(nowhere.position).toBe('running');
    expect(() => {
      nowhere.position = 'withdrawn';
    }).toThrow(EgressoError);
    expect(nowhere.position).toBe('withdrawn');
  });
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

describe('/v1/manager', () => {
  let network: Network;
  let run: ManagedRun;
  let api: ManagerApi;
  const get = (path: string, init?: RequestInit): Promise<Response> => fetch(`${api.url}${path}`, init);

  beforeEach(async () => {
    network = new Network();
    run = new ManagedRun(network.manager(), 20, null, false, new AsyncDisposableStack());
    api = await startApi(run, { port: 0 });
  });

  afterEach(async () => {
    await api[Symbol.asyncDispose]();
    await run[Symbol.asyncDispose]();
  });

  it('tells state, history, metrics and events, and is the kill switch', async () => {
    const events = await get('/v1/manager/events');
    const seen = [];
    for await (const { decision } of run.ticks(new Promise(() => {}))) {
      seen.push(decision);
      if (seen.length === 3) break;
    }
    expect(seen).toHaveLength(3);
    const reader = events.body!.getReader();
    const { value } = await reader.read();
    expect(new TextDecoder().decode(value)).toMatch(/^event: tick\nid: 1\ndata: \{"tick":1,/);
    await reader.cancel();

    const state = await (await get('/v1/manager')).json();
    expect(state).toMatchObject({
      isPaused: false,
      totals: { tickCount: 3, moveCount: 1 },
      last: { tick: 3 },
      overrides: [{ prefix: '10.0.1.0/24', to: 'b' }],
    });
    expect(await (await get('/v1/manager/history')).json()).toHaveLength(3);
    expect(await (await get('/metrics')).text()).toMatch(
      /^egresso_manager_changes_total\{action="move"\} 1$[\s\S]*^egresso_manager_lost_reads_total 3$/m,
    );

    const withdrawn = await (await get('/v1/manager/withdraw', { method: 'POST' })).json();
    expect(withdrawn).toMatchObject({ isPaused: true, overrides: [], changes: [{ reason: 'operator' }] });
    expect([network.announced, network.withdrawalCount]).toEqual([[], 1]);
    expect(await (await get('/v1/manager/resume', { method: 'POST' })).json()).toMatchObject({ isPaused: false });
    expect(await (await get('/v1/manager/pause', { method: 'POST' })).json()).toMatchObject({ isPaused: true });
  });

  it('answers, and is the kill switch, while an endless question is solved', async () => {
    await using thread = new SolverThread(new URL('./solver/endless-thread.mjs', import.meta.url));
    await thread.load();
    const isAsked = Promise.withResolvers<void>();
    let askedCount = 0;
    const ask: SolverThread['ask'] = (request, limitMs) => {
      if (++askedCount === 1) return exhaustive(request);
      isAsked.resolve();
      return thread.ask(request, limitMs);
    };
    network.solver = new BudgetedSolver({ ask, lostCount: 0 }, { limitMs: 60_000, budgetMs: 120_000 });
    await using busy = new ManagedRun(network.manager(), 20, null, false, new AsyncDisposableStack());
    await using own = await startApi(busy, { port: 0 });
    for (const tick of [1, 2]) await busy.manager.tick(tick * TICK_MS);
    expect(network.announced).toHaveLength(1);
    network.prefixes.push({ prefix: '10.0.3.0/24', natural: 'a', learned: IDS, volume: 40 });
    const tick = busy.manager.tick(3 * TICK_MS);
    await isAsked.promise;
    const state = await (await fetch(`${own.url}/v1/manager`)).json();
    expect(state).toMatchObject({ isPaused: false, overrides: [{ to: 'b' }] });
    const withdrawn = await (await fetch(`${own.url}/v1/manager/withdraw`, { method: 'POST' })).json();
    expect(withdrawn).toMatchObject({ isPaused: true, overrides: [], changes: [{ reason: 'operator' }] });
    expect(network.announced).toEqual([]);
    await thread[Symbol.asyncDispose]();
    expect([await tick, network.announced]).toEqual([null, []]);
  });

  it('tells whoever reads of a thousand withdrawals too', async () => {
    const overrides = Array.from({ length: 1000 }, (_, k) => ({
      prefix: `10.${k >> 8}.${k & 255}.0/24`,
      from: 'a',
      to: 'b',
      reason: 'relieve' as const,
      sinceMs: 0,
      leaseUntilMs: Number.MAX_SAFE_INTEGER,
      plain: null,
      phase: 'verified' as const,
      pendingTicks: 0,
    }));
    network.saved = { ...INITIAL_STATE, overrides };
    const full = new ManagedRun(network.manager(), 20, null, false, new AsyncDisposableStack());
    await using other = await startApi(full, { port: 0 });
    const events = await fetch(`${other.url}/v1/manager/events`);
    await full.withdrawAll();
    let text = '';
    for await (const chunk of events.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.endsWith('\n\n')) break;
    }
    const data = /^data: (.*)$/m.exec(text)?.[1] ?? '';
    expect((JSON.parse(data) as { changes: unknown[] }).changes).toHaveLength(1000);
  });

  it('says that GoBGP does not answer', async () => {
    network.isDaemonDown = true;
    const response = await get('/v1/manager/withdraw', { method: 'POST' });
    expect([response.status, await response.json()]).toMatchObject([503, { code: 'SERVICE_UNAVAILABLE' }]);
    expect(run.manager.isPaused).toBe(true);
    network.isDaemonDown = false;
  });

  it.each([
    ['/v1/nothing', {}, 404, 'ROUTE_NOT_FOUND'],
    ['/v1/manager/__proto__', {}, 404, 'ROUTE_NOT_FOUND'],
    ['/v1/manager/withdraw', {}, 405, 'METHOD_NOT_ALLOWED'],
    ['/v1/manager', { headers: { origin: 'http://elsewhere.example' } }, 403, 'FORBIDDEN'],
  ])('answers %s with a problem', async (path, init, status, code) => {
    const response = await get(path, init);
    expect([response.status, response.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
    expect(await response.json()).toMatchObject({ status, code });
  });

  it('cannot take a port that is taken', async () => {
    await expect(startApi(run, { port: Number(new URL(api.url).port) })).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
    });
  });
});
