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

describeLab('egresso run on a provider link over its watermark', () => {
  let managed: ManagedLab;
  let run: Run;
  let moved: Set<string>;

  beforeAll(async () => {
    managed = await ManagedLab.start();
  }, 180_000);

  afterAll(() => managed?.[Symbol.asyncDispose]());

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
    const random = streamOf(7);
    for (let kill = 0; kill < MANAGER_KILLS; kill++) {
      await delay(random() * TICK_MS);
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
    const random = streamOf(8);
    for (let kill = 0; kill < GOBGP_KILLS; kill++) {
      await delay(random() * TICK_MS);
      for (const pid of managed.lab.controller.pids) process.kill(pid, 'SIGKILL');
      await managed.forwarded(new Set());
      await managed.lab.controller.stop();
      await managed.lab.controller.start();
      await waitFor(
        'sessions',
        async () => (await managed.lab.controller.establishedPeers()).length === 3 || undefined,
      );
      const before = run.ticks.length;
      await run.tick(
        'overrides again',
        ({ activity, overrideCount, tick }) => {
          return run.ticks.length > before && activity === 'watching' && overrideCount > 0 && tick > 0;
        },
        60 * TICK_MS,
      );
    }
  });

  test('a provider that dies takes its overrides with it', { timeout: 180_000, retry: 0 }, async () => {
    await managed.lab.router('U3').stop();
    const ms = await managed.forwarded(new Set());
    process.stderr.write(`a provider's session ended: plain BGP after ${Math.round(ms)} ms\n`);
    await run.tick('the withdrawal to be decided', ({ overrideCount }) => overrideCount === 0);
    await managed.lab.router('U3').start();
  });

  test('the watchdog leaves plain BGP behind a manager that is gone', { timeout: 300_000, retry: 0 }, async () => {
    await run.tick(
      'overrides again',
      ({ overrideCount, activity }) => overrideCount > 0 && activity === 'watching',
      60 * TICK_MS,
    );
    const watchdog = managed.start('watchdog');
    run.daemon.kill('SIGKILL');
    await managed.forwarded(new Set());
    await watchdog.daemon.stop();
  });
});
