import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../src/manager/audit/record.ts';
import type { Moment } from '../../src/manager/collectors/recording.ts';
import type { Decision, PointSummary } from '../../src/manager/decision/decision.ts';
import { runHere } from './run-cli.ts';

const DEMO = 'examples/replay.yaml';

interface ShownTick extends Omit<Decision, 'points'> {
  readonly points: readonly (PointSummary & { readonly measured: number | null })[];
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'egresso-run-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('egresso run on the recorded day', () => {
  it('relieves the overload, leaves nothing behind, and replays bit for bit', async () => {
    const { code, stdout, stderr } = await runHere(['run', DEMO, '--data', folder]);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^48 ticks: \d+ moves, \d+ releases, 0 withdrawals\./)]);
    const ticks = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as ShownTick);
    expect(ticks).toHaveLength(48);
    const over = (of: 'load' | 'measured'): number =>
      ticks.filter(({ points }) => points.some((point) => (point[of] ?? 0) > point.high)).length;
    expect(over('measured')).toBeGreaterThan(12);
    // What is left is the time until M of N ticks were over, each time that it rose.
    expect(over('load')).toBeLessThan(6);
    expect(ticks.at(-1)?.overrideCount).toBe(0);
    for (const { changes } of ticks) expect(changes.length).toBeLessThanOrEqual(4);

    const log = join(folder, 'audit.jsonl');
    const replayed = await runHere(['replay', log]);
    expect(replayed).toMatchObject({ code: 0, stdout: expect.stringContaining('bit for bit') });

    const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
    const changed = join(folder, 'changed.jsonl');
    writeFileSync(changed, `${lines.slice(0, 20).join('\n')}\n${lines.slice(21).join('\n')}\n`);
    const refused = await runHere(['replay', changed]);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('FORMAT_INVALID') });

    const cut = join(folder, 'cut.jsonl');
    writeFileSync(cut, lines.join('\n').slice(0, -7));
    const before = await runHere(['replay', cut]);
    const known = replayed.stdout.replace(/^\d+ decisions/, `${lines.length - 2} decisions`);
    expect(before).toEqual({
      code: 0,
      stdout: known,
      stderr: expect.stringContaining(`line ${lines.length}, was cut off`),
    });
    expect(JSON.parse((await runHere(['replay', cut, '--json'])).stdout)).toMatchObject({
      tickCount: lines.length - 2,
      cutOff: `line ${lines.length}`,
    });
    // Whole but for its end, it is a record as any other.
    writeFileSync(cut, lines.join('\n'));
    expect(await runHere(['replay', cut])).toMatchObject({ code: 0, stdout: replayed.stdout, stderr: '' });
    // In the middle of a log nothing is dropped.
    writeFileSync(cut, `${lines.slice(0, 20).join('\n').slice(0, -7)}`);
    const next = join(folder, 'next.jsonl');
    writeFileSync(next, `${lines.slice(20).join('\n')}\n`);
    expect(await runHere(['replay', cut, next])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('cut.jsonl line 20 is no record'),
    });

    const parts = join(folder, 'parts');
    mkdirSync(parts);
    const files = [join(parts, 'audit-000001.jsonl'), join(parts, 'audit.jsonl')];
    writeFileSync(files[0], `${lines.slice(0, 20).join('\n')}\n`);
    writeFileSync(files[1], `${lines.slice(20).join('\n')}\n`);
    for (const given of [[folder], [parts], files]) {
      expect(await runHere(['replay', ...given])).toMatchObject({ code: 0, stdout: replayed.stdout });
    }
    for (const given of [[files[1]], files.toReversed()]) {
      expect(await runHere(['replay', ...given])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('line 1 '),
      });
    }

    const last = JSON.parse(lines.at(-1) as string);
    last.decision.overrideCount++;
    writeFileSync(changed, `${lines.slice(0, -1).join('\n')}\n${JSON.stringify(last)}\n`);
    const different = await runHere(['replay', changed, '--json']);
    expect([different.code, JSON.parse(different.stdout).differences]).toEqual([3, [lines.length]]);
  });

  it('goes on in another file of the log, which replays whole and by itself', async () => {
    const data = join(folder, 'long');
    const config = join(folder, 'long.yaml');
    const recording = resolve('examples/data/egress-day.jsonl.gz');
    const text = readFileSync(DEMO, 'utf8').replace('data/egress-day.jsonl.gz', recording);
    writeFileSync(config, `${text}\nauditLimit: 1000000\nauditKeep: 1\n`);
    for (let day = 0; day < 2; day++) {
      expect(await runHere(['run', config, '--data', data])).toMatchObject({ code: 0 });
    }
    expect(readdirSync(data).sort()).toEqual(['audit-000001.jsonl', 'audit.jsonl']);
    // Whoever keeps them may compress them.
    const closed = join(data, 'audit-000001.jsonl');
    writeFileSync(`${closed}.gz`, gzipSync(readFileSync(closed)));
    rmSync(closed);
    for (const [log, ticks] of [
      [data, /^96 decisions .*bit for bit\n$/],
      [
        join(data, 'audit.jsonl'),
        /^\d+ decisions .*bit for bit\nFiles before are left out.* follows upon record [0-9a-f]{64}/,
      ],
    ] as const) {
      expect(await runHere(['replay', log])).toMatchObject({ code: 0, stdout: expect.stringMatching(ticks) });
    }
  });

  it('decides the same once more, and logs the same bytes', async () => {
    const again = join(folder, 'again');
    expect(await runHere(['run', DEMO, '--data', again])).toMatchObject({ code: 0 });
    const logs = [folder, again].map((data) => readFileSync(join(data, 'audit.jsonl')));
    expect(logs[1].equals(logs[0])).toBe(true);
  });

  it('is the same by any clock, and a year in which nothing was recorded is passed over', async () => {
    const [header, ...moments] = gunzipSync(readFileSync('examples/data/egress-day.jsonl.gz'))
      .toString()
      .trimEnd()
      .split('\n');
    const shifted = async (ahead: (at: number) => number): Promise<Decision[]> => {
      const lines = moments.map((line, at) => {
        const { atMs, counters, ...rest } = JSON.parse(line) as Moment;
        const later = counters?.map((one) => ({ ...one, upTime: one.upTime + ahead(at) / 10 }));
        return JSON.stringify({ atMs: atMs + ahead(at), ...rest, ...(later !== undefined && { counters: later }) });
      });
      writeFileSync(join(folder, 'shifted.jsonl'), `${[header, ...lines].join('\n')}\n`);
      const config = join(folder, 'shifted.yaml');
      writeFileSync(config, readFileSync(DEMO, 'utf8').replace('data/egress-day.jsonl.gz', 'shifted.jsonl'));
      const { code, stdout } = await runHere(['run', config]);
      expect(code).toBe(0);
      return stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Decision);
    };
    const year = 365 * 86_400_000;
    const [plain, epoch, broken] = [
      await shifted(() => 0),
      await shifted(() => 1_800_000_000_000),
      await shifted((at) => (at < 25 ? 0 : year)),
    ];
    expect(epoch).toEqual(plain);
    // The half day, three ticks by which all that it has moved is taken back, and the rest a year later.
    expect([broken.length, broken.slice(0, 25)]).toEqual([25 + 3 + 23, plain.slice(0, 25)]);
    expect(broken[27]).toMatchObject({ overrideCount: 0 });
    expect(broken[28].atMs).toBe(plain[25].atMs + year);
  });

  it('is not announced', async () => {
    const { code, stderr } = await runHere(['run', DEMO, '--announce', '--data', folder]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('USAGE')]);
  });
});

it('replay names a log that is not there, and a line that is none', async () => {
  const missing = await runHere(['replay', join(folder, 'nothing.jsonl')]);
  expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('FILE_UNREADABLE') });
  const later = JSON.stringify({
    kind: 'start',
    version: 2,
    settings: {},
    limits: [],
    state: {},
    previous: sha256(''),
  });
  writeFileSync(join(folder, 'later.jsonl'), `${later}\n`);
  const newer = await runHere(['replay', join(folder, 'later.jsonl')]);
  expect(newer).toMatchObject({ code: 2, stderr: expect.stringContaining('is of version 2, not 1') });
  for (const text of ['', '{"kind":"start","ver']) {
    writeFileSync(join(folder, 'empty.jsonl'), text);
    const empty = await runHere(['replay', join(folder, 'empty.jsonl')]);
    expect(empty).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('there is no whole record') });
  }
  const nothing = mkdtempSync(join(folder, 'nothing-'));
  expect(await runHere(['replay', nothing])).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining(nothing),
  });
  writeFileSync(join(folder, 'bad.jsonl'), '{}\n');
  const bad = await runHere(['replay', join(folder, 'bad.jsonl')]);
  expect(bad).toMatchObject({ code: 2, stderr: expect.stringContaining('line 1') });
});

it('withdraw and watchdog want to know where GoBGP is', async () => {
  for (const command of ['withdraw', 'watchdog']) {
    const { code, stderr } = await runHere([command, DEMO]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('nothing was ever announced')]);
  }
});
