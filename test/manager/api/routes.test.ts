/** The API of a run, on a network on paper and a daemon that only remembers. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ManagerApi, startApi } from '../../../src/manager/api/server.ts';
import { INITIAL_STATE } from '../../../src/manager/decision/state.ts';
import { ManagedRun } from '../../../src/manager/managed-run.ts';
import { BudgetedSolver } from '../../../src/manager/solver/budgeted-solver.ts';
import { SolverThread } from '../../../src/manager/solver/solver-thread.ts';
import { IDS, Network } from '../paper-network.ts';
import { exhaustive, TICK_MS } from '../simulation.ts';

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
      /^egresso_manager_changes_total\{action="move"\} 1$[\s\S]*^egresso_manager_lost_reads_total 3$[\s\S]*^egresso_manager_impossible_bytes_total 11$/m,
    );

    const withdrawn = await (await get('/v1/manager/withdraw', { method: 'POST' })).json();
    expect(withdrawn).toMatchObject({ isPaused: true, overrides: [], changes: [{ reason: 'operator' }] });
    expect([network.announced, network.withdrawalCount]).toEqual([[], 1]);
    expect(await (await get('/v1/manager/resume', { method: 'POST' })).json()).toMatchObject({ isPaused: false });
    expect(await (await get('/v1/manager/pause', { method: 'POST' })).json()).toMatchObject({ isPaused: true });
  });

  it('answers, and is the kill switch, while an endless question is solved', async () => {
    await using thread = new SolverThread(new URL('../solver/endless-thread.mjs', import.meta.url));
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
