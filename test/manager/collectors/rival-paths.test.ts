/** Two managers with one community at the same gobgpd. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AnnouncedPath } from '../../../src/manager/announcer/announcer.ts';
import { gobgpSpeaker } from '../../../src/manager/announcer/gobgp-announcer.ts';
import type { Speaker } from '../../../src/manager/announcer/speaker.ts';
import { GobgpRoutes } from '../../../src/manager/collectors/gobgp-routes.ts';
import { GobgpClient } from '../../../src/manager/gobgp/client.ts';
import { FakeGobgp } from '../gobgp/fake-gobgp.ts';
import { route } from '../simulation.ts';

const COMMUNITY = '64512:1';
const [OURS, THEIRS] = [7, 8];
const POINTS = new Map([['192.0.2.1', 'a']]);
const path = (prefix: string): AnnouncedPath => ({ ...route('a'), prefix, leaseUntilMs: 0 });

let gobgp: FakeGobgp;
let ours: Speaker;
let theirs: Speaker;
const opened: AsyncDisposable[] = [];
const clients: Disposable[] = [];

const speaker = (instance: number, community = COMMUNITY): Speaker =>
  gobgpSpeaker({ address: gobgp.address, localPref: 1000, community, noExport: false }, { instance, scope: 'own' });

function routesOf(instance: number | null): GobgpRoutes {
  const client = new GobgpClient(gobgp.address);
  const routes = new GobgpRoutes(client, { points: POINTS, community: COMMUNITY, instance });
  opened.push(routes);
  clients.push(client);
  return routes;
}

/** A tick, once what the watch may have to say is said. */
async function tick(routes: GobgpRoutes, overridden: readonly string[] = []): Promise<void> {
  await delay(20);
  await routes.refresh(1, overridden);
}

/** The watch tells in its own time. */
async function soon(routes: GobgpRoutes, rivals: GobgpRoutes['rivals']): Promise<void> {
  await vi.waitFor(
    async () => {
      await tick(routes);
      expect(routes.rivals).toEqual(rivals);
    },
    { timeout: 5_000 },
  );
}

beforeEach(async () => {
  gobgp = await FakeGobgp.start();
  gobgp.update('10.0.0.1', '20.0.0.0/24', '192.0.2.1');
  ours = speaker(OURS);
  theirs = speaker(THEIRS);
});

afterEach(async () => {
  for (const one of opened.splice(0)) await one[Symbol.asyncDispose]();
  for (const one of clients.splice(0)) one[Symbol.dispose]();
  ours[Symbol.dispose]();
  theirs[Symbol.dispose]();
  await gobgp[Symbol.asyncDispose]();
});

describe('paths of another manager', () => {
  it('are seen where they were there before', async () => {
    await theirs.announce([path('20.0.1.0/24'), path('20.0.0.0/24')]);
    const routes = routesOf(OURS);
    await tick(routes);
    expect(routes.rivals).toEqual([
      { prefix: '20.0.0.0/24', instance: THEIRS },
      { prefix: '20.0.1.0/24', instance: THEIRS },
    ]);
  });

  it('are seen when they come, and not any more when they are gone', async () => {
    const routes = routesOf(OURS);
    await tick(routes);
    expect(routes.rivals).toEqual([]);
    await theirs.announce([path('20.0.1.0/24')]);
    await soon(routes, [{ prefix: '20.0.1.0/24', instance: THEIRS }]);
    await tick(routes);
    expect(routes.rivals).toHaveLength(1);
    await theirs.withdraw('20.0.1.0/24');
    await tick(routes);
    expect(routes.rivals).toEqual([]);
  });

  it('are seen beside ours of the same prefix, though gobgpd does not choose them', async () => {
    const routes = routesOf(OURS);
    await tick(routes);
    gobgp.isMute = true;
    await ours.announce([path('20.0.0.0/24')]);
    await theirs.announce([path('20.0.0.0/24')]);
    await tick(routes, ['20.0.0.0/24']);
    expect(routes.rivals).toEqual([{ prefix: '20.0.0.0/24', instance: THEIRS }]);
  });

  it('are not ours, nor those of nobody, of another community, or of a session', async () => {
    const routes = routesOf(OURS);
    await ours.announce([path('20.0.0.0/24')]);
    using others = speaker(THEIRS, '64512:2');
    await others.announce([path('20.0.2.0/24')]);
    const communities = { '@type': 'type.googleapis.com/apipb.CommunitiesAttribute', communities: [0xfc000001] };
    gobgp.update('10.0.0.2', '20.0.3.0/24', '192.0.2.1', [communities]);
    await tick(routes, ['20.0.0.0/24']);
    await tick(routes, ['20.0.0.0/24']);
    expect([routes.rivals, routes.installed('20.0.0.0/24')]).toEqual([[], 'a']);
    using nobody = speaker(0);
    await nobody.announce([path('20.0.4.0/24')]);
    await soon(routes, [{ prefix: '20.0.4.0/24', instance: 0 }]);
  });

  it('are nothing to who announces nothing', async () => {
    await theirs.announce([path('20.0.1.0/24')]);
    const routes = routesOf(null);
    await tick(routes);
    expect(routes.rivals).toEqual([]);
  });
});

it('neither manager takes out, replaces, or takes over a path of the other', async () => {
  const [prefix] = ['20.0.0.0/24'];
  await ours.announce([path(prefix)]);
  await theirs.announce([{ ...path(prefix), med: 9 }]);
  expect([[...(await ours.own()).keys()], [...(await theirs.own([prefix])).keys()]]).toEqual([[prefix], [prefix]]);
  expect((await ours.own()).get(prefix)).not.toBe((await theirs.own()).get(prefix));
  await ours.withdraw(prefix);
  await ours.withdraw(prefix);
  expect([(await ours.own()).size, (await theirs.own()).size]).toEqual([0, 1]);
});
