import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AuditFile } from '../../../src/manager/audit/audit-file.ts';
import type { StartRecord } from '../../../src/manager/audit/record.ts';
import { replayAudit } from '../../../src/manager/audit/replay.ts';
import { INITIAL_STATE } from '../../../src/manager/decision/state.ts';
import { limitsOf, settingsOf } from '../simulation.ts';

let folder: string;
let path: string;
const settings = settingsOf();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'egresso-audit-'));
  path = join(folder, 'audit.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A record of so many points: longer than what is read at a time. */
function start(pointCount: number): StartRecord {
  const points = Array.from({ length: pointCount }, (_, p) => ({ id: `point ${p}`, capacity: 1, price: 0 }));
  return { kind: 'start', version: 1, settings, limits: limitsOf(points, settings), state: INITIAL_STATE };
}

function append(pointCount: number): void {
  using file = new AuditFile(path);
  file.append(start(pointCount), () => start(pointCount));
}

const lines = (): string[] => readFileSync(path, 'utf8').trimEnd().split('\n');

it('a process carries on with the log of the one before, however long its last record is', async () => {
  for (const pointCount of [1, 3_000, 2]) append(pointCount);
  expect(lines()).toHaveLength(3);
  expect(await replayAudit(lines())).toMatchObject({ differences: [] });
});

it.each([1, 100, 70_000])(
  'a record that was cut off %d bytes before its end goes, and the chain holds',
  async (lost) => {
    append(2);
    append(3_000);
    truncateSync(path, statSync(path).size - lost);
    append(4);
    expect(lines()).toHaveLength(2);
    expect(await replayAudit(lines())).toMatchObject({ differences: [] });
  },
);

it('a log of nothing but the beginning of a record starts anew', async () => {
  appendFileSync(path, '{"kind":"sta');
  append(1);
  expect(await replayAudit(lines())).toMatchObject({ tickCount: 0, differences: [] });
});
