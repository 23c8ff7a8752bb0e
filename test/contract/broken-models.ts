/**
 * Inputs that are no model, and what has to be said about each: the same whether they arrive through the library, over
 * HTTP or on the command line. Pointers are those of the model itself; a service that wraps it puts its own in front.
 * The table is long because every fault has a line of its own.
 */
import { readFileSync } from 'node:fs';
import { type BodyType, encodeBody } from '../../src/formats/codec.ts';

export interface BrokenModel {
  readonly name: string;
  readonly body: string | Uint8Array;
  readonly mediaType: BodyType;
  readonly code: 'MODEL_INVALID' | 'BODY_MALFORMED';
  /** Exactly the pointers that are told, in any order; empty for BODY_MALFORMED. */
  readonly pointers: readonly string[];
}

type Json = { [key: string]: unknown };

/** Patent example 1: valid, in rows. Every case changes one thing. */
const EXAMPLE = readFileSync(new URL('../fixtures/patent-example-1.json', import.meta.url), 'utf8');
const NAN = 'not a number';

function example(): Json {
  return JSON.parse(EXAMPLE) as Json;
}

type Change = readonly [path: string, value: unknown];

/** The example with a value set at each path; `undefined` removes. */
function changed(...changes: readonly Change[]): Json {
  return withChanges(example(), changes);
}

function changedColumns(...changes: readonly Change[]): Json {
  return withChanges(columnarExample(), changes);
}

function withChanges(model: Json, changes: readonly Change[]): Json {
  for (const [path, value] of changes) {
    const keys = path.split('.');
    const last = keys.pop() as string;
    const owner = keys.reduce((node, key) => node[key] as Json, model);
    if (value === undefined) delete owner[last];
    else owner[last] = value;
  }
  return model;
}

/** The example in columns. */
export function columnarExample(): Json {
  return {
    version: 1,
    name: 'patent example 1',
    asn: 64500,
    unit: 'Mbit/s',
    routers: { id: ['b1', 'b2', 'b3', 'b4'], ingressCapacity: [50, 60, 0, 0], egressCapacity: [0, 0, 75, 50] },
    distances: { from: [0, 0, 1, 1], to: [2, 3, 2, 3], distance: [10, 50, 20, 10] },
    neighbors: { id: ['A1', 'A2'], ingress: { offsets: [0, 2, 4], values: [0, 1, 0, 1] } },
    prefixes: {
      id: ['P1', 'P2'],
      prefix: ['10.20.30.0/24', '10.20.40.0/24'],
      egress: { offsets: [0, 2, 4], values: ['b3', 'b4', 2, 3] },
    },
    traffic: { neighbor: [0, 0, 1, 1], prefix: [0, 1, 0, 1], volume: [30, 15, 25, 30] },
  };
}

function rows(name: string, model: unknown, ...pointers: string[]): BrokenModel {
  const body = JSON.stringify(model).replaceAll(JSON.stringify(NAN), '1e999');
  return { name, body, mediaType: 'application/json', code: 'MODEL_INVALID', pointers };
}

function packed(name: string, model: unknown, ...pointers: string[]): BrokenModel {
  const body = encodeBody(model, 'application/msgpack');
  return { name, body, mediaType: 'application/msgpack', code: 'MODEL_INVALID', pointers };
}

function malformed(name: string, body: string | Uint8Array, mediaType: BodyType = 'application/json'): BrokenModel {
  return { name, body, mediaType, code: 'BODY_MALFORMED', pointers: [] };
}

function malformedPack(name: string, ...bytes: number[]): BrokenModel {
  return malformed(name, Uint8Array.from(bytes), 'application/msgpack');
}

const INTERFACE = { id: 'b1:ae0', router: 'b1', ingressCapacity: 50 };
const ADVERTISEMENT = { prefix: 'P1', at: 'b3', peerAsn: 64601, asPath: [64601] };
const SESSION = { at: 'b3', peerAsn: 64601, peerAddress: '192.0.2.9' };
const CURRENT = { neighbor: 'A1', prefix: 'P1', ingress: 'b1', egress: 'b3' };

const HEADER: readonly BrokenModel[] = [
  rows('a list instead of a model', [], ''),
  rows('null instead of a model', null, ''),
  rows('an empty object', {}, '/version', '/routers', '/neighbors', '/prefixes', '/traffic'),
  rows('version 2', changed(['version', 2]), '/version'),
  rows('version as text', changed(['version', '1']), '/version'),
  rows('no version', changed(['version', undefined]), '/version'),
  rows('an unknown key', changed(['router', []]), '/router'),
  rows('an unknown key that has to be escaped', changed(['a/b~c', 1]), '/a~1b~0c'),
  rows('a name that is no text', changed(['name', 7]), '/name'),
  rows('a unit that is no text', changed(['unit', null]), '/unit'),
  rows('an ASN below 0', changed(['asn', -1]), '/asn'),
  rows('an ASN above 32 bits', changed(['asn', 4294967296]), '/asn'),
  rows('an ASN with a fraction', changed(['asn', 1.5]), '/asn'),
  rows('metadata that is a list', changed(['metadata', []]), '/metadata'),
  rows('no traffic list', changed(['traffic', undefined]), '/traffic'),
  rows(
    'routers as text',
    changed(['routers', 'b1'], ['distances', []], ['neighbors', []], ['prefixes', []], ['traffic', []]),
    '/routers',
  ),
];

const POINTS: readonly BrokenModel[] = [
  rows('an unknown key of a router', changed(['routers.0.capacity', 5]), '/routers/0/capacity'),
  rows('a router that is no object', changed(['routers.4', 'b5']), '/routers/4'),
  rows('an empty id', changed(['routers.4', { id: '' }]), '/routers/4/id'),
  rows('an id that is a number', changed(['routers.4', { id: 5 }]), '/routers/4/id'),
  rows('a missing id', changed(['routers.4', {}]), '/routers/4/id'),
  rows('a duplicate router', changed(['routers.4', { id: 'b2' }]), '/routers/4/id'),
  rows(
    'an interface with the id of a router',
    changed(['routers.4', { id: 'b5' }], ['interfaces', [{ ...INTERFACE, id: 'b2', router: 'b5' }]]),
    '/interfaces/0/id',
  ),
  rows('an interface of no router', changed(['interfaces', [{ ...INTERFACE, router: 'b9' }]]), '/interfaces/0/router'),
  rows('a capacity as text', changed(['routers.0.ingressCapacity', '50']), '/routers/0/ingressCapacity'),
  rows('a negative capacity', changed(['routers.0.ingressCapacity', -1]), '/routers/0/ingressCapacity'),
  rows('an infinite capacity', changed(['routers.0.egressCapacity', NAN]), '/routers/0/egressCapacity'),
  rows('null for a capacity', changed(['routers.0.egressCapacity', null]), '/routers/0/egressCapacity'),
  rows('a negative price', changed(['routers.2.price', -0.5]), '/routers/2/price'),
  rows('an address that is none', changed(['routers.0.address', '192.0.2.256']), '/routers/0/address'),
  rows('a router id that is none', changed(['routers.0.routerId', 'b1']), '/routers/0/routerId'),
  rows('an unknown format', changed(['routers.0.format', 'cisco']), '/routers/0/format'),
  rows(
    'a router with interfaces that has a capacity and a price',
    changed(['routers.4', { id: 'b5', egressCapacity: 1, price: 1 }], ['interfaces', [{ ...INTERFACE, router: 'b5' }]]),
    '/routers/4/egressCapacity',
    '/routers/4/price',
  ),
  rows(
    'a router with interfaces used as a point',
    changed(
      ['routers.4', { id: 'b5' }],
      ['interfaces', [{ ...INTERFACE, router: 'b5' }]],
      ['neighbors.0.ingress.2', 'b5'],
      ['prefixes.0.egress.2', 'b5'],
      ['sessions', [{ ...SESSION, at: 'b5' }]],
      ['current', [{ ...CURRENT, ingress: 'b5' }]],
    ),
    '/neighbors/0/ingress/2',
    '/prefixes/0/egress/2',
    '/sessions/0/at',
    '/current/0/ingress',
  ),
];

const DISTANCES: readonly BrokenModel[] = [
  rows('distances and links', changed(['links', [{ from: 'b1', to: 'b3', distance: 1 }]]), '/links'),
  rows('a distance from nowhere', changed(['distances.4', { from: 'x', to: 'b1', distance: 1 }]), '/distances/4/from'),
  rows('a negative distance', changed(['distances.0.distance', -10]), '/distances/0/distance'),
  rows('a missing distance', changed(['distances.0.distance', undefined]), '/distances/0/distance'),
  rows(
    'a distance to itself',
    changed(['distances.4', { from: 'b1', to: 'b1', distance: 1 }]),
    '/distances/4/distance',
  ),
  rows(
    'a duplicate distance',
    changed(['distances.4', { from: 'b3', to: 'b1', distance: 10 }]),
    '/distances/4/distance',
  ),
  rows('directed as text', changed(['distances.0.directed', 'yes']), '/distances/0/directed'),
  rows(
    'links to an interface and to nothing',
    changed(
      ['distances', undefined],
      ['routers.4', { id: 'b5' }],
      ['interfaces', [{ ...INTERFACE, router: 'b5' }]],
      [
        'links',
        [
          { from: 'b1', to: 'b1:ae0', distance: 1 },
          { from: '', to: 'b2', distance: -1 },
        ],
      ],
    ),
    '/links/0/to',
    '/links/1/from',
    '/links/1/distance',
  ),
];

const NEIGHBORS: readonly BrokenModel[] = [
  rows('a neighbor without ingress', changed(['neighbors.0.ingress', []]), '/neighbors/0/ingress'),
  rows('a neighbor whose ingress is missing', changed(['neighbors.0.ingress', undefined]), '/neighbors/0/ingress'),
  rows('an ingress that is no list', changed(['neighbors.0.ingress', 'b1']), '/neighbors/0/ingress'),
  rows('an ingress that does not exist', changed(['neighbors.0.ingress.1', 'b9']), '/neighbors/0/ingress/1'),
  rows('an ingress by index in rows', changed(['neighbors.0.ingress.1', 1]), '/neighbors/0/ingress/1'),
  rows('an ingress twice', changed(['neighbors.0.ingress.2', 'b1']), '/neighbors/0/ingress/2'),
  rows('a duplicate neighbor', changed(['neighbors.2', { id: 'A1', ingress: ['b1'] }]), '/neighbors/2/id'),
  rows('an unknown relation', changed(['neighbors.0.relation', 'friend']), '/neighbors/0/relation'),
  rows('a neighbor ASN above 32 bits', changed(['neighbors.0.asn', 2 ** 32]), '/neighbors/0/asn'),
];

const PREFIXES: readonly BrokenModel[] = [
  rows('a prefix that is none', changed(['prefixes.0.prefix', '10.20.30/24']), '/prefixes/0/prefix'),
  rows('a prefix with host bits', changed(['prefixes.0.prefix', '10.20.30.1/24']), '/prefixes/0/prefix'),
  rows('an IPv6 prefix with host bits', changed(['prefixes.0.prefix', '2001:db8::1/64']), '/prefixes/0/prefix'),
  rows('a prefix that is too long', changed(['prefixes.0.prefix', '10.20.30.0/33']), '/prefixes/0/prefix'),
  rows('a prefix with a leading zero', changed(['prefixes.0.prefix', '010.20.30.0/24']), '/prefixes/0/prefix'),
  rows('a missing prefix', changed(['prefixes.0.prefix', undefined]), '/prefixes/0/prefix'),
  rows(
    'a duplicate prefix',
    changed(['prefixes.2', { id: 'P3', prefix: '10.20.40.0/24', egress: ['b3'] }]),
    '/prefixes/2/prefix',
  ),
  rows(
    'a duplicate prefix in another spelling',
    changed(
      ['prefixes.2', { prefix: '2001:DB8:0::/32', egress: ['b3'] }],
      ['prefixes.3', { prefix: '2001:db8::/32', egress: ['b3'] }],
    ),
    '/prefixes/3/prefix',
  ),
  rows(
    'a duplicate prefix id',
    changed(['prefixes.2', { id: 'P1', prefix: '10.0.0.0/8', egress: ['b3'] }]),
    '/prefixes/2/id',
  ),
  rows('an egress that does not exist', changed(['prefixes.0.egress.0', 'b9']), '/prefixes/0/egress/0'),
  rows('an egress object that names none', changed(['prefixes.0.egress.0', { at: 'b9' }]), '/prefixes/0/egress/0/at'),
  rows('an egress object without a point', changed(['prefixes.0.egress.0', { penalty: 1 }]), '/prefixes/0/egress/0/at'),
  rows(
    'an unknown key of an egress',
    changed(['prefixes.0.egress.0', { at: 'b3', cost: 1 }]),
    '/prefixes/0/egress/0/cost',
  ),
  rows(
    'a negative penalty',
    changed(['prefixes.0.egress.0', { at: 'b3', penalty: -2 }]),
    '/prefixes/0/egress/0/penalty',
  ),
  rows('an egress twice', changed(['prefixes.0.egress.2', { at: 'b3', penalty: 1 }]), '/prefixes/0/egress/2/at'),
  rows('neither egress nor advertisements', changed(['prefixes.0.egress', undefined]), '/prefixes/0/egress'),
  rows(
    'traffic without any egress',
    changed(['prefixes.0.egress', undefined], ['advertisements', []]),
    '/traffic/0/prefix',
    '/traffic/2/prefix',
  ),
];

const TRAFFIC: readonly BrokenModel[] = [
  rows('a negative volume', changed(['traffic.0.volume', -30]), '/traffic/0/volume'),
  rows('a volume as text', changed(['traffic.0.volume', '30']), '/traffic/0/volume'),
  rows('an infinite volume', changed(['traffic.0.volume', NAN]), '/traffic/0/volume'),
  rows('null for a volume', changed(['traffic.0.volume', null]), '/traffic/0/volume'),
  rows('a volume that is no unit can reach', changed(['traffic.0.volume', 1e300]), '/traffic/0/volume'),
  rows('traffic of nobody', changed(['traffic.0.neighbor', 'A9']), '/traffic/0/neighbor'),
  rows('traffic to nowhere', changed(['traffic.0.prefix', 'P9']), '/traffic/0/prefix'),
  rows(
    'a duplicate pair',
    changed(['traffic.4', { neighbor: 'A1', prefix: '10.20.30.0/24', volume: 1 }]),
    '/traffic/4/prefix',
  ),
  rows(
    'pairs that no ingress can bring to an egress',
    changed(['distances', [{ from: 'b1', to: 'b3', distance: 1 }]], ['neighbors.1.ingress', ['b2']]),
    '/traffic/2/prefix',
    '/traffic/3/prefix',
  ),
  rows(
    'a pair without an eligible egress',
    changed(
      ['neighbors.0.asn', 64700],
      [
        'advertisements',
        [
          { ...ADVERTISEMENT, asPath: [64601, 64700] },
          { ...ADVERTISEMENT, at: 'b4', asPath: [64700] },
        ],
      ],
    ),
    '/traffic/0/prefix',
  ),
  rows(
    'a peer whose traffic would have to leave through a provider',
    changed(
      ['neighbors.0.relation', 'peer'],
      [
        'sessions',
        [
          { ...SESSION, relation: 'provider' },
          { ...SESSION, at: 'b4', relation: 'peer' },
        ],
      ],
      ['advertisements', [ADVERTISEMENT, { ...ADVERTISEMENT, at: 'b4' }]],
    ),
    '/traffic/0/prefix',
  ),
  rows(
    'a current choice without traffic',
    changed(['traffic', (example().traffic as unknown[]).slice(1)], ['current', [CURRENT]]),
    '/current/0/prefix',
  ),
  rows('a current choice twice', changed(['current', [CURRENT, CURRENT]]), '/current/1/prefix'),
  rows(
    'a current egress that does not exist',
    changed(['current', [{ ...CURRENT, egress: 'b9' }]]),
    '/current/0/egress',
  ),
  rows(
    'a current choice without ingress',
    changed(['current', [{ ...CURRENT, ingress: undefined }]]),
    '/current/0/ingress',
  ),
];

const ROUTES: readonly BrokenModel[] = [
  rows(
    'an advertisement of no prefix',
    changed(['advertisements', [{ ...ADVERTISEMENT, prefix: '10.0.0.0/8' }]]),
    '/advertisements/0/prefix',
  ),
  rows(
    'an advertisement at no point',
    changed(['advertisements', [{ ...ADVERTISEMENT, at: 'b9' }]]),
    '/advertisements/0/at',
  ),
  rows(
    'an AS path as text',
    changed(['advertisements', [{ ...ADVERTISEMENT, asPath: '64601' }]]),
    '/advertisements/0/asPath',
  ),
  rows(
    'an AS path of texts',
    changed(['advertisements', [{ ...ADVERTISEMENT, asPath: [64601, '64700'] }]]),
    '/advertisements/0/asPath/1',
  ),
  rows(
    'a MED above 32 bits',
    changed(['advertisements', [{ ...ADVERTISEMENT, med: 2 ** 32 }]]),
    '/advertisements/0/med',
  ),
  rows(
    'a negative local preference',
    changed(['advertisements', [{ ...ADVERTISEMENT, localPref: -1 }]]),
    '/advertisements/0/localPref',
  ),
  rows(
    'an unknown origin',
    changed(['advertisements', [{ ...ADVERTISEMENT, origin: 'IGP' }]]),
    '/advertisements/0/origin',
  ),
  rows(
    'a next hop that is none',
    changed(['advertisements', [{ ...ADVERTISEMENT, nextHop: '2001:db8::/32' }]]),
    '/advertisements/0/nextHop',
  ),
  rows(
    'a peer address with a zone',
    changed(['advertisements', [{ ...ADVERTISEMENT, peerAddress: 'fe80::1%eth0' }]]),
    '/advertisements/0/peerAddress',
  ),
  rows(
    'a community that is a number',
    changed(['advertisements', [{ ...ADVERTISEMENT, communities: [1] }]]),
    '/advertisements/0/communities/0',
  ),
  rows(
    'a session without peer ASN',
    changed(['sessions', [{ ...SESSION, peerAsn: undefined }]]),
    '/sessions/0/peerAsn',
  ),
  rows(
    'a session with an unknown neighbor',
    changed(['sessions', [{ ...SESSION, neighbor: 'A9' }]]),
    '/sessions/0/neighbor',
  ),
  rows(
    'a session with an unknown relation',
    changed(['sessions', [{ ...SESSION, relation: '' }]]),
    '/sessions/0/relation',
  ),
];

const COLUMNS: readonly BrokenModel[] = [
  rows('an unknown column', changedColumns(['traffic.volumes', [1]]), '/traffic/volumes'),
  rows('a missing column', changedColumns(['traffic.volume', undefined]), '/traffic/volume'),
  rows('columns of unequal length', changedColumns(['traffic.volume', [30, 15, 25]]), '/traffic/volume'),
  rows('a column that is no array', changedColumns(['traffic.volume', 30]), '/traffic/volume'),
  rows('a negative volume in a column', changedColumns(['traffic.volume.2', -25]), '/traffic/volume/2'),
  rows('null for a volume in a column', changedColumns(['traffic.volume.2', null]), '/traffic/volume/2'),
  rows('an index out of range', changedColumns(['traffic.neighbor.3', 2]), '/traffic/neighbor/3'),
  rows('an index with a fraction', changedColumns(['traffic.prefix.0', 0.5]), '/traffic/prefix/0'),
  rows('an index below 0', changedColumns(['traffic.prefix.0', -1]), '/traffic/prefix/0'),
  rows('an unknown id in a column', changedColumns(['distances.from.1', 'b9']), '/distances/from/1'),
  rows('lists of lists', changedColumns(['neighbors.ingress', [['b1'], ['b1']]]), '/neighbors/ingress'),
  rows(
    'lists without offsets',
    changedColumns(['neighbors.ingress', { values: ['b1', 'b1'] }]),
    '/neighbors/ingress/offsets',
  ),
  rows('offsets that fall', changedColumns(['neighbors.ingress.offsets', [0, 4, 3]]), '/neighbors/ingress/offsets/2'),
  rows(
    'offsets that do not start at 0',
    changedColumns(['neighbors.ingress.offsets', [1, 2, 4]]),
    '/neighbors/ingress/offsets/0',
  ),
  rows(
    'offsets that end early',
    changedColumns(['neighbors.ingress.offsets', [0, 2, 3]]),
    '/neighbors/ingress/offsets',
  ),
  rows(
    'an empty list of ingress points',
    changedColumns(['neighbors.ingress', { offsets: [0, 2, 2], values: [0, 1] }]),
    '/neighbors/ingress/offsets/1',
  ),
  rows('an unknown point in lists', changedColumns(['prefixes.egress.values.1', 'b9']), '/prefixes/egress/values/1'),
  rows('penalties of unequal length', changedColumns(['prefixes.egress.penalty', [1]]), '/prefixes/egress/penalty'),
  rows(
    'a negative penalty in a column',
    changedColumns(['prefixes.egress.penalty', [0, null, -1, 0]]),
    '/prefixes/egress/penalty/2',
  ),
  packed(
    'NaN in a binary column',
    changedColumns(['traffic.volume', Float64Array.of(30, Number.NaN, 25, 30)]),
    '/traffic/volume/1',
  ),
  packed(
    'a binary column of a wrong length',
    changedColumns(['traffic.volume', new Uint8Array(31)]),
    '/traffic/volume',
  ),
  packed(
    'a binary column of texts',
    changedColumns(
      ['traffic.neighbor', Int32Array.of(0, 0, 1, 1)],
      ['routers.id', new Uint8Array(4)],
      ['distances', undefined],
      ['neighbors.ingress.values', []],
      ['neighbors.ingress.offsets', [0, 0, 0]],
      ['prefixes', { prefix: [], egress: { offsets: [0], values: [] } }],
      ['traffic', { neighbor: [], prefix: [], volume: [] }],
    ),
    '/routers/id',
    '/neighbors/ingress/offsets/0',
    '/neighbors/ingress/offsets/1',
  ),
  packed(
    'no index where one is needed',
    changedColumns(['traffic.neighbor', Int32Array.of(0, -1, 1, 1)]),
    '/traffic/neighbor/1',
  ),
  packed('bin for a list of objects', changedColumns(['traffic', new Uint8Array(8)]), '/traffic'),
];

const BODIES: readonly BrokenModel[] = [
  malformed('an empty body', ''),
  malformed('truncated JSON', EXAMPLE.slice(0, EXAMPLE.length / 2)),
  malformed('JSON with a trailing comma', '{"version": 1,}'),
  malformed('two JSON values', '{} {}'),
  malformed('JSON that nests too deep', '['.repeat(100_000)),
  malformed('metadata that nests too deep', `{"metadata": ${'{"a":'.repeat(64)}1${'}'.repeat(64)}}`),
  malformed('invalid UTF-8', Uint8Array.of(0x22, 0xff, 0x22)),
  malformed('NaN in JSON', '{"version": NaN}'),
  rows(
    'a __proto__ key',
    JSON.parse('{"__proto__": {"version": 1}}'),
    '/__proto__',
    '/version',
    '/routers',
    '/neighbors',
    '/prefixes',
    '/traffic',
  ),
  malformedPack('an empty msgpack body'),
  malformedPack('truncated msgpack', ...encodeBody(example(), 'application/msgpack').subarray(0, 100)),
  malformedPack('bytes after the msgpack', 0x80, 0x00),
  malformedPack('random msgpack', 0xc1, 0x3f, 0x9e, 0x07),
  malformedPack('a msgpack list that announces 2^32 - 1 items', 0xdd, 0xff, 0xff, 0xff, 0xff, 0xc0),
  malformedPack('a msgpack text that announces 2^32 - 1 bytes', 0xdb, 0xff, 0xff, 0xff, 0xff, 0x61),
  malformedPack('msgpack that nests too deep', ...new Array<number>(1000).fill(0x91), 0xc0),
  malformedPack('a msgpack date', 0xd6, 0xff, 0, 0, 0, 0),
  malformedPack('a msgpack record', 0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 0x01),
  malformedPack('a msgpack regular expression', 0xc7, 0x00, 0x78, 0x92, 0xa1, 0x61, 0xa0),
  malformedPack('a msgpack map with a number for a key', 0x81, 0x01, 0x01),
  malformedPack('a msgpack __proto__ key', 0x81, 0xa9, ...new TextEncoder().encode('__proto__'), 0x80),
  malformedPack('a msgpack text of invalid UTF-8', 0x81, 0xa1, 0xff, 0x01),
  malformedPack('a msgpack integer beyond 2^53', 0x81, 0xa1, 0x61, 0xcf, 0x00, 0x20, 0, 0, 0, 0, 0, 1),
];

export const BROKEN_MODELS: readonly BrokenModel[] = [
  ...HEADER,
  ...POINTS,
  ...DISTANCES,
  ...NEIGHBORS,
  ...PREFIXES,
  ...TRAFFIC,
  ...ROUTES,
  ...COLUMNS,
  ...BODIES,
];
