/** `egresso withdraw` and `egresso watchdog` against a daemon of our own, with a manager that was here before. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gobgpSpeaker } from '../../src/manager/announcer/gobgp-announcer.ts';
import { INITIAL_STATE } from '../../src/manager/decision/state.ts';
import { hasBeaten } from '../../src/manager/heartbeat.ts';
import { keepInstance, UNMARKED } from '../../src/manager/instance.ts';
import { saveState } from '../../src/manager/state-file.ts';
import { FakeGobgp } from '../manager/gobgp/fake-gobgp.ts';
import { route } from '../manager/simulation.ts';
import { runHere, STACK_TRACE } from './run-cli.ts';

const PREFIXES = ['10.0.0.0/24', '10.0.1.0/24'];
const TICK_MS = 200;
const TICK_COUNT = 60;
const COMMUNITY = '64512:7040';

let folder: string;
let config: string;
let data: string;
let gobgp: FakeGobgp;
let speaker: { address: string; localPref: number; community: string; noExport: boolean };

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'egresso-withdraw-'));
  config = join(folder, 'config.json');
  data = join(folder, 'data');
  gobgp = await FakeGobgp.start();
  speaker = { address: gobgp.address, localPref: 1000, community: COMMUNITY, noExport: false };
  writeConfig(TICK_MS);
  using ours = gobgpSpeaker(speaker, { instance: UNMARKED, scope: 'own' });
  await ours.announce(PREFIXES.map((prefix) => ({ ...route('a'), prefix, leaseUntilMs: 0 })));
  using others = gobgpSpeaker({ ...speaker, community: '64512:1' }, { instance: UNMARKED, scope: 'own' });
  await others.announce([{ ...route('a'), prefix: '10.0.9.0/24', leaseUntilMs: 0 }]);
  expect(gobgp.own).toEqual([...PREFIXES, '10.0.9.0/24']);
});

afterEach(async () => {
  await gobgp[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const OTHERS = ['10.0.9.0/24'];

function writeConfig(tickMs: number): void {
  const points = [{ id: 'a', capacity: 1 }];
  const text = { tickMs, points, decision: { flowLagMs: tickMs }, gobgp: speaker, pmacct: { file: 'x' }, snmp: {} };
  writeFileSync(config, JSON.stringify(text));
}

/** A path of a manager, with its mark. */
async function announceAs(instance: number, prefix: string): Promise<void> {
  using rival = gobgpSpeaker(
    { address: gobgp.address, localPref: 1000, community: COMMUNITY, noExport: false },
    { instance, scope: 'own' },
  );
  await rival.announce([{ ...route('a'), prefix, leaseUntilMs: 0 }]);
}

describe('egresso withdraw', () => {
  it('takes out what is ours, known of or not, and pauses the manager', async () => {
    mkdirSync(data);
    keepInstance(join(data, 'instance'));
    const { code, stderr } = await runHere(['withdraw', config, '--data', data]);
    expect([code, gobgp.own, readFileSync(join(data, 'paused'), 'utf8')]).toEqual([0, OTHERS, 'withdrawn\n']);
    expect(stderr).toMatch(/^All overrides are withdrawn\.\nThe manager is paused/);
  });

  it('takes out what other managers have put in too, beside ours and for itself', async () => {
    mkdirSync(data);
    const instance = keepInstance(join(data, 'instance'));
    await announceAs(instance, '10.0.2.0/24');
    await announceAs(instance + 1, '10.0.2.0/24');
    await announceAs(instance + 1, '10.0.3.0/24');
    const { code } = await runHere(['withdraw', config, '--data', data]);
    expect([code, gobgp.own]).toEqual([0, OTHERS]);
  });

  it('says so where it has paused nobody', async () => {
    const { code, stderr } = await runHere(['withdraw', config, '--data', join(folder, 'elsewhere')]);
    expect([code, gobgp.own]).toEqual([2, OTHERS]);
    expect(stderr).toMatch(/All overrides are withdrawn[\s\S]*no manager is paused/);
  });

  it('says so where no manager has been in the folder, and leaves nothing there', async () => {
    mkdirSync(data);
    writeFileSync(join(data, 'notes.txt'), '');
    const { code, stderr } = await runHere(['withdraw', config, '--data', data]);
    expect([code, gobgp.own, readdirSync(data)]).toEqual([2, OTHERS, ['notes.txt']]);
    expect(stderr).toContain(`no manager has kept anything in ${data}, so that no manager is paused`);
  });

  it('withdraws though it cannot pause, and says so', async () => {
    mkdirSync(join(data, 'paused'), { recursive: true });
    const { code, stderr } = await runHere(['withdraw', config, '--data', data]);
    expect([code, gobgp.own]).toEqual([2, OTHERS]);
    expect(stderr).toContain('FILE_UNREADABLE');
  });

  it('fails where the daemon does not answer, and pauses all the same', async () => {
    mkdirSync(data);
    keepInstance(join(data, 'instance'));
    await gobgp[Symbol.asyncDispose]();
    const { code, stderr } = await runHere(['withdraw', config, '--data', data]);
    expect([code, readFileSync(join(data, 'paused'), 'utf8')]).toEqual([5, 'withdrawn\n']);
    expect(stderr).toContain('SERVICE_UNAVAILABLE');
    expect(stderr).not.toMatch(STACK_TRACE);
  });
});

describe('egresso watchdog', () => {
  const watch = () => runHere(['watchdog', config, '--data', data], { interruptOn: /are withdrawn/ });

  it.each<[string, () => void]>([
    ['that was never here', () => {}],
    ['that is gone', () => saveState(join(data, 'manager-state.json'), { ...INITIAL_STATE, tick: 7, atMs: 1 })],
    [
      'whose clock was ahead',
      () => saveState(join(data, 'manager-state.json'), { ...INITIAL_STATE, tick: 7, atMs: Number.MAX_SAFE_INTEGER }),
    ],
    ['whose state is spoilt', () => writeFileSync(join(data, 'manager-state.json'), '{')],
  ])('withdraws behind a manager %s', async (_, leave) => {
    mkdirSync(data);
    leave();
    const start = performance.now();
    const { code, stderr } = await watch();
    expect([code, gobgp.own]).toEqual([0, OTHERS]);
    expect(performance.now() - start).toBeGreaterThan(3 * TICK_MS);
    expect(stderr).toMatch(/^No tick for .*: all overrides are withdrawn\.\n$/);
    // A manager can tell that it is there.
    expect([hasBeaten(join(data, 'watchdog'), 60_000), hasBeaten(join(data, 'nothing'), 60_000)]).toEqual([
      true,
      false,
    ]);
  });

  it('withdraws what its manager has put in, and nothing of another', async () => {
    mkdirSync(data);
    const instance = keepInstance(join(data, 'instance'));
    for (const prefix of PREFIXES) await announceAs(instance, prefix);
    await announceAs(instance + 1, PREFIXES[0]);
    expect(gobgp.own).toHaveLength(6);
    await watch();
    // Those without a mark are of nobody whom it knows.
    expect(gobgp.own).toEqual([...PREFIXES, ...OTHERS, PREFIXES[0]]);
  });

  it('takes out everything where it cannot tell what its manager has put in', async () => {
    mkdirSync(data);
    writeFileSync(join(data, 'instance'), 'spoilt');
    await announceAs(8, PREFIXES[0]);
    await watch();
    expect(gobgp.own).toEqual(OTHERS);
  });

  it('lets be what a manager has that ticks, whatever its clock says', async () => {
    mkdirSync(data);
    let tick = 0;
    const ticking = setInterval(() => {
      tick++;
      saveState(join(data, 'manager-state.json'), { ...INITIAL_STATE, tick, atMs: 1_000_000 - tick });
      if (tick === TICK_COUNT) clearInterval(ticking);
    }, TICK_MS / 10);
    const { stderr } = await watch();
    expect([tick, gobgp.own]).toEqual([TICK_COUNT, OTHERS]);
    expect(stderr.match(/No tick/g)).toHaveLength(1);
  });

  it('has withdrawn three ticks after the last one, whenever that was', async () => {
    const tickMs = 20 * TICK_MS;
    writeConfig(tickMs);
    mkdirSync(data);
    let keptAt = 0;
    // Soon after a look.
    const waiting = setInterval(() => {
      if (!hasBeaten(join(data, 'watchdog'), tickMs)) return;
      clearInterval(waiting);
      setTimeout(() => {
        saveState(join(data, 'manager-state.json'), INITIAL_STATE);
        keptAt = performance.now();
      }, 0.06 * tickMs);
    }, 10);
    await watch();
    const silence = (performance.now() - keptAt) / tickMs;
    expect(silence).toBeGreaterThan(3);
    expect(silence).toBeLessThan(3.25);
    expect(gobgp.own).toEqual(OTHERS);
  });

  it('lets be what a manager has that is there, and reads its first table', async () => {
    mkdirSync(data);
    const seen: number[] = [];
    const waiting = setInterval(() => {
      saveState(join(data, 'manager-state.json'), INITIAL_STATE);
      if (seen.push(gobgp.own.length) === TICK_COUNT) clearInterval(waiting);
    }, TICK_MS / 10);
    const { stderr } = await watch();
    expect(seen).toEqual(Array.from({ length: TICK_COUNT }, () => PREFIXES.length + OTHERS.length));
    expect([gobgp.own, stderr.match(/No tick/g)]).toEqual([OTHERS, ['No tick']]);
  });

  it('takes out again what comes back, and reads the whole table once', async () => {
    mkdirSync(data);
    const withdrawn = /are withdrawn/;
    let count = 0;
    const isSecond = (text: string): boolean => {
      if (!withdrawn.test(text)) return false;
      // Of a daemon that was stopped, and carries out now what it was told before.
      if (++count === 1) {
        const ours = gobgpSpeaker(speaker, { instance: UNMARKED, scope: 'own' });
        const late = { ...route('a'), prefix: PREFIXES[1], leaseUntilMs: 0 };
        void ours.announce([late]).finally(() => ours[Symbol.dispose]());
      }
      return count === 2;
    };
    await runHere(['watchdog', config, '--data', data], {
      interruptOn: Object.assign(/ /, { test: isSecond }),
    });
    expect([gobgp.own, gobgp.readingCount]).toEqual([OTHERS, 2]);
  });
});
