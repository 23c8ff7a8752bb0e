import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WHOLE } from '../../../src/manager/collectors/collector.ts';
import { GobgpRoutes } from '../../../src/manager/collectors/gobgp-routes.ts';
import { GobgpClient } from '../../../src/manager/gobgp/client.ts';
import { type Attribute, ownPath } from '../../../src/manager/gobgp/path.ts';
import { FakeGobgp } from '../gobgp/fake-gobgp.ts';
import { route } from '../simulation.ts';

const [A, B] = ['10.0.0.1', '10.0.0.2'];
const TYPE = 'type.googleapis.com/apipb.';
const INSTANCE = 7;
const PREFIX = '20.0.0.0/24';
const POINTS = new Map([
  ['192.0.2.1', 'a'],
  ['192.0.2.2', 'b'],
]);

let gobgp: FakeGobgp;
let client: GobgpClient;
let routes: GobgpRoutes;
let atMs: number;

beforeEach(async () => {
  gobgp = await FakeGobgp.start();
  gobgp.update(A, PREFIX, '192.0.2.1');
  gobgp.update(B, PREFIX, '192.0.2.2');
  client = new GobgpClient(gobgp.address);
  routes = new GobgpRoutes(client, { points: POINTS, community: '64512:1', instance: INSTANCE });
  atMs = 0;
});

afterEach(async () => {
  client[Symbol.dispose]();
  await routes[Symbol.asyncDispose]();
  await gobgp[Symbol.asyncDispose]();
});

/** A tick, once what the watch may have to say is said. */
async function tick(): Promise<number | null> {
  await delay(20);
  atMs += 30_000;
  return routes.refresh(atMs, []);
}

function learned(prefix: string = PREFIX): string[] {
  const k = routes.table.prefixes.find(prefix);
  return k < 0 ? [] : routes.table.learned(k).map(({ point }) => point);
}

describe('GobgpRoutes', () => {
  it('reads the table once, and follows the watch', async () => {
    let lossCount = 0;
    expect([await tick(), learned()]).toEqual([30_000, ['a', 'b']]);
    routes.onLoss(() => lossCount++);
    gobgp.update(B, PREFIX, null);
    await tick();
    expect([learned(), lossCount]).toEqual([['a'], 1]);
    gobgp.update(B, PREFIX, '192.0.2.2');
    await tick();
    expect(learned()).toEqual(['a', 'b']);
    gobgp.down(A);
    await tick();
    expect([learned(), lossCount, gobgp.readingCount, routes.lostCount]).toEqual([['b'], 2, 2, 0]);
    // Replaced by one of another point, and by one of no point.
    gobgp.update(B, PREFIX, '192.0.2.1');
    await tick();
    expect([learned(), lossCount]).toEqual([['a'], 3]);
    gobgp.update(B, PREFIX, '192.0.2.77');
    await tick();
    expect([learned(), lossCount]).toEqual([[], 4]);
    // IPv4 in IPv6 is the same next hop.
    gobgp.update(B, PREFIX, '::ffff:192.0.2.2');
    await tick();
    expect([learned(), lossCount]).toEqual([['b'], 4]);
  });

  it('notices a watch that has stopped to tell, within two ticks, and reads what it has missed', async () => {
    await tick();
    gobgp.isMute = true;
    gobgp.update(B, PREFIX, null);
    await tick();
    expect(learned()).toEqual(['a', 'b']);
    let lossCount = 0;
    routes.onLoss(() => lossCount++);
    await tick();
    expect([learned(), lossCount, routes.lostCount]).toEqual([['a'], 1, 1]);
    // The next one is watched as well.
    gobgp.update(A, PREFIX, null);
    await tick();
    await tick();
    expect([learned(), routes.lostCount]).toEqual([[], 2]);
    gobgp.isMute = false;
    gobgp.update(A, PREFIX, '192.0.2.1');
    await tick();
    expect([learned(), routes.lostCount]).toEqual([['a'], 2]);
  });

  it('notices that a session went down of which the watch did not tell', async () => {
    await tick();
    gobgp.isMute = true;
    gobgp.down(B);
    await tick();
    await tick();
    expect([learned(), routes.lostCount]).toEqual([['a'], 1]);
  });

  it('does not take a session for silent that has nothing to say', async () => {
    for (let k = 0; k < 10; k++) await tick();
    // One table of each family.
    expect([gobgp.readingCount, routes.lostCount]).toEqual([2, 0]);
  });

  it('reads the table ever more rarely where updates come to nothing', async () => {
    await tick();
    for (let k = 0; k < 40; k++) {
      gobgp.count(A);
      await tick();
    }
    // After 2, 3, 5, 9, 17 ticks of them.
    expect([gobgp.readingCount, routes.lostCount]).toEqual([2 + 2 * 5, 0]);
  });

  it('keeps what it does not know of a route for its copy, but not who reflected it', async () => {
    const type = (name: string): string => `type.googleapis.com/apipb.${name}`;
    const large = { type_url: type('LargeCommunitiesAttribute'), value: Buffer.from([10, 6, 8, 1, 16, 2, 24, 3]) };
    const reflected = { type_url: type('OriginatorIdAttribute'), value: Buffer.from([10, 1, 65]) };
    gobgp.update(A, PREFIX, '192.0.2.1', [large, reflected]);
    await tick();
    const [{ others }] = routes.table.learned(routes.table.prefixes.find(PREFIX));
    expect(others).toEqual([{ type: large.type_url, value: large.value.toString('base64') }]);
  });

  it.each<[string, Attribute]>([
    ['a set in its path', { '@type': `${TYPE}AsPathAttribute`, segments: [{ type: 1, numbers: [64601, 64602] }] }],
    ['a confederation in its path', { '@type': `${TYPE}AsPathAttribute`, segments: [{ type: 3, numbers: [65001] }] }],
    ['graceful shutdown', { '@type': `${TYPE}CommunitiesAttribute`, communities: [0xffff0000] }],
    ['blackhole', { '@type': `${TYPE}CommunitiesAttribute`, communities: [0xffff029a] }],
  ])('takes a route with %s for no way out', async (_, attribute) => {
    await tick();
    gobgp.update(A, PREFIX, '192.0.2.1', [attribute]);
    await tick();
    expect([learned(), routes.foreignCount]).toEqual([['b'], 1]);
  });

  it('has the table that it had, as old as it is, while a new one breaks off in the middle', async () => {
    await tick();
    let lossCount = 0;
    routes.onLoss(() => lossCount++);
    gobgp.isMute = true;
    gobgp.isBreaking = true;
    gobgp.update(B, PREFIX, null);
    // Noticed, and read anew in vain.
    for (let k = 0; k < 4; k++) await tick();
    expect([learned(), lossCount]).toEqual([['a', 'b'], 0]);
    const old = await tick();
    expect(old).toBeLessThan(atMs);
    gobgp.isBreaking = false;
    expect(await tick()).toBe(atMs);
    expect([learned(), lossCount]).toEqual([['a'], 1]);
  });

  it('says when its first table is whole, and what is ours in it', async () => {
    await client.add([ownPath({ ...route('a'), prefix: '20.0.1.0/24' }, 1000, ['64512:1'], INSTANCE)]);
    await client.add([ownPath({ ...route('a'), prefix: '20.0.2.0/24' }, 1000, ['64512:2'], INSTANCE)]);
    await client.add([ownPath({ ...route('a'), prefix: '20.0.3.0/24' }, 1000, ['64512:1'], INSTANCE + 1)]);
    const [holding, own] = [Promise.withResolvers<void>(), [] as string[]];
    gobgp.holding = holding.promise;
    routes.onOwn((prefixes) => own.push(...prefixes));
    expect([await tick(), routes.status, learned(), own]).toEqual([null, { state: 'reading', error: null }, ['a'], []]);
    holding.resolve();
    expect([await tick(), routes.status, learned(), own]).toEqual([atMs, WHOLE, ['a', 'b'], ['20.0.1.0/24']]);
  });

  it('hears the watch while a table is read, which brings back nothing of what has gone since', async () => {
    const OTHERS = ['20.0.1.0/24', '20.0.2.0/24'];
    for (const prefix of OTHERS) gobgp.update(A, prefix, '192.0.2.1');
    await tick();
    const holding = Promise.withResolvers<void>();
    gobgp.holding = holding.promise;
    gobgp.isMute = true;
    gobgp.update(A, '20.0.3.0/24', '192.0.2.1');
    await tick();
    expect([await tick(), gobgp.readingCount]).toEqual([60_000, 3]);
    gobgp.isMute = false;
    let lossCount = 0;
    routes.onLoss(() => lossCount++);
    gobgp.down(B);
    gobgp.update(A, OTHERS[0], null);
    gobgp.update(A, OTHERS[1], '192.0.2.2');
    gobgp.update(A, '20.0.4.0/24', '192.0.2.1');
    await delay(20);
    const expectNews = (): void => {
      expect([learned(), learned(OTHERS[0]), learned(OTHERS[1]), learned('20.0.4.0/24')]).toEqual([
        ['a'],
        [],
        ['b'],
        ['a'],
      ]);
      expect(lossCount).toBe(3);
    };
    expectNews();
    holding.resolve();
    await tick();
    expectNews();
    expect([learned('20.0.3.0/24'), routes.lostCount, gobgp.readingCount]).toEqual([['a'], 1, 4]);
  });

  it('has the table that it had while the daemon does not answer', async () => {
    await tick();
    await gobgp[Symbol.asyncDispose]();
    expect([await tick(), learned()]).toEqual([30_000, ['a', 'b']]);
    expect(routes.status).toEqual({ state: 'whole', error: expect.stringContaining(`GoBGP at ${gobgp.address}: `) });
  });

  it('says why it has no table', async () => {
    expect(routes.status).toEqual({ state: 'connecting', error: null });
    const { address } = gobgp;
    await gobgp[Symbol.asyncDispose]();
    const reason = new RegExp(`^GoBGP at ${address}: .*ECONNREFUSED ${address}$`);
    const unanswered = { state: 'connecting', error: expect.stringMatching(reason) };
    expect([await tick(), routes.status]).toEqual([null, unanswered]);
  });

  it('is at the beginning again where its first table breaks off, until that is whole', async () => {
    gobgp.isBreaking = true;
    expect([await tick(), routes.status.state]).toEqual([null, 'connecting']);
    expect(routes.status.error).toContain('broken off');
    gobgp.isBreaking = false;
    expect([await tick(), routes.status]).toEqual([atMs, WHOLE]);
  });
});
