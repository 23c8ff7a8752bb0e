import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { scaled } from '../faults/scale.ts';
import { streamOf } from '../manager/simulation.ts';
import { ManagedLab, prefixes, type Run, TICK_MS } from './managed-lab.ts';
import { waitFor } from './network/wait.ts';
import { FibWatch } from './observe/fib-watch.ts';
import { describeLab } from './setup/describe-lab.ts';

const MANAGER_KILLS = scaled(20);
const GOBGP_KILLS = scaled(10);
const RUN_MS = 120_000 + (MANAGER_KILLS + GOBGP_KILLS) * 90_000;
const TIMES = { timeout: 600_000, retry: 0 } as const;
/** What BGP takes by itself when a route goes, on a busy machine. */
const OWN_CONVERGENCE_MS = 1_000;

function tell(what: string, ms: number, lostMs?: number): void {
  const lost = lostMs === undefined ? '' : `, ${Math.round(lostMs)} ms of packets lost`;
  process.stderr.write(`${what}: forwarded elsewhere after ${Math.round(ms)} ms${lost}\n`);
}

/** Moments within a tick. The first numbers of every seed are near 1. */
function momentsOf(seed: number): () => number {
  const random = streamOf(seed);
  for (let k = 0; k < 8; k++) random();
  return () => random() * TICK_MS;
}

describeLab('egresso run on a provider link over its watermark', () => {
  let managed: ManagedLab;
  let run: Run;
  let moved: Set<string>;
  let plainRebootLostMs: number;

  beforeAll(async () => {
    managed = await ManagedLab.start();
  }, 180_000);

  afterAll(() => managed?.[Symbol.asyncDispose]());

  test('before any manager, a border router reboots: what plain BGP loses by itself', TIMES, async () => {
    const away = 'filter import_U2 { bgp_local_pref = 50; accept; }';
    await managed.lab.router('b2').applyPolicy(away);
    await managed.forwarded(new Set(prefixes));
    await managed.lab.still();
    const { ms, lostMs } = await managed.reboot('b3', prefixes, new Set());
    tell('a border router rebooted, without overrides', ms, lostMs);
    plainRebootLostMs = lostMs;
    await managed.lab.router('b2').applyPolicy('');
    await managed.forwarded(new Set());
  });

  test('relieves it: within three ticks of M of N, nothing else moved', { timeout: 180_000, retry: 0 }, async () => {
    await using watch = await FibWatch.start(managed.lab);
    run = managed.start('run');
    moved = await run.relieved();
    await managed.forwarded(moved);
    const { ticks, changes } = run;
    const over = ticks.findIndex(({ points }) => points.some(({ isOver }) => isOver));
    const done = ticks.findIndex(
      ({ points }, at) => at > over && points.every(({ load, high }) => load !== null && load <= high),
    );
    expect(done - over).toBeLessThanOrEqual(3);
    expect(changes.map(({ action, from, to, reason }) => [action, from, to, reason])).toEqual(
      Array.from({ length: moved.size }, () => ['move', 'b2:to-U2', 'b3:to-U3', 'relieve']),
    );
    for (const prefix of prefixes) {
      expect(watch.history('b1').get(prefix)).toEqual(moved.has(prefix) ? ['b2', 'b3'] : ['b2']);
    }
  });

  test(`kill -9 of the manager, ${MANAGER_KILLS} times: the next one carries on without a flap`, {
    timeout: RUN_MS,
    retry: 0,
  }, async () => {
    await using watch = await FibWatch.start(managed.lab);
    const moment = momentsOf(7);
    for (let kill = 0; kill < MANAGER_KILLS; kill++) {
      await delay(moment());
      run.daemon.kill('SIGKILL');
      run = managed.start('run');
      await run.tick('a sound tick', ({ activity }) => activity === 'watching');
      expect(run.changes).toEqual([]);
    }
    expect(watch.changeCount).toBe(0);
  });

  test(`kill -9 of gobgpd, ${GOBGP_KILLS} times: plain BGP, then the same overrides or others`, {
    timeout: RUN_MS,
    retry: 0,
  }, async () => {
    const moment = momentsOf(8);
    for (let kill = 0; kill < GOBGP_KILLS; kill++) {
      await delay(moment());
      for (const pid of managed.lab.controller.pids) process.kill(pid, 'SIGKILL');
      await managed.forwarded(new Set());
      await managed.lab.controller.stop();
      await managed.lab.controller.start();
      await waitFor(
        'sessions',
        async () => (await managed.lab.controller.establishedPeers()).length === 3 || undefined,
      );
      const before = run.ticks.length;
      await run.tick('overrides again', ({ activity, overrideCount, tick }) => {
        return run.ticks.length > before && activity === 'watching' && overrideCount > 0 && tick > 0;
      });
    }
  });

  test('a prefix that its provider withdraws takes its override with it, and no other', TIMES, async () => {
    const [gone, ...kept] = managed.overridden;
    const withheld = `filter export_b3 { if net = ${gone} then reject;
      if proto = "own" then { if defined(bgp_med) then bgp_med = bgp_med; accept; } reject; }`;
    let ms = 0;
    const lostMs = await managed.lost([gone!], async () => {
      await managed.lab.router('U3').applyPolicy(withheld);
      ms = await managed.forwarded(new Set(kept));
    });
    tell('a prefix was withdrawn', ms, lostMs);
    expect(lostMs).toBeLessThanOrEqual(OWN_CONVERGENCE_MS);
    await run.tick('the withdrawal to be decided', ({ overrideCount }) => overrideCount === kept.length);
    expect(run.changes).toContainEqual(expect.objectContaining({ prefix: gone, reason: 'route-gone' }));
    await managed.lab.router('U3').applyPolicy('');
  });

  test('a provider that dies takes its overrides with it: no more is lost than by plain BGP', TIMES, async () => {
    await run.overridden();
    let ms = 0;
    const die = (id: string, then: ReadonlySet<string>) => async () => {
      await managed.lab.router(id).stop();
      ms = await managed.forwarded(then);
    };
    const lostMs = await managed.lost(managed.overridden, die('U3', new Set()));
    tell("a provider's session ended", ms, lostMs);
    await run.tick('the withdrawal to be decided', ({ overrideCount }) => overrideCount === 0);
    await managed.lab.router('U3').start();
    await managed.lab.converged();
    // The other provider has no overrides.
    const ownMs = await managed.lost(prefixes, die('U2', new Set(prefixes)));
    tell('the same without overrides', ms, ownMs);
    expect(lostMs).toBeLessThanOrEqual(ownMs + OWN_CONVERGENCE_MS);
    await managed.lab.router('U2').start();
    await managed.lab.converged();
  });

  test('a border router that reboots takes its overrides with it: no more lost than by plain BGP', TIMES, async () => {
    await run.overridden();
    const { ms, lostMs } = await managed.reboot('b3', managed.overridden, new Set());
    tell('a border router rebooted', ms, lostMs);
    expect(lostMs).toBeLessThanOrEqual(plainRebootLostMs + OWN_CONVERGENCE_MS);
  });

  test('when the load has fallen, overrides are released and all is plain BGP', TIMES, async () => {
    await run.overridden();
    const before = run.changes.length;
    await managed.load('small');
    await run.tick('the releases', ({ overrideCount }) => overrideCount === 0);
    await managed.forwarded(new Set());
    const released = run.changes.slice(before);
    expect(released.every(({ action, reason }) => action === 'release' && reason === 'load-fell')).toBe(true);
    expect(released.length).toBeGreaterThan(0);
    await managed.load('full');
  });

  test('egresso withdraw leaves plain BGP, and the manager that runs puts nothing back', TIMES, async () => {
    await run.overridden();
    await using watch = await FibWatch.start(managed.lab);
    const command = managed.start('withdraw');
    tell('egresso withdraw', await managed.forwarded(new Set()));
    await run.tick('the withdrawal to be told', ({ overrideCount }) => overrideCount === 0);
    expect(run.changes.at(-1)).toMatchObject({ action: 'withdraw', reason: 'operator' });
    const { tick } = run.ticks.at(-1)!;
    await delay(3 * TICK_MS);
    expect(run.ticks.at(-1)!.tick).toBe(tick);
    for (const prefix of prefixes) expect(watch.history('b1').get(prefix)!.length).toBeLessThanOrEqual(2);
    await command.daemon.stop();
    managed.resume();
  });

  test(`the watchdog leaves plain BGP behind a manager that is gone, ${MANAGER_KILLS} times, and its log replays`, {
    timeout: RUN_MS,
    retry: 0,
  }, async () => {
    const watchdog = managed.start('watchdog');
    await waitFor('the watchdog', async () => managed.isWatched || undefined);
    const moment = momentsOf(9);
    for (let kill = 0; kill < MANAGER_KILLS; kill++) {
      if (kill > 0) run = managed.start('run');
      await run.overridden();
      await managed.forwarded(new Set(managed.overridden));
      await delay(moment());
      run.daemon.kill('SIGKILL');
      const ms = await managed.forwarded(new Set());
      tell('the manager was killed', ms);
      expect(ms).toBeLessThanOrEqual(3 * TICK_MS + OWN_CONVERGENCE_MS);
    }
    await watchdog.daemon.stop();
    const { tickCount, changeCount, differences } = await managed.replay();
    process.stderr.write(`${tickCount} decisions with ${changeCount} changes made again\n`);
    expect(differences).toEqual([]);
  });
});
