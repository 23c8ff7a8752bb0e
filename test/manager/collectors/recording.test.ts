import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readRecording } from '../../../src/manager/collectors/recording.ts';

const HEADER = { format: 'egresso-recording', version: 1, note: '' };
const ROUTE = { prefix: '10.0.0.0/8', point: 'a', nextHop: '192.0.2.1', asPath: [] };
const FLOW = { point: 'a', destination: '10.0.0.7', bytes: 1, packets: 1 };

let path: string;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'egresso-recording-'));
  path = join(folder, 'recording.jsonl');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(...moments: readonly object[]): void {
  writeFileSync(path, [HEADER, ...moments].map((one) => `${JSON.stringify(one)}\n`).join(''));
}

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
  writeFileSync(path, content);
  await expect(readRecording(path, ['a'])).rejects.toMatchObject({
    code: 'FORMAT_INVALID',
    message: expect.stringContaining(message),
  });
});

it.each<[string, object, string]>([
  ['time that no clock has', { atMs: 1e300 }, '/atMs must be <= 9007199254740991'],
  ['a route of a point', { routes: [ROUTE, { ...ROUTE, point: 'A' }] }, '/routes/1/point must be one of the config'],
  ['a withdrawal at a point', { withdrawn: [{ prefix: '10.0.0.0/8', point: 'c' }] }, '/withdrawn/0/point must be one'],
  ['a counter of a point', { counters: [{ point: 'eth0', octets: '1', upTime: 1 }] }, '/counters/0/point must be one'],
  ['a flow of a point', { flows: [FLOW, FLOW, { ...FLOW, point: '' }] }, '/flows/2/point must be one of the config'],
  ['a route to no prefix', { routes: [{ ...ROUTE, prefix: '10.0.0.1/8' }] }, '/routes/0/prefix must be an IP prefix'],
  ['a withdrawal of none', { withdrawn: [{ prefix: '10.0.0.0', point: 'a' }] }, '/withdrawn/0/prefix must be an IP'],
  ['a next hop that is none', { routes: [{ ...ROUTE, nextHop: 'r1' }] }, '/routes/0/nextHop must be an IP address'],
  ['a next hop of no router', { routes: [ROUTE, { ...ROUTE, nextHop: '224.0.0.1' }] }, '/routes/1/nextHop must be the'],
  [
    'a community that is none',
    { routes: [{ ...ROUTE, communities: ['hello'] }] },
    '/routes/0/communities/0 must match',
  ],
  [
    'a counter of more than 64 bits',
    { counters: [{ point: 'a', octets: '18446744073709551616', upTime: 1 }] },
    '/counters/0/octets must be of 64 bits',
  ],
  ['a field', { color: 1 }, '/color is not known'],
  ['a flow to nowhere', { flows: [{ ...FLOW, destination: 'x' }] }, '/flows/0/destination must be an IP address'],
])('a recording with %s that there is not is refused, by line and field', async (_, fields, message) => {
  write({ atMs: 0 }, { atMs: 1, ...fields });
  await expect(readRecording(path, ['a', 'b'])).rejects.toMatchObject({
    code: 'FORMAT_INVALID',
    message: expect.stringContaining(`line 3: ${message}`),
  });
});

it('times are since the first moment, whatever the clock', async () => {
  write({ atMs: 1_800_000_000_000, flows: [FLOW] }, { atMs: 1_800_000_030_000.5, routes: [ROUTE] });
  const { moments } = await readRecording(path, ['a']);
  expect(moments).toEqual([
    { atMs: 0, flows: [FLOW] },
    { atMs: 30_000.5, routes: [ROUTE] },
  ]);
});

it('IPv4 in IPv6 is IPv4', async () => {
  const flow = { ...FLOW, destination: '::ffff:10.0.0.7' };
  write({ atMs: 0, routes: [{ ...ROUTE, nextHop: '::FFFF:c000:201' }], flows: [flow] }, { atMs: 1 });
  expect((await readRecording(path, ['a'])).moments).toEqual([
    { atMs: 0, routes: [ROUTE], flows: [FLOW] },
    { atMs: 1 },
  ]);
});

it('one moment is no recording: nothing would be decided', async () => {
  write({ atMs: 0, flows: [FLOW] });
  await expect(readRecording(path, ['a'])).rejects.toMatchObject({
    code: 'FORMAT_INVALID',
    message: expect.stringContaining('must be followed by two moments'),
  });
});
