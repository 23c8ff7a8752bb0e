import { afterEach, beforeEach, expect, it } from 'vitest';
import { GobgpClient } from '../../../src/manager/gobgp/client.ts';
import { ownPath, receivedRoute } from '../../../src/manager/gobgp/path.ts';
import { route } from '../simulation.ts';
import { FakeGobgp } from './fake-gobgp.ts';

const PREFIXES = Array.from({ length: 9 }, (_, k) => `20.0.${k}.0/24`);

let gobgp: FakeGobgp;
let client: GobgpClient;

beforeEach(async () => {
  gobgp = await FakeGobgp.start();
  client = new GobgpClient(gobgp.address);
});

afterEach(async () => {
  client[Symbol.dispose]();
  await gobgp[Symbol.asyncDispose]();
});

it('finds the others beside prefixes that are in no table', async () => {
  for (const k of [0, 4, 8]) gobgp.update('10.0.0.1', PREFIXES[k], '192.0.2.1');
  gobgp.isStrict = true;
  const found: string[] = [];
  for await (const { prefix } of client.routes([...PREFIXES, '2001:db8::/32'])) found.push(prefix);
  expect(found).toEqual([PREFIXES[0], PREFIXES[4], PREFIXES[8]]);
});

it('takes an attribute that is none for a daemon that does not answer, in a table and in a watch', async () => {
  const told: string[] = [];
  const ended = Promise.withResolvers<Error | null>();
  using _ = client.watch({ onRoute: ({ prefix }) => told.push(prefix), onPeer: () => {}, onEnd: ended.resolve });
  // What comes before the watch is there is not told.
  const isThere = async (): Promise<boolean> => {
    gobgp.update('10.0.0.1', PREFIXES[0], '192.0.2.1');
    return told.length > 0;
  };
  await expect.poll(isThere, { timeout: 30_000 }).toBe(true);
  // A field of wire type 7, which there is not.
  const damaged = { type_url: 'type.googleapis.com/apipb.AsPathAttribute', value: Buffer.from([7]) };
  gobgp.update('10.0.0.1', PREFIXES[1], '192.0.2.1', [damaged]);
  expect(await ended.promise).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  expect(told).not.toContain(PREFIXES[1]);
  const reading = (async () => {
    for await (const { prefix } of client.routes()) expect(prefix).toBe(PREFIXES[0]);
  })();
  await expect(reading).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
});

it('gives up what is under way when it is closed', async () => {
  for (const prefix of PREFIXES) gobgp.update('10.0.0.1', prefix, '192.0.2.1');
  gobgp.holding = new Promise(() => {});
  const routes = client.routes();
  expect((await routes.next()).value).toMatchObject({ prefix: PREFIXES[0] });
  const next = routes.next();
  client[Symbol.dispose]();
  client[Symbol.dispose]();
  await expect(next).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  const path = ownPath({ ...route('a'), prefix: PREFIXES[0] }, 1000, ['64512:1'], 7);
  for (const call of [client.add([path]), client.delete(path), client.sessions(), client.routes().next()]) {
    await expect(call).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  }
});

it.each([
  ['20.0.0.0/24', '192.0.2.1', 'NextHopAttribute'],
  ['20.0.0.0/24', '2001:db8::1', 'MpReachNLRIAttribute'],
  ['2001:db8:1::/48', '2001:db8::1', 'MpReachNLRIAttribute'],
])('a copy of %s to %s has its next hop in %s (RFC 4271, RFC 4760, RFC 8950)', (prefix, nextHop, name) => {
  const path = ownPath({ ...route('a'), prefix, nextHop }, 1000, ['64512:1'], 7);
  const types = (path.pattrs ?? []).map((one) => String(one['@type']).replace('type.googleapis.com/apipb.', ''));
  expect(types.filter((type) => /NextHop|MpReach/.test(type))).toEqual([name]);
  expect(receivedRoute(path)).toMatchObject({ prefix, nextHop });
});

it('IPv6 by an IPv4 next hop is told, and copied, as IPv4 in IPv6 (RFC 4798), and is the same next hop', () => {
  const path = ownPath({ ...route('a'), prefix: '2001:db8:1::/48', nextHop: '192.0.2.1' }, 1000, ['64512:1'], 7);
  const hops = (path.pattrs ?? []).flatMap((one) => one.next_hops ?? []);
  expect([hops, receivedRoute(path)?.nextHop]).toEqual([['::ffff:192.0.2.1'], '192.0.2.1']);
  const plain = ownPath({ ...route('a'), prefix: '20.0.0.0/24', nextHop: '::ffff:192.0.2.1' }, 1000, ['64512:1'], 7);
  expect(receivedRoute(plain)?.nextHop).toBe('192.0.2.1');
});
