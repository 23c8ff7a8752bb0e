/** Recordings that are refused, and why. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readRecording } from '../../../src/manager/collectors/recording.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'egresso-collectors-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each([
  ['no header', '{"atMs":0}\n', 'line 1'],
  ['no JSON', '{"format":"egresso-recording","version":1,"note":""}\nx\n', 'line 2: is no JSON'],
  ['a field too many', '{"format":"egresso-recording","version":1,"note":""}\n{"atMs":0,"x":1}\n', 'line 2'],
  [
    'time that goes back',
    '{"format":"egresso-recording","version":1,"note":""}\n{"atMs":5}\n{"atMs":5}\n',
    'line 3: /atMs must be later',
  ],
])('a recording with %s is refused', async (_, content, message) => {
  const path = join(folder, 'recording.jsonl');
  writeFileSync(path, content);
  await expect(readRecording(path)).rejects.toMatchObject({
    code: 'FORMAT_INVALID',
    message: expect.stringContaining(message),
  });
});
