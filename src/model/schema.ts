import { type TObject, type TProperties, Type } from 'typebox';
import { MODEL_VERSION } from './header.ts';
import { RELATIONS } from './neighbors.ts';
import { ORIGINS } from './network-model.ts';
import { MAX_ROUTERS, ROUTER_FORMATS } from './points.ts';
import { MAX_MEASURE, MAX_UINT32 } from './read-column.ts';

/**
 * The payload of a model in rows, for readers and for OpenAPI. `buildModel` is what checks payloads: it knows columns
 * too, references, and what follows from several lists together.
 */

function closed<T extends TProperties>(properties: T, description: string): TObject<T> {
  return Type.Object(properties, { additionalProperties: false, description });
}

const id = (description: string) => Type.String({ minLength: 1, description });
const measure = (description: string) => Type.Number({ minimum: 0, maximum: MAX_MEASURE, description });
const uint32 = (description: string) => Type.Integer({ minimum: 0, maximum: MAX_UINT32, description });
const address = (description: string) => Type.String({ description: `${description} IPv4 or IPv6, without zone.` });
const relation = (description: string) => Type.Enum([...RELATIONS], { description });

const capacities = {
  ingressCapacity: Type.Optional(measure('Most traffic that may enter here, in `unit`; unlimited where left out.')),
  egressCapacity: Type.Optional(measure('Most traffic that may leave here, in `unit`; unlimited where left out.')),
  price: Type.Optional(measure('Added to the distance of every unit of traffic that leaves here. Default 0.')),
};

const RouterRow = closed(
  {
    id: id('Unique among routers and interfaces.'),
    ...capacities,
    address: Type.Optional(address('Loopback address.')),
    routerId: Type.Optional(address('BGP identifier, which breaks ties; `address` where left out.')),
    format: Type.Optional(Type.Enum([...ROUTER_FORMATS], { description: 'Router OS that policies are rendered for.' })),
  },
  'A border router. One without interfaces is a point; one with interfaces carries neither capacity nor price.',
);

const InterfaceRow = closed(
  { id: id('Unique among routers and interfaces.'), router: id('Router that it belongs to.'), ...capacities },
  'An interface of a border router: a point.',
);

const DistanceRow = closed(
  {
    from: id('Router.'),
    to: id('Router.'),
    distance: measure('IGP metric; 0 from a router to itself.'),
    directed: Type.Optional(Type.Boolean({ description: 'Holds in this direction only. Default false: in both.' })),
  },
  'Metric of the shortest IGP path between two routers. Pairs that are left out have no path.',
);

const LinkRow = closed(
  { ...DistanceRow.properties, from: id('Router, listed or not.'), to: id('Router, listed or not.') },
  'An IGP link. Inner routers need not be listed among `routers`; of parallel links the least counts.',
);

const NeighborRow = closed(
  {
    id: id('Unique among neighbors.'),
    asn: Type.Optional(uint32('AS number.')),
    relation: Type.Optional(relation('What the neighbor is to us.')),
    ingress: Type.Array(id('Point.'), {
      minItems: 1,
      uniqueItems: true,
      description: 'Points where it may hand traffic in.',
    }),
  },
  'A neighbor AS, or an origin site, that hands traffic in.',
);

const EgressRow = closed(
  {
    at: id('Point.'),
    penalty: Type.Optional(measure('Added to the distance of every unit of this prefix that leaves here. Default 0.')),
  },
  'An egress point with a penalty.',
);

const PrefixRow = closed(
  {
    id: Type.Optional(id('Unique among prefixes; the canonical text of `prefix` where left out.')),
    prefix: Type.String({ description: 'IPv4 or IPv6 prefix without host bits, unique; prefixes may nest.' }),
    egress: Type.Optional(
      Type.Array(Type.Union([id('Point.'), EgressRow]), {
        description: 'Points where the prefix may leave; left out or empty: those where it is advertised.',
      }),
    ),
  },
  'A destination prefix.',
);

const AdvertisementRow = closed(
  {
    prefix: id('Prefix, by id or by text.'),
    at: id('Point where it was received.'),
    peerAsn: Type.Optional(uint32('AS number of the peer; 0 or left out: unknown.')),
    peerAddress: Type.Optional(address('Address of the peer.')),
    peerRouterId: Type.Optional(address('BGP identifier of the peer.')),
    nextHop: Type.Optional(address('Next hop.')),
    asPath: Type.Optional(Type.Array(uint32('AS number.'), { description: 'AS path, nearest AS first.' })),
    origin: Type.Optional(Type.Enum([...ORIGINS], { description: 'Origin. Default igp.' })),
    med: Type.Optional(uint32('Multi-exit discriminator.')),
    localPref: Type.Optional(uint32('Local preference.')),
    communities: Type.Optional(Type.Array(id('Community.'), { description: 'Communities, a set.' })),
  },
  'A route as it was received, before any policy of our own.',
);

const TrafficRow = closed(
  { neighbor: id('Neighbor.'), prefix: id('Prefix, by id or by text.'), volume: measure('Traffic, in `unit`.') },
  'Traffic that a neighbor hands in for a prefix, by longest match. A pair is given once.',
);

const SessionRow = closed(
  {
    at: id('Point.'),
    peerAsn: uint32('AS number of the peer.'),
    peerAddress: Type.Optional(address('Address of the peer.')),
    neighbor: Type.Optional(id('Neighbor that is at the other end.')),
    relation: Type.Optional(relation('What the peer is to us; that of `neighbor` where left out.')),
  },
  'A BGP session.',
);

const CurrentRow = closed(
  {
    neighbor: id('Neighbor.'),
    prefix: id('Prefix, by id or by text.'),
    ingress: id('Point.'),
    egress: id('Point.'),
  },
  'Present choice of a pair that has traffic. It may be one that is no longer allowed.',
);

export const ModelSchema = closed(
  {
    version: Type.Literal(MODEL_VERSION, { description: 'Version of this format.' }),
    name: Type.Optional(Type.String({ description: 'Label.' })),
    asn: Type.Optional(uint32('Own AS number.')),
    unit: Type.Optional(Type.String({ description: 'Unit of traffic and capacity, such as Mbit/s: a label.' })),
    metadata: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { description: 'Free; carried, never read.' })),
    routers: Type.Array(RouterRow, { maxItems: MAX_ROUTERS, description: 'Routers where something is attached.' }),
    interfaces: Type.Optional(Type.Array(InterfaceRow)),
    distances: Type.Optional(Type.Array(DistanceRow, { description: 'Instead of `links`.' })),
    links: Type.Optional(Type.Array(LinkRow, { description: 'Instead of `distances`, which follow from them.' })),
    neighbors: Type.Array(NeighborRow),
    prefixes: Type.Array(PrefixRow),
    advertisements: Type.Optional(Type.Array(AdvertisementRow)),
    traffic: Type.Array(TrafficRow),
    sessions: Type.Optional(Type.Array(SessionRow)),
    current: Type.Optional(Type.Array(CurrentRow)),
  },
  'A network in rows. Long lists may come in columns instead, see docs/model.md.',
);
