/** A log of many files, and every step between two of them failing. */
import { existsSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AuditFile, type AuditOptions } from '../../../src/manager/audit/audit-file.ts';
import { closedFiles, closedPath } from '../../../src/manager/audit/closed-files.ts';
import { AUDIT_DISK, type AuditDisk } from '../../../src/manager/audit/disk.ts';
import { LogFiles } from '../../../src/manager/audit/log-files.ts';
import { NO_RECORD } from '../../../src/manager/audit/record.ts';
import { type ReplayReport, replayAudit } from '../../../src/manager/audit/replay.ts';
import { Network } from '../paper-network.ts';
import { TICK_MS } from '../simulation.ts';

/** A start is some 2 kB, a tick 1. */
const SMALL: AuditOptions = { limit: 4_000, keep: null };

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'egresso-audit-'));
  path = join(folder, 'audit.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

const files = (): string[] => [...closedFiles(path).map((one) => one.path), path].filter((one) => existsSync(one));
const kinds = (file: string): string[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { kind: string }).kind);
const ticksIn = (all: readonly string[]): number => all.flatMap(kinds).filter((kind) => kind === 'tick').length;

function replay(paths: readonly string[]): Promise<ReplayReport> {
  const log = new LogFiles(paths);
  return replayAudit(log.lines(), (at) => log.place(at));
}

/** Ticks of a process, from a number on. */
async function run(network: Network, from: number, count: number, options = SMALL, disk = AUDIT_DISK): Promise<void> {
  using audit = new AuditFile(path, options, disk);
  const manager = network.manager(audit);
  for (let k = from; k < from + count; k++) await manager.tick(k * TICK_MS);
}

describe('a log over its limit', () => {
  it('goes on in the next file, and replays whole, in part, and file by file', async () => {
    const network = new Network();
    await run(network, 1, 8);
    await run(network, 9, 4);
    const all = files();
    expect(all.length).toBeGreaterThan(3);
    expect(all.slice(0, -1)).toEqual(all.slice(0, -1).map((_, k) => closedPath(path, k + 1)));
    for (const file of all.slice(0, -1)) expect([kinds(file)[0], kinds(file).at(-1)]).toEqual(['start', 'end']);
    expect(await replay(all)).toMatchObject({ tickCount: 12, differences: [], follows: null });
    for (const [k, file] of all.entries()) {
      const report = await replay([file]);
      expect(report).toMatchObject({ tickCount: ticksIn([file]), differences: [] });
      expect(report.follows === null).toBe(k === 0);
    }
    expect((await replay(all.slice(1))).follows).toMatch(/^[0-9a-f]{64}$/);
  });

  it('shows that a file is missing, or another order', async () => {
    await run(new Network(), 1, 12);
    const [first, second, third, ...others] = files();
    await expect(replay([first, third, ...others])).rejects.toThrow(
      'audit-000003.jsonl line 1 does not follow upon the record before',
    );
    await expect(replay([second, first])).rejects.toMatchObject({ code: 'FORMAT_INVALID' });
  });

  it('names the file of what comes out otherwise', async () => {
    await run(new Network(), 1, 12);
    const [first, second, ...others] = files();
    const lines = readFileSync(second, 'utf8').trimEnd().split('\n');
    const at = lines.findIndex((line) => line.includes('"kind":"tick"'));
    // Of somebody who writes the rest of the chain anew there is no trace but this.
    const log = new LogFiles([second]);
    const spoilt = lines.with(at, lines[at].replace(/"stateHash":"./, '"stateHash":"x'));
    writeFileSync(second, `${spoilt.slice(0, at + 1).join('\n')}\n`);
    const report = await replayAudit(log.lines());
    expect(report.differences).toEqual([at + 1]);
    const both = new LogFiles([first, second, ...others]);
    await expect(replayAudit(both.lines(), (line) => both.place(line))).rejects.toThrow('audit-000003.jsonl line 1');
  });

  it('keeps all files, or as many as it is told to', async () => {
    const network = new Network();
    await run(network, 1, 12);
    const before = closedFiles(path).length;
    expect(before).toBeGreaterThan(3);
    await run(network, 13, 6, { ...SMALL, keep: 2 });
    const kept = closedFiles(path).map(({ number }) => number);
    expect(kept).toHaveLength(2);
    expect(kept[0]).toBeGreaterThan(before - 1);
    expect(await replay(files())).toMatchObject({ differences: [], follows: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  it('never uses a number twice, where closed files were moved away', async () => {
    const network = new Network();
    await run(network, 1, 12);
    const closed = closedFiles(path);
    const newest = closed.at(-1)!.number;
    for (const { path: one } of closed) rmSync(one);
    await run(network, 13, 8);
    expect(closedFiles(path)[0].number).toBe(newest + 1);
  });

  it('in files of before there were numbers begins to number them', async () => {
    const network = new Network();
    {
      using audit = new AuditFile(path, { limit: Number.POSITIVE_INFINITY, keep: null });
      await network.manager(audit).tick(TICK_MS);
    }
    const old = readFileSync(path, 'utf8')
      .split('\n')[0]
      .replace(/,"file":1,/, ',');
    writeFileSync(path, `${old}\n`);
    expect(old).toContain(NO_RECORD);
    network.saved = JSON.parse(old).state;
    await run(network, 1, 8);
    expect(closedFiles(path)[0].number).toBe(1);
    expect(await replay(files())).toMatchObject({ tickCount: 8, differences: [] });
  });
});

/** Without waiting for the disk: what is tried is the order of the steps. */
const QUICK: AuditDisk = {
  open: (path) => openSync(path, 'a'),
  append: (file, text) => writeFileSync(file, text),
  rename: renameSync,
  remove: (path) => rmSync(path),
};

/** One call, after so many, fails: before anything was done, half done, or done. */
class FailingDisk implements AuditDisk {
  readonly #manner: Manner;
  #callsToFailure: number;
  hasFailed = false;

  constructor(callsToFailure: number, manner: Manner) {
    this.#callsToFailure = callsToFailure;
    this.#manner = manner;
  }

  open(path: string): number {
    return this.#call(() => QUICK.open(path));
  }

  append(file: number, text: string): void {
    this.#call(
      () => QUICK.append(file, text),
      () => QUICK.append(file, text.slice(0, text.length / 2)),
    );
  }

  rename(from: string, to: string): void {
    this.#call(() => QUICK.rename(from, to));
  }

  remove(path: string): void {
    this.#call(() => QUICK.remove(path));
  }

  #call<T>(work: () => T, half: () => void = () => {}): T {
    if (this.#callsToFailure-- !== 0) return work();
    this.hasFailed = true;
    if (this.#manner === 'after') work();
    if (this.#manner === 'half') half();
    throw new Error('no space left on device');
  }
}

type Manner = 'before' | 'half' | 'after';

describe.each<Manner>(['before', 'half', 'after'])('a step that fails, %s it is done', (manner) => {
  /** Every call of a run that begins three files. */
  const steps = Array.from({ length: 24 }, (_, k) => k);

  it.each(steps)('is made up for by the next process: step %d', async (step) => {
    const network = new Network();
    const disk = new FailingDisk(step, manner);
    let done = 0;
    try {
      using audit = new AuditFile(path, { limit: 4_000, keep: 1 }, disk);
      const manager = network.manager(audit);
      for (let k = 1; k <= 9; k++) {
        await manager.tick(k * TICK_MS);
        done = k;
      }
    } catch (error) {
      expect(error).toMatchObject({ code: 'FILE_UNREADABLE' });
    }
    expect(disk.hasFailed).toBe(true);
    await run(network, 10, 5, SMALL, QUICK);
    await expectWhole(done + 5);
  });

  it.each(steps)('is made up for by the same process: step %d', async (step) => {
    const network = new Network();
    const disk = new FailingDisk(step, manner);
    let audit: AuditFile | null = null;
    try {
      audit = new AuditFile(path, { limit: 4_000, keep: null }, disk);
    } catch {
      audit = new AuditFile(path, { limit: 4_000, keep: null }, disk);
    }
    let manager: ReturnType<Network['manager']>;
    try {
      manager = network.manager(audit);
    } catch {
      manager = network.manager(audit);
    }
    let done = 0;
    for (let k = 1; k <= 14; k++) {
      try {
        await manager.tick(k * TICK_MS);
        done++;
      } catch (error) {
        expect(error).toMatchObject({ code: 'FILE_UNREADABLE' });
      }
    }
    expect([disk.hasFailed, done >= 13]).toEqual([true, true]);
    audit[Symbol.dispose]();
    await expectWhole(done);
  });

  /** Every record that was acted on is there; one that was not may be. */
  async function expectWhole(least: number): Promise<void> {
    const kept = files();
    const report = await replay(kept);
    expect(report.differences).toEqual([]);
    if (report.follows === null) {
      expect(report.tickCount - least).toBeGreaterThanOrEqual(0);
      expect(report.tickCount - least).toBeLessThanOrEqual(1);
    }
    expect(existsSync(path)).toBe(true);
  }
});
