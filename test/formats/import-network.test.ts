import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importNetwork } from '../../src/formats/import-network.ts';
import type { ImportSettings } from '../../src/formats/import-options.ts';
import { buildModel } from '../../src/model/build-model.ts';
import { faultOf } from './fault.ts';

const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const GEANT = path('examples/data/Geant2012.graphml');
const ABILENE = path('test/fixtures/topology/Abilene.graphml');
const EXCERPT = path('test/fixtures/bgp/routeviews-excerpt.bgpdump.txt.gz');

/** The parts of a payload that are looked at here. */
interface Payload {
  name: string;
  metadata: { source: Record<string, string>; synthetic: Record<string, unknown> };
  routers: { id: string; address?: string; ingressCapacity?: number; egressCapacity?: number }[];
  interfaces?: { id: string; router: string; ingressCapacity: number; egressCapacity: number }[];
  links: { from: string; to: string; distance: number }[];
  neighbors: { id: string; asn: number; relation?: string; ingress: string[] }[];
  prefixes: { prefix: string[] };
  advertisements: {
    prefix: Int32Array;
    at: Int32Array;
    peerAsn: ArrayLike<number>;
    asPath: { offsets: Int32Array; values: ArrayLike<number> };
  };
  traffic: { neighbor: Int32Array; prefix: Int32Array; volume: Float64Array };
  sessions: { at: string; peerAsn: number; peerAddress: string; neighbor?: string; relation?: string }[];
}

const run = async (
  options: Partial<Parameters<typeof importNetwork>[0]> = {},
  settings: Partial<ImportSettings> = {},
) => {
  const { payload, reports } = await importNetwork({ topology: GEANT, rib: EXCERPT, ...options, settings });
  // Whatever is imported has to be a model.
  const model = buildModel(payload);
  return { model, payload: payload as unknown as Payload, reports };
};
const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

/** A table of few routes: peer, its ASN, prefix, path. */
const tableOf = (routes: [string, number, string, string][]): Readable =>
  Readable.from(
    [
      Buffer.from(
        routes
          .map(
            ([peer, asn, prefix, asPath]) =>
              `TABLE_DUMP2|1|B|${peer}|${asn}|${prefix}|${asPath}|IGP|${peer}|0|0||NAG||`,
          )
          .join('\n'),
      ),
    ],
    { objectMode: false },
  );
const SMALL: [string, number, string, string][] = [
  ['192.0.2.1', 101, '10.0.0.0/8', '101 900'],
  ['192.0.2.2', 102, '10.0.0.0/8', '102 101 900'],
  ['192.0.2.2', 102, '10.1.0.0/16', '102 901'],
  ['192.0.2.3', 103, '10.1.0.0/16', '103 901'],
];

describe('import', () => {
  it('attaches every peer to a router of its own and every neighbor to three or four', async () => {
    const { payload } = await run();
    const peers = payload.sessions.filter(({ neighbor }) => neighbor === undefined);
    expect(new Set(peers.map(({ at }) => at)).size).toBe(peers.length);
    expect(payload.neighbors.map(({ id, asn }) => [id, asn])).toEqual(
      Array.from({ length: 10 }, (_, h) => [`N${h + 1}`, 64512 + h]),
    );
    const routers = new Set(payload.routers.map(({ id }) => id));
    for (const { id, ingress } of payload.neighbors) {
      expect([3, 4]).toContain(new Set(ingress).size);
      expect(ingress.every((point) => routers.has(point))).toBe(true);
      expect(payload.sessions.filter(({ neighbor }) => neighbor === id).map(({ at }) => at)).toEqual(ingress);
    }
    const addresses = payload.sessions.map(({ peerAddress }) => peerAddress);
    expect(new Set(addresses).size).toBe(addresses.length);
    expect(payload.links).toHaveLength(61);
  });

  it('more peers than nodes: all nodes are taken before one is taken twice', async () => {
    const { payload } = await run({ topology: ABILENE });
    const uses = new Map<string, number>();
    for (const { at, neighbor } of payload.sessions) if (neighbor === undefined) uses.set(at, (uses.get(at) ?? 0) + 1);
    expect(uses.size).toBe(11);
    expect(Math.max(...uses.values()) - Math.min(...uses.values())).toBeLessThanOrEqual(1);
  });

  it('is deterministic: same seed, same bytes; another seed, other bytes', async () => {
    const bytes = async (seed: number): Promise<string> => JSON.stringify((await run({}, { seed, top: 5 })).payload);
    expect(await bytes(7)).toBe(await bytes(7));
    expect(await bytes(7)).not.toBe(await bytes(8));
  });

  it('says what is synthetic', async () => {
    const { payload } = await run({}, { seed: 3, slack: 0.25, zipf: 1.1, total: 500 });
    expect(payload.metadata.source).toEqual({
      topology: 'Geant2012.graphml',
      rib: 'routeviews-excerpt.bgpdump.txt.gz',
    });
    expect(payload.metadata.synthetic).toMatchObject({
      seed: 3,
      sessions: { count: 32 },
      neighbors: { count: 10, ingressPoints: [3, 4] },
      traffic: { totalVolume: 500, prefixExponent: 1.1, neighborExponent: 0.5, pairNoise: 0.5 },
      capacities: { slack: 0.25 },
    });
    expect(sum(payload.traffic.volume)).toBeCloseTo(500, 6);
  });

  it('keeps the heaviest prefixes, and reports the cut', async () => {
    const volumes = ({ prefixes, traffic }: Payload): Map<string, number> => {
      const volume = new Map(prefixes.prefix.map((prefix) => [prefix, 0]));
      traffic.prefix.forEach((k, i) => {
        volume.set(prefixes.prefix[k], (volume.get(prefixes.prefix[k]) ?? 0) + traffic.volume[i]);
      });
      return volume;
    };
    const all = volumes((await run()).payload);
    const { payload, reports } = await run({}, { top: 3 });
    const heaviest = [...all].sort((a, b) => b[1] - a[1]).slice(0, 3);
    expect([...volumes(payload).keys()].sort()).toEqual(heaviest.map(([prefix]) => prefix).sort());
    expect(reports).toContain(`Prefixes kept, those of most volume: 3 of ${all.size}.`);
    expect(Math.max(...payload.advertisements.prefix)).toBe(2);
  });

  it('with interfaces every session is a point of its own, and routers carry no capacity', async () => {
    const { payload } = await run({}, { interfaces: true });
    const interfaces = new Map(payload.interfaces?.map(({ id, router }) => [id, router]));
    expect(interfaces.size).toBe(payload.sessions.length);
    for (const { at } of payload.sessions) expect(interfaces.has(at)).toBe(true);
    for (const router of payload.routers) expect(Object.keys(router)).toEqual(['id']);
    expect(new Set(interfaces.values())).toEqual(new Set(payload.routers.map(({ id }) => id)));
  });

  it('a private ASN that leaked into the table is given to no neighbor', async () => {
    const rib = tableOf([['192.0.2.1', 64513, '10.0.0.0/8', '64513 64512 64515']]);
    const { payload } = await run({ rib }, { neighbors: 3 });
    expect(payload.neighbors.map(({ asn }) => asn)).toEqual([64514, 64516, 64517]);
  });

  it('a route that a peer originates carries its ASN', async () => {
    const { payload } = await run({ rib: tableOf([['192.0.2.1', 101, '10.0.0.0/8', '']]) });
    expect([...Array.from(payload.advertisements.asPath.values)]).toEqual([101]);
  });

  it.each<[string, Partial<ImportSettings>]>([
    ['/seed', { seed: -1 }],
    ['/asn', { asn: 2 ** 32 }],
    ['/neighbors', { neighbors: 0 }],
    ['/ingressPoints', { ingressPoints: [4, 3] }],
    ['/top', { top: 1.5 }],
    ['/total', { total: Number.NaN }],
    ['/zipf', { zipf: Number.POSITIVE_INFINITY }],
    ['/slack', { slack: -0.1 }],
    ['/unit', { unit: '' }],
  ])('bounds of %s', async (pointer, settings) => {
    const fault = await faultOf(() => run({}, settings), 'OPTIONS_INVALID');
    expect(fault.errors.map((error) => error.pointer)).toEqual([pointer]);
  });
});

describe('the model of an import', () => {
  it('has the routes of the table where their peers are attached', async () => {
    const text = [
      'TABLE_DUMP2|1|B|192.0.2.1|101|10.0.0.0/8|101 {7,5}|EGP|192.0.2.9|300|7|101:1 no-export|NAG||',
      'TABLE_DUMP2|1|B|2001:db8::1|4200000000|10.0.0.0/8|4200000000|INCOMPLETE|2001:db8::2|0|||NAG||',
    ].join('\n');
    for (const interfaces of [false, true]) {
      const { model } = await run({ rib: Readable.from([Buffer.from(text)]) }, { interfaces });
      const routes = model.advertisements;
      expect(model.prefixes.prefixes).toEqual(['10.0.0.0/8']);
      const found = Array.from({ length: routes.count }, (_, a) => ({
        at: routes.at[a],
        peerAsn: routes.peerAsn[a],
        peerAddress: routes.peerAddress[a],
        nextHop: routes.nextHop[a],
        path: [...routes.asPath.subarray(routes.asPathStart[a], routes.asPathStart[a + 1])],
        origin: routes.origin[a],
        med: routes.med[a],
        localPref: routes.localPref[a],
        communities: routes.communities[a],
      }));
      const at = (address: string): number | undefined =>
        model.sessions.find(({ peerAddress }) => peerAddress === address)?.at;
      expect(found.sort((a, b) => a.peerAsn - b.peerAsn)).toEqual([
        {
          at: at('192.0.2.1'),
          peerAsn: 101,
          peerAddress: '192.0.2.1',
          nextHop: '192.0.2.9',
          path: [101, 5],
          origin: 1,
          med: 7,
          localPref: 300,
          communities: ['101:1', 'no-export'],
        },
        {
          at: at('2001:db8::1'),
          peerAsn: 4200000000,
          peerAddress: '2001:db8::1',
          nextHop: '2001:db8::2',
          path: [4200000000],
          origin: 2,
          med: -1,
          localPref: -1,
          communities: [],
        },
      ]);
    }
  });
});

describe('import with files of one’s own', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'egresso-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it('the map places sessions, names interfaces and neighbors', async () => {
    const sessionMap = file(
      'map.csv',
      [
        'peerAddress,router,interface,neighbor,relation',
        '192.0.2.1,Chicago,ae0,A1,customer',
        '192.0.2.2,Seattle,,,peer',
        '192.0.2.9,Denver,,,',
      ].join('\n'),
    );
    const { payload, reports } = await run({ topology: ABILENE, rib: tableOf(SMALL), sessionMap });
    expect(payload.neighbors).toEqual([{ id: 'A1', asn: 101, relation: 'customer', ingress: ['Chicago:ae0'] }]);
    expect(payload.sessions.slice(0, 2)).toEqual([
      { at: 'Chicago:ae0', peerAsn: 101, peerAddress: '192.0.2.1', neighbor: 'A1', relation: 'customer' },
      { at: 'Seattle', peerAsn: 102, peerAddress: '192.0.2.2', relation: 'peer' },
    ]);
    expect(payload.interfaces?.map(({ id }) => id)).toContain('Chicago:ae0');
    expect(reports).toEqual([
      'Mapped peers that the table does not have: 192.0.2.9.',
      'Peers spread by seed, because the map does not have them: 1.',
      // Both paths to 10.0.0.0/8 contain AS 101, so A1 would drop them.
      'Pairs without traffic, because no egress would be eligible for all senders of the prefix: 1.',
    ]);
    expect(payload.traffic.prefix).toEqual(Int32Array.of(1));
    expect(payload.metadata.synthetic).not.toHaveProperty('neighbors');
    expect(payload.metadata.synthetic).toMatchObject({ sessions: { count: 1 } });
  });

  it('synthetic traffic leaves every prefix an egress that is eligible for all of its senders', async () => {
    const { payload: spread } = await run();
    // Without any customer, nothing may be carried for the neighbors that are peers.
    const relations = ['provider', 'peer', 'provider', ''];
    const rows = spread.sessions
      .filter(({ neighbor }) => neighbor === undefined)
      .map(({ peerAddress, at }, i) => [peerAddress, at, i % 2 ? `A${i}` : '', relations[i % 4]].join());
    const sessionMap = file('relations.csv', ['peerAddress,router,neighbor,relation', ...rows].join('\n'));
    const { model, reports } = await run({ sessionMap });
    const { traffic, prefixes } = model;
    expect(reports.join()).toContain('Pairs without traffic');
    expect(traffic.count).toBeGreaterThan(0);
    expect(traffic.eligible).not.toBe(null);
    let arc = 0;
    for (let k = 0; k < prefixes.count; k++) {
      const slotCount = prefixes.egressStart[k + 1] - prefixes.egressStart[k];
      const common = new Uint8Array(slotCount).fill(1);
      for (let pair = traffic.start[k]; pair < traffic.start[k + 1]; pair++) {
        for (let slot = 0; slot < slotCount; slot++) common[slot] &= traffic.eligible?.[arc++] ?? 1;
      }
      expect(common).toContain(1);
    }
  });

  it('traffic of a file is taken as it is', async () => {
    const traffic = file(
      'traffic.csv',
      'neighbor,prefix,volume\nB,10.1.0.0/16,7\nA,10.0.0.0/8,1.5\nB,10.0.0.0/8,2\nA,172.16.0.0/12,9\n',
    );
    const { payload, reports } = await run({ topology: ABILENE, rib: tableOf(SMALL), traffic });
    expect(payload.neighbors.map(({ id }) => id)).toEqual(['A', 'B']);
    expect(payload.traffic).toEqual({
      neighbor: Int32Array.of(0, 1, 1),
      prefix: Int32Array.of(0, 0, 1),
      volume: Float64Array.of(1.5, 2, 7),
    });
    expect(reports).toEqual(['Lines of traffic to prefixes that the table does not have: 1 (volume 9).']);
    expect(payload.metadata.synthetic).not.toHaveProperty('traffic');
    expect(payload.metadata.synthetic).toMatchObject({ neighbors: { names: 'traffic' } });
    const cut = await run({ topology: ABILENE, rib: tableOf(SMALL), traffic }, { top: 1 });
    expect(cut.payload.prefixes.prefix).toEqual(['10.1.0.0/16']);
    expect(cut.payload.traffic.volume).toEqual(Float64Array.of(7));
  });

  it('addresses of routers are those of the file', async () => {
    const routers = file('routers.csv', 'router,address\nChicago,192.0.2.1\nDenver,2001:DB8::1\n');
    const sessionMap = file('all.csv', 'peerAddress,router,interface\n192.0.2.1,Chicago,ae0\n192.0.2.2,Denver,\n');
    const { payload } = await run({ topology: ABILENE, rib: tableOf(SMALL), sessionMap, routers });
    const addresses = Object.fromEntries(payload.routers.map(({ id, address }) => [id, address]));
    expect(addresses).toMatchObject({ Chicago: '192.0.2.1', Denver: '2001:db8::1' });
    expect(Object.values(addresses).filter((address) => address !== undefined)).toHaveLength(2);
    expect(payload.metadata.source).toMatchObject({ routers: 'routers.csv' });
    const bad = file('faults.csv', 'router,address\nBerlin,192.0.2.1\nDenver,x\nChicago,192.0.2.1\n');
    const fault = await faultOf(() => run({ topology: ABILENE, rib: tableOf(SMALL), routers: bad }), 'FORMAT_INVALID');
    expect(fault.errors.map(({ pointer }) => pointer)).toEqual([
      '/line/2/router',
      '/line/3/address',
      '/line/4/address',
    ]);
  });

  it('faults of the map and the traffic name line and column', async () => {
    const sessionMap = file(
      'bad.csv',
      'peerAddress,router,neighbor\n192.0.2.1,Chicago,A\n192.0.2.2,Berlin,\n192.0.2.3,Denver,A\n',
    );
    const map = await faultOf(() => run({ topology: ABILENE, rib: tableOf(SMALL), sessionMap }), 'FORMAT_INVALID');
    expect(map.errors.map(({ pointer }) => pointer)).toEqual(['/line/3/router', '/line/4/neighbor']);
    const good = file('good.csv', 'peerAddress,router,neighbor\n192.0.2.1,Chicago,A\n');
    const traffic = file('t.csv', 'neighbor,prefix,volume\nA,10.0.0.0/8,1\nB,10.0.0.0/8,1\n');
    const unknown = await faultOf(
      () => run({ topology: ABILENE, rib: tableOf(SMALL), sessionMap: good, traffic }),
      'FORMAT_INVALID',
    );
    expect(unknown.errors.map(({ pointer }) => pointer)).toEqual(['/line/3/neighbor']);
    await faultOf(() => run({ topology: join(folder, 'missing') }), 'FILE_UNREADABLE');
    await faultOf(() => run({ topology: file('latin.graphml', '\u0000') }), 'FORMAT_INVALID');
  });
});
