/** A file that a pmacct daemon writes: followed, over rotations, with the time of its lines. */
import { appendFileSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pmacctFile } from '../../../src/manager/collectors/pmacct-file.ts';
import { EXPORTERS, GOOD } from './pmacct-lines.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'egresso-collectors-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('pmacctFile', () => {
  it('follows a file from its end, over a rotation', async () => {
    const path = join(folder, 'flows.jsonl');
    writeFileSync(path, `${GOOD}\n`);
    const source = pmacctFile(path, EXPORTERS);
    const count = async (atMs: number): Promise<number> => (await source.take(atMs)).records.length;
    expect(await source.take(1)).toEqual({ records: [], reports: [] });
    appendFileSync(path, `${GOOD}\n${GOOD}\n${GOOD.slice(0, 30)}`);
    expect(await count(2)).toBe(2);
    appendFileSync(path, `${GOOD.slice(30)}\n`);
    expect(await count(3)).toBe(1);
    expect(await source.take(4)).toEqual({ records: [], reports: [] });
    writeFileSync(path, `${GOOD}\n`);
    expect(await count(5)).toBe(1);
    await source[Symbol.asyncDispose]();
  });
});

it('a rotated file is read from its beginning, also one that is longer than the one before', async () => {
  const path = join(folder, 'rotated.jsonl');
  writeFileSync(path, `${GOOD}\n`);
  const source = pmacctFile(path, EXPORTERS);
  appendFileSync(path, GOOD.slice(0, 30));
  expect((await source.take(1)).records).toEqual([]);
  renameSync(path, `${path}.1`);
  writeFileSync(path, `${GOOD}\n`.repeat(5));
  expect([(await source.take(2)).records.length, source.malformedCount]).toEqual([5, 0]);
  await source[Symbol.asyncDispose]();
});

describe('when lines came', () => {
  it('is told by the file, and not by when it is read', async () => {
    const path = join(folder, 'timed.jsonl');
    writeFileSync(path, '');
    const source = pmacctFile(path, EXPORTERS);
    await source.take(0);
    appendFileSync(path, `${GOOD}\n`);
    const seconds = Date.now() / 1000;
    utimesSync(path, seconds - 20, seconds - 20);
    const [{ points, arrivedAtMs }] = (await source.take(1_000_000)).reports;
    expect(points).toEqual([0, 1]);
    expect(arrivedAtMs).toBeGreaterThan(970_000);
    expect(arrivedAtMs).toBeLessThanOrEqual(980_000);
    // A clock that was set: not before the lines were looked for last, and not in the future.
    for (const [shift, expected] of [
      [-86_400, 1_000_000],
      [86_400, 1_060_000],
    ]) {
      appendFileSync(path, `${GOOD}\n`);
      utimesSync(path, seconds + shift, seconds + shift);
      const batch = await source.take(expected === 1_000_000 ? 1_030_000 : 1_060_000);
      expect(batch.reports).toEqual([{ points: [0, 1], arrivedAtMs: expected }]);
    }
    await source[Symbol.asyncDispose]();
  });
});

it('a file is read between two ticks too, so that what is written over before the next one is not lost', async () => {
  const path = join(folder, 'between.jsonl');
  writeFileSync(path, '');
  const source = pmacctFile(path, EXPORTERS);
  appendFileSync(path, `${GOOD}\n${GOOD}\n{broken}\n`);
  await expect.poll(() => source.malformedCount, { timeout: 30_000 }).toBe(1);
  writeFileSync(path, `${GOOD}\n`);
  expect((await source.take(1)).records).toHaveLength(3);
  expect((await source.take(2)).records).toEqual([]);
  await source[Symbol.asyncDispose]();
});
