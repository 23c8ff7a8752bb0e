/** Configurations that `egresso run` refuses, by the place of their fault. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseManagerConfig } from '../../src/manager/config.ts';
import { runHere, STACK_TRACE } from './run-cli.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'egresso-run-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const POINTS = 'points: [{ id: a, capacity: 1 }]';
/** Points that collectors know by something. */
const of = (...known: readonly string[]): string =>
  `points: [${known.map((one, at) => `{ id: p${at}, capacity: 1, ${one.slice(1)}`).join(', ')}]\nreplay: x`;

it.each([
  ['what is no YAML', '{', 'FORMAT_INVALID'],
  ['what is no object', '7', 'OPTIONS_INVALID'],
  ['no collector', POINTS, 'must have either replay, or all of'],
  ['a field that there is not', `${POINTS}\nreplay: x\ntick: 1`, ': /tick: is not known'],
  [
    'a setting that there is not',
    `${POINTS}\nreplay: x\ndecision: { maxChange: 1 }`,
    '/decision/maxChange: is not known',
  ],
  ['no time for a question', `${POINTS}\nreplay: x\nsolveLimitMs: 0`, '/solveLimitMs: must be >= 1'],
  ['a price of changes beyond sums', `${POINTS}\nreplay: x\ndecision: { changeCost: 1e30 }`, '/decision/changeCost'],
  ['a price beyond sums', 'points: [{ id: a, capacity: 1, price: 1e30 }]\nreplay: x', '/points/0/price'],
  ['marks of years', `${POINTS}\nreplay: x\ndecision: { ofTicks: 1e9 }`, '/decision/ofTicks'],
  ['a capacity of next to nothing', 'points: [{ id: a, capacity: 1e-300 }]\nreplay: x', '/points/0/capacity'],
  ['a capacity beyond all', 'points: [{ id: a, capacity: 1e308 }]\nreplay: x', '/points/0/capacity'],
  [
    'an SNMP time-out that no timer takes',
    'points: [{ id: a, capacity: 1 }]\nreplay: x\nsnmp: { community: public, timeoutMs: 3000000000 }',
    '/snmp/timeoutMs',
  ],
  ['a watermark above another', 'points: [{ id: a, capacity: 1, low: 0.9, high: 0.8 }]\nreplay: x', '/points/0/low'],
  ['a watermark that is the other', `${POINTS}\nreplay: x\ndecision: { low: 0.85 }`, '/decision/low: must be below'],
  ['a watermark below that of all', 'points: [{ id: a, capacity: 1, high: 0.7 }]\nreplay: x', '/points/0/low'],
  ['a unit that there is not', `${POINTS}\nreplay: x\nunit: Mbps`, '/unit'],
  ['a point without a name', 'points: [{ id: "", capacity: 1 }]\nreplay: x', '/points/0/id'],
  ['a name with an escape', 'points: [{ id: "a\\e[31m", capacity: 1 }]\nreplay: x', '/points/0/id: must be printable'],
  ['a name in two lines', 'points: [{ id: "a\\u2028b", capacity: 1 }]\nreplay: x', '/points/0/id: must be printable'],
  [
    'a name with a blank at its end',
    'points: [{ id: "a ", capacity: 1 }]\nreplay: x',
    '/points/0/id: must be printable',
  ],
  ['a local-pref that routers have too', `${POINTS}\nreplay: x\ngobgp: { localPref: 100 }`, '/gobgp/localPref'],
  ['a sampling rate beyond all', `${POINTS}\nreplay: x\nsamplingRate: 1.0e+300`, '/samplingRate'],
  ['an interface without a name', of('{ agent: r1, interface: "" }'), '/points/0/interface'],
  ['two points of a name', 'points: [{ id: a, capacity: 1 }, { id: a, capacity: 1 }]\nreplay: x', '/points/1/id'],
  ['M above N', `${POINTS}\nreplay: x\ndecision: { overTicks: 9 }`, '/decision/overTicks'],
  ['leases that end between ticks', `${POINTS}\nreplay: x\ntickMs: 300000`, '/decision/leaseMs'],
  ['flows too late to verify a move', `${POINTS}\nreplay: x\ndecision: { flowLagMs: 120000 }`, '/decision/flowLagMs'],
  ['telemetry that is stale between ticks', `${POINTS}\nreplay: x\ndecision: { staleMs: 0 }`, '/decision/staleMs'],
  ['more time for questions than a tick has', `${POINTS}\nreplay: x\nsolveBudgetMs: 30001`, '/solveBudgetMs'],
  ['a community of too large numbers', `${POINTS}\nreplay: x\ngobgp: { community: "70000:1" }`, '/gobgp/community'],
  ['a community written otherwise', `${POINTS}\nreplay: x\ngobgp: { community: "064:1" }`, '/gobgp/community'],
  ['a community that is reserved', `${POINTS}\nreplay: x\ngobgp: { community: "65535:666" }`, '/gobgp/community'],
  ...[
    '127.0.0.1',
    '127.0.0.1:',
    '127.0.0.1:0',
    '127.0.0.1:65536',
    '127.0.0.1:5005l',
    '300.0.0.1:50051',
    ':50051',
    '::1:50051',
    '[::g]:50051',
    'http://gobgp:50051',
    'a b:50051',
  ].map((address): [string, string, string] => [
    `GoBGP at ${address}`,
    `${POINTS}\nreplay: x\ngobgp: { address: "${address}" }`,
    `/gobgp/address: must be host:port, with a port of 1..65535, not "${address}"`,
  ]),
  ['a list of nonsense', `${POINTS}\nreplay: x\ndecision: { deny: [10.0.0.1/8] }`, '/decision/deny/0'],
  ['a next hop that is no address', of('{ nextHops: [eth0] }'), '/points/0/nextHops/0'],
  ['a next hop that is nowhere', of('{ nextHops: ["0.0.0.0"] }'), '/points/0/nextHops/0'],
  ['a next hop of IPv6 that is nowhere', of('{ nextHops: ["::"] }'), '/points/0/nextHops/0'],
  ['a next hop that is here', of('{ nextHops: [192.0.2.1, 127.0.0.1] }'), '/points/0/nextHops/1'],
  ['a next hop that is here, as IPv4 in IPv6', of('{ nextHops: ["::ffff:7f00:1"] }'), '/points/0/nextHops/0'],
  [
    'a next hop that is many',
    of('{ nextHops: ["ff02::1"] }'),
    'must be the address of a router, not ff02::1, which is',
  ],
  ['an exporter that is many', of('{ exporter: 224.0.0.5 }'), '/points/0/exporter'],
  ['an exporter that is nowhere', of('{ exporter: 0.0.0.0 }'), '/points/0/exporter'],
  ['an exporter that is all', of('{ exporter: 255.255.255.255 }'), '/points/0/exporter'],
  ['an agent that is nowhere', of('{ agent: "::", interface: eth0 }'), '/points/0/agent'],
  [
    'a next hop of two points, once as IPv4 in IPv6',
    of('{ nextHops: [192.0.2.1] }', '{ nextHops: ["0:0:0:0:0:FFFF:192.0.2.1"] }'),
    '/points/1/nextHops/0',
  ],
  [
    'two points of an interface, the agent once as IPv4 in IPv6',
    of('{ agent: 10.0.0.1, interface: eth0 }', '{ agent: "::ffff:10.0.0.1", interface: eth0 }'),
    '/points/1/interface',
  ],
  [
    'host bits in a list, as IPv4 in IPv6',
    `${POINTS}\nreplay: x\ndecision: { allow: ["::ffff:10.0.0.1/104"] }`,
    '/decision/allow/0',
  ],
  ['a next hop of two points', of('{ nextHops: [192.0.2.1] }', '{ nextHops: [192.0.2.1] }'), '/points/1/nextHops/0'],
  [
    'a next hop of two points, written otherwise',
    of('{ nextHops: ["2001:DB8::1"] }', '{ nextHops: ["2001:db8:0::1"] }'),
    '/points/1/nextHops/0',
  ],
  [
    'an exporter of two points, once as IPv4 in IPv6',
    of('{ exporter: 10.0.0.1 }', '{ exporter: "::ffff:10.0.0.1" }'),
    '/points/1/exporter',
  ],
  ['an exporter that is no address', of('{ exporter: edge-1 }'), '/points/0/exporter'],
  [
    'two points of an interface in flow records',
    of('{ exporter: 10.0.0.1, ifIndex: 3 }', '{ exporter: 10.0.0.1, ifIndex: 3 }'),
    '/points/1/ifIndex',
  ],
  [
    'an exporter that is one point as a whole and another in part',
    of('{ exporter: 10.0.0.1 }', '{ exporter: 10.0.0.1, ifIndex: 3 }'),
    '/points/1/ifIndex',
  ],
  [
    'two points of an interface of an agent',
    of('{ agent: r1, interface: eth0 }', '{ agent: r1, interface: eth0 }'),
    '/points/1/interface',
  ],
  ['an API for others without keys', `${POINTS}\nreplay: x\napi: { host: 0.0.0.0 }`, '/api/host must be this machine'],
  ['an API with keys that are missing', `${POINTS}\nreplay: x\napi: { keys: missing.json }`, 'FILE_UNREADABLE'],
  ['a log that is closed all the time', `${POINTS}\nreplay: x\nauditLimit: 1000`, '/auditLimit'],
  ['a recording that is missing', `${POINTS}\nreplay: missing.jsonl`, 'FILE_UNREADABLE'],
  [
    'points that collectors do not know',
    `${POINTS}\ngobgp: {}\npmacct: { file: x }\nsnmp: {}`,
    '/points/0/nextHops must not be empty',
  ],
])('a configuration with %s is refused', async (_, content, message) => {
  const path = join(folder, 'config.yaml');
  writeFileSync(path, content);
  const { code, stdout, stderr } = await runHere(['run', path]);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(message);
  expect(stderr).not.toMatch(STACK_TRACE);
});

it.each(['gobgp:50051', '10.0.0.1:1', '[::1]:65535', 'gobgp_1.example.:50051'])('takes GoBGP at %s', (address) => {
  const config = parseManagerConfig(`${POINTS}\nreplay: x\ngobgp: { address: "${address}" }`, 'config');
  expect(config.gobgp?.address).toBe(address);
});
