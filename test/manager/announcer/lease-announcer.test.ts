import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EgressoError } from '../../../src/errors.ts';
import type { Order } from '../../../src/manager/announcer/announcer.ts';
import { contentOf } from '../../../src/manager/announcer/difference.ts';
import { LeaseAnnouncer } from '../../../src/manager/announcer/lease-announcer.ts';
import { FakeTimer } from './fake-timer.ts';
import { ForgetfulDaemon, path } from './forgetful-daemon.ts';

const NOW: Order = { atMs: 0, isAdding: true };

function setUp(
  limit = 100,
  mayAnnounce = () => true,
): { daemon: ForgetfulDaemon; timer: FakeTimer; announcer: LeaseAnnouncer } {
  const daemon = new ForgetfulDaemon();
  const timer = new FakeTimer();
  return {
    daemon,
    timer,
    announcer: new LeaseAnnouncer(daemon, timer, { prefixLimit: limit, mayAnnounce }),
  };
}

describe('LeaseAnnouncer', () => {
  it('sends what differs, and nothing twice', async () => {
    const { daemon, announcer } = setUp();
    await announcer.apply([path('10.0.0.0/24'), path('10.0.1.0/24')], NOW);
    await announcer.apply([path('10.0.0.0/24', '192.0.2.1', 2000), path('10.0.1.0/24', '192.0.2.9', 2000)], NOW);
    await announcer.apply([path('10.0.1.0/24', '192.0.2.9', 3000)], NOW);
    expect(daemon.calls).toEqual([
      'all',
      'announce 10.0.0.0/24 10.0.1.0/24',
      'own 10.0.0.0/24 10.0.1.0/24',
      'announce 10.0.1.0/24',
      'own 10.0.0.0/24 10.0.1.0/24',
      'withdraw 10.0.0.0/24',
    ]);
  });

  it('takes over what a process before has left, without a flap', async () => {
    const { daemon, announcer } = setUp();
    daemon.paths.set('10.0.0.0/24', contentOf(path('10.0.0.0/24')));
    daemon.paths.set('10.0.9.0/24', 'stale');
    await announcer.apply([path('10.0.0.0/24')], NOW);
    expect(daemon.calls).toEqual(['all', 'withdraw 10.0.9.0/24']);
  });

  it('withdraws what is not renewed in time, by itself', async () => {
    const { daemon, timer, announcer } = setUp();
    await announcer.apply([path('10.0.0.0/24', '192.0.2.1', 500), path('10.0.1.0/24', '192.0.2.1', 900)], NOW);
    await timer.advance(499);
    expect(daemon.paths.size).toBe(2);
    await timer.advance(500);
    expect([...daemon.paths.keys()]).toEqual(['10.0.1.0/24']);
    daemon.isDown = true;
    await timer.advance(900);
    daemon.isDown = false;
    await timer.advance(1900);
    expect(daemon.paths.size).toBe(0);
  });

  it('withdraws everything where the limit is passed', async () => {
    const { daemon, announcer } = setUp(1);
    await announcer.apply([path('10.0.0.0/24')], NOW);
    await expect(announcer.apply([path('10.0.0.0/24'), path('10.0.1.0/24')], NOW)).rejects.toThrow(
      'over the limit of 1',
    );
    expect(daemon.paths.size).toBe(0);
  });

  it('puts nothing in that is not there where it is told to add nothing, and takes out what is not desired', async () => {
    const { daemon, announcer } = setUp();
    daemon.paths.set('10.0.0.0/24', 'other');
    daemon.paths.set('10.0.9.0/24', 'stale');
    const desired = [path('10.0.0.0/24'), path('10.0.1.0/24')];
    await announcer.apply(desired, { atMs: 0, isAdding: false });
    expect([...daemon.paths]).toEqual([['10.0.0.0/24', contentOf(path('10.0.0.0/24'))]]);
    await announcer.apply(desired, NOW);
    daemon.paths.clear();
    await announcer.keep(new Set(['10.0.1.0/24']));
    expect([...daemon.paths.keys()]).toEqual([]);
  });

  it('puts nothing in once it may not, at a retry neither', async () => {
    let mayAnnounce = true;
    const { daemon, timer, announcer } = setUp(100, () => mayAnnounce);
    daemon.isDown = true;
    await announcer.apply([path('10.0.0.0/24', '192.0.2.1', 5000)], NOW);
    daemon.isDown = false;
    mayAnnounce = false;
    await timer.advance(1000);
    expect([daemon.calls, daemon.paths.size]).toEqual([['all'], 0]);
  });

  it('puts nothing into a daemon that comes back empty before a tick has looked at its routes', async () => {
    const { daemon, timer, announcer } = setUp();
    const desired = [path('10.0.0.0/24', '192.0.2.1', 9000)];
    await announcer.apply(desired, NOW);
    daemon.isDown = true;
    await announcer.apply(desired, NOW);
    daemon.isDown = false;
    daemon.paths.clear();
    await timer.advance(1000);
    await timer.advance(2000);
    expect([daemon.paths.size, announcer.failureCount]).toEqual([0, 1]);
    await announcer.apply(desired, { ...NOW, atMs: 2000 });
    expect([...daemon.paths.keys()]).toEqual(['10.0.0.0/24']);
  });

  it('makes up for what failed within a second', async () => {
    const { daemon, timer, announcer } = setUp();
    await announcer.apply([path('10.0.0.0/24', '192.0.2.1', 5000), path('10.0.1.0/24', '192.0.2.1', 5000)], NOW);
    daemon.isDown = true;
    await announcer.apply([path('10.0.0.0/24', '192.0.2.1', 5000)], NOW);
    expect([daemon.paths.size, announcer.failureCount]).toEqual([2, 1]);
    daemon.isDown = false;
    await timer.advance(1000);
    expect([...daemon.paths.keys()]).toEqual(['10.0.0.0/24']);
  });

  it('does not give up to withdraw everything, whichever call fails', async () => {
    for (let failing = 0; failing < 6; failing++) {
      const { daemon, timer, announcer } = setUp();
      for (const k of [2, 9]) daemon.paths.set(`10.0.${k}.0/24`, 'of a process before');
      await announcer.apply([], NOW);
      for (const k of [0, 1, 2]) daemon.paths.set(`10.0.${k}.0/24`, 'what it was told before, carried out late');
      daemon.failAt(failing);
      await announcer.withdrawAll(['10.0.0.0/24', '10.0.1.0/24']).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
      });
      await timer.advance(1000);
      expect([...daemon.paths.keys()]).toEqual([]);
    }
  });

  it('withdraws what it knows of at once, beside a daemon that is reading its table', async () => {
    const { daemon, announcer } = setUp();
    await announcer.apply([path('10.0.0.0/24')], NOW);
    const reading = Promise.withResolvers<void>();
    daemon.reading = reading.promise;
    const applied = announcer.apply([path('10.0.0.0/24'), path('10.0.1.0/24')], NOW);
    const withdrawn = announcer.withdrawAll();
    await Promise.resolve();
    expect(daemon.paths.size).toBe(0);
    reading.resolve();
    await Promise.all([applied, withdrawn]);
    expect(daemon.paths.size).toBe(0);
  });

  it('puts nothing back once it is withdrawn, lost, or over, though a turn before it waits for the daemon', async () => {
    const paths = [0, 1, 2].map((k) => path(`10.0.${k}.0/24`, '192.0.2.1', 500 + k));
    for (const [change, left] of [
      [({ announcer }) => announcer.withdrawAll(), []],
      [({ announcer }) => announcer.keep(new Set(['10.0.1.0/24'])), ['10.0.1.0/24']],
      [({ timer }) => timer.advance(501), ['10.0.2.0/24']],
      [({ announcer }) => announcer.apply([paths[0]], { atMs: 0, isAdding: true }), ['10.0.0.0/24']],
    ] satisfies [(parts: ReturnType<typeof setUp>) => Promise<void>, string[]][]) {
      const parts = setUp();
      const { daemon, announcer } = parts;
      await announcer.apply([], NOW);
      const reading = Promise.withResolvers<void>();
      daemon.reading = reading.promise;
      const applied = announcer.apply(paths, NOW);
      await Promise.resolve();
      const changed = change(parts);
      reading.resolve();
      await Promise.all([applied, changed]);
      expect([...daemon.paths.keys()]).toEqual(left);
      const announced = daemon.calls.filter((call) => call.startsWith('announce'));
      expect(announced).toEqual(left.length === 0 ? [] : [`announce ${left.join(' ')}`]);
    }
  });

  it('reads the whole table once, and not at all where somebody else has', async () => {
    const { daemon, announcer } = setUp();
    daemon.paths.set('10.0.9.0/24', 'of a process before');
    announcer.found(['10.0.9.0/24']);
    await announcer.apply([path('10.0.0.0/24')], NOW);
    await announcer.withdrawAll();
    expect([daemon.calls.includes('all'), daemon.paths.size]).toEqual([false, 0]);
    const other = setUp();
    await other.announcer.withdrawAll();
    await other.announcer.withdrawAll();
    await other.announcer.apply([path('10.0.0.0/24')], NOW);
    expect(other.daemon.calls.filter((call) => call === 'all')).toHaveLength(1);
  });

  it('ends though the daemon never answers', async () => {
    const { daemon, announcer } = setUp();
    const reading = Promise.withResolvers<void>();
    daemon.reading = reading.promise;
    // As a client does whose calls are given up.
    daemon[Symbol.dispose] = () => reading.reject(new EgressoError('SERVICE_UNAVAILABLE', 'closed'));
    const applied = announcer.apply([path('10.0.0.0/24')], NOW);
    await announcer[Symbol.asyncDispose]();
    await applied;
    expect([daemon.calls, announcer.failureCount]).toEqual([['all'], 1]);
  });

  it('counts leases from when they were given, on a clock of its own', async () => {
    const { daemon, timer, announcer } = setUp();
    // The clock of the ticks may be any, and be set.
    await announcer.apply([path('10.0.0.0/24', '192.0.2.1', 7_000_500)], { atMs: 7_000_000, isAdding: true });
    await timer.advance(499);
    expect(daemon.paths.size).toBe(1);
    await timer.advance(500);
    expect(daemon.paths.size).toBe(0);
    await announcer.apply([path('10.0.0.0/24', '192.0.2.1', 1000)], { atMs: 1000, isAdding: true });
    expect(daemon.paths.size).toBe(0);
  });

  it('ends equal to what is desired, whatever failed and was forgotten on the way', async () => {
    const step = fc.record({
      desired: fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 1, max: 3 })), {
        selector: ([k]) => k,
      }),
      isDown: fc.boolean(),
      forgets: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const { daemon, announcer } = setUp();
        for (const { desired, isDown, forgets } of steps) {
          daemon.isDown = isDown;
          const paths = desired.map(([k, hop]) => path(`10.0.${k}.0/24`, `192.0.2.${hop}`));
          if (forgets) daemon.paths.clear();
          const failures = announcer.failureCount;
          await announcer.apply(paths, NOW);
          if (isDown || announcer.failureCount > failures) continue;
          expect(new Map(daemon.paths)).toEqual(new Map(paths.map((one) => [one.prefix, contentOf(one)])));
        }
        daemon.isDown = false;
        await announcer.withdrawAll();
        expect(daemon.paths.size).toBe(0);
      }),
    );
  });
});
