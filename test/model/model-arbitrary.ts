/** Random valid payloads in rows, the same in columns, and permutations of them. */
import fc from 'fast-check';

export interface Rows {
  version: 1;
  routers: Record<string, unknown>[];
  interfaces: Record<string, unknown>[];
  links: Record<string, unknown>[];
  neighbors: { [key: string]: unknown; ingress: string[] }[];
  prefixes: { [key: string]: unknown; egress?: (string | { at: string; penalty: number })[] }[];
  advertisements: { [key: string]: unknown; asPath: number[]; communities: string[] }[];
  traffic: Record<string, unknown>[];
  sessions: Record<string, unknown>[];
  current: Record<string, unknown>[];
}

const measure = fc.double({ min: 0, max: 1e6, noNaN: true });
const asn = fc.integer({ min: 64500, max: 64506 });
const relation = fc.constantFrom('customer', 'peer', 'provider');
const address = fc.constantFrom('192.0.2.1', '192.0.2.9', '2001:db8::1', '2001:DB8:0:0::1');
const capacities = {
  ingressCapacity: fc.option(measure, { nil: undefined }),
  egressCapacity: fc.option(measure, { nil: undefined }),
  price: fc.option(measure, { nil: undefined }),
};
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

/** A router where nothing is advertised; as an egress of every prefix, it is eligible for every neighbor. */
const QUIET = 'quiet';

/** Every fourth router has two interfaces; a ring of links joins all, so that every pair is reachable. */
export const rowsArbitrary: fc.Arbitrary<Rows> = fc
  .record({
    routerCount: fc.integer({ min: 1, max: 6 }),
    neighborCount: fc.integer({ min: 1, max: 4 }),
    prefixCount: fc.integer({ min: 1, max: 6 }),
  })
  .chain(({ routerCount, neighborCount, prefixCount }) => {
    const names = (prefix: string, count: number) =>
      Array.from({ length: count }, (_, i) => `${prefix}${(i * 7) % 10}`);
    const routers = [QUIET, ...names('r', routerCount)];
    const withInterfaces = routers.filter((_, i) => i % 4 === 2);
    const interfaces = withInterfaces.flatMap((router) => [`${router}:b`, `${router}:a`]);
    const points = [...routers.filter((router) => !withInterfaces.includes(router)), ...interfaces];
    const point = fc.constantFrom(...points);
    const advertising = fc.constantFrom(...points.filter((id) => id !== QUIET));
    const somePoints = fc.uniqueArray(point, { minLength: 1 });
    const neighborIds = names('n', neighborCount);
    const prefixIds = names('p', prefixCount);
    const pairs = neighborIds.flatMap((neighbor) => prefixIds.map((prefix) => ({ neighbor, prefix })));
    return fc
      .record({
        version: fc.constant(1 as const),
        routers: fc.tuple(
          ...routers.map((id) =>
            fc.record({
              id: fc.constant(id),
              address: optional(address),
              routerId: optional(address),
              format: optional(fc.constant('frr')),
              ...(withInterfaces.includes(id) ? {} : capacities),
            }),
          ),
        ),
        interfaces: fc.tuple(
          ...interfaces.map((id) =>
            fc.record({ id: fc.constant(id), router: fc.constant(id.split(':')[0]), ...capacities }),
          ),
        ),
        links: fc.tuple(
          ...routers.map((from, i) =>
            fc.record({
              from: fc.constant(from),
              to: fc.constant(routers[(i + 1) % routers.length]),
              distance: measure,
            }),
          ),
        ),
        neighbors: fc.tuple(
          ...neighborIds.map((id) =>
            fc.record({ id: fc.constant(id), asn: optional(asn), relation: optional(relation), ingress: somePoints }),
          ),
        ),
        prefixes: fc.tuple(
          ...prefixIds.map((id, i) =>
            fc.record({
              id: fc.constant(id),
              prefix: fc.constant(i % 3 === 2 ? `2001:db8:${i}::/48` : `10.${i}.0.0/16`),
              egress: somePoints
                .map((at) => [...new Set([...at, QUIET])])
                .chain((at) =>
                  fc.tuple(
                    ...at.map((name) =>
                      fc.oneof(fc.constant(name), fc.record({ at: fc.constant(name), penalty: measure })),
                    ),
                  ),
                ),
            }),
          ),
        ),
        advertisements: fc.array(
          fc.record({
            prefix: fc.constantFrom(...prefixIds),
            at: advertising,
            peerAsn: optional(asn),
            peerAddress: optional(address),
            peerRouterId: optional(address),
            nextHop: optional(address),
            asPath: fc.array(fc.integer({ min: 64600, max: 64700 }), { maxLength: 3 }),
            origin: optional(fc.constantFrom('igp', 'egp', 'incomplete')),
            med: optional(fc.integer({ min: 0, max: 4294967295 })),
            localPref: optional(fc.integer({ min: 0, max: 4294967295 })),
            communities: fc.array(fc.constantFrom('64500:1', '64500:2', 'no-export'), { maxLength: 3 }),
          }),
          { maxLength: 12 },
        ),
        traffic: fc.subarray(pairs).chain((some) =>
          fc.tuple(
            ...some.map((pair) =>
              fc.record({
                neighbor: fc.constant(pair.neighbor),
                prefix: fc.constant(pair.prefix),
                volume: fc.oneof(fc.constant(0), measure),
              }),
            ),
          ),
        ),
        sessions: fc.array(
          fc.record({
            at: point,
            peerAsn: asn,
            peerAddress: optional(address),
            neighbor: optional(fc.constantFrom(...neighborIds)),
          }),
          { maxLength: 4 },
        ),
      })
      .chain((rows) =>
        fc
          .record({ currentOf: fc.subarray(rows.traffic), ingress: point, egress: point })
          .map(({ currentOf, ingress, egress }) => ({
            ...rows,
            current: currentOf.map(({ neighbor, prefix }) => ({ neighbor, prefix, ingress, egress })),
          })),
      );
  })
  .map((rows) => withoutUndefined(rows) as Rows);

/** The rows of every list, and the items of every list within, in some other order. */
export function permuted(rows: Rows): fc.Arbitrary<Rows> {
  const lists = Object.entries(rows).filter(([, list]) => Array.isArray(list)) as [string, Record<string, unknown>[]][];
  return fc
    .tuple(...lists.map(([, list]) => shuffled(list).chain((order) => fc.tuple(...order.map(withShuffledLists)))))
    .map((orders) => ({ ...rows, ...Object.fromEntries(lists.map(([key], i) => [key, orders[i]])) }));
}

function withShuffledLists(row: Record<string, unknown>): fc.Arbitrary<Record<string, unknown>> {
  const keys = ['ingress', 'egress', 'communities'].filter((key) => Array.isArray(row[key]));
  return fc
    .tuple(...keys.map((key) => shuffled(row[key] as unknown[])))
    .map((lists) => ({ ...row, ...Object.fromEntries(keys.map((key, i) => [key, lists[i]])) }));
}

function shuffled<T>(list: readonly T[]): fc.Arbitrary<T[]> {
  return fc.shuffledSubarray([...list], { minLength: list.length });
}

function withoutUndefined(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

type Columns = Record<string, unknown>;

/** The same payload in columns, references as indices where they have one. */
export function toColumns(rows: Rows): Columns {
  const owners = new Set(rows.interfaces.map(({ router }) => router));
  const routers = rows.routers.map(({ id }) => id);
  const points = [...routers.filter((id) => !owners.has(id)), ...rows.interfaces.map(({ id }) => id)];
  const neighbors = rows.neighbors.map(({ id }) => id);
  const prefixes = rows.prefixes.map(({ id }) => id);
  return {
    version: 1,
    routers: columnsOf(rows.routers, [
      'id',
      'ingressCapacity',
      'egressCapacity',
      'price',
      'address',
      'routerId',
      'format',
    ]),
    interfaces: {
      ...columnsOf(rows.interfaces, ['id', 'ingressCapacity', 'egressCapacity', 'price']),
      router: indices(rows.interfaces, 'router', routers),
    },
    links: {
      from: indices(rows.links, 'from', routers),
      to: indices(rows.links, 'to', routers),
      distance: rows.links.map(({ distance }) => distance),
    },
    neighbors: {
      ...columnsOf(rows.neighbors, ['id', 'asn', 'relation']),
      ingress: listsOf(rows.neighbors.map(({ ingress }) => ingress.map((id) => points.indexOf(id)))),
    },
    prefixes: {
      ...columnsOf(rows.prefixes, ['id', 'prefix']),
      egress: {
        ...listsOf(
          rows.prefixes.map(({ egress = [] }) =>
            egress.map((entry) => points.indexOf(typeof entry === 'string' ? entry : entry.at)),
          ),
        ),
        penalty: rows.prefixes.flatMap(({ egress = [] }) =>
          egress.map((entry) => (typeof entry === 'string' ? null : entry.penalty)),
        ),
      },
    },
    advertisements: {
      ...columnsOf(rows.advertisements, [
        'peerAsn',
        'peerAddress',
        'peerRouterId',
        'nextHop',
        'origin',
        'med',
        'localPref',
      ]),
      prefix: indices(rows.advertisements, 'prefix', prefixes),
      at: indices(rows.advertisements, 'at', points),
      asPath: listsOf(rows.advertisements.map(({ asPath }) => asPath)),
      communities: listsOf(rows.advertisements.map(({ communities }) => communities)),
    },
    traffic: {
      neighbor: indices(rows.traffic, 'neighbor', neighbors),
      prefix: indices(rows.traffic, 'prefix', prefixes),
      volume: rows.traffic.map(({ volume }) => volume),
    },
    sessions: {
      ...columnsOf(rows.sessions, ['peerAsn', 'peerAddress', 'relation']),
      at: indices(rows.sessions, 'at', points),
      neighbor: rows.sessions.map(({ neighbor }) => (neighbor === undefined ? null : neighbors.indexOf(neighbor))),
    },
    current: {
      neighbor: indices(rows.current, 'neighbor', neighbors),
      prefix: indices(rows.current, 'prefix', prefixes),
      ingress: indices(rows.current, 'ingress', points),
      egress: indices(rows.current, 'egress', points),
    },
  };
}

function columnsOf(rows: readonly Record<string, unknown>[], keys: readonly string[]): Columns {
  return Object.fromEntries(keys.map((key) => [key, rows.map((row) => row[key] ?? null)]));
}

function indices(rows: readonly Record<string, unknown>[], key: string, list: readonly unknown[]): number[] {
  return rows.map((row) => list.indexOf(row[key]));
}

function listsOf(lists: readonly (readonly unknown[])[]): Columns {
  const offsets = [0];
  for (const list of lists) offsets.push(offsets[offsets.length - 1] + list.length);
  return { offsets, values: lists.flat() };
}

const INDEX_KEYS = ['router', 'from', 'to', 'neighbor', 'prefix', 'at', 'ingress', 'egress', 'offsets'];
const MEASURE_KEYS = ['ingressCapacity', 'egressCapacity', 'price', 'distance', 'penalty', 'volume'];
const INTEGER_KEYS = ['asn', 'peerAsn', 'med', 'localPref', 'asPath'];

/** The same columns with every column of numbers binary, as a client would send it in msgpack. */
export function toBinary(columns: Columns): Columns {
  return Object.fromEntries(
    Object.entries(columns).map(([list, table]) => [
      list,
      typeof table === 'object' ? binaryTable(table as Columns) : table,
    ]),
  );
}

function binaryTable(table: Columns, listKey?: string): Columns {
  return Object.fromEntries(
    Object.entries(table).map(([key, column]) => {
      if (!Array.isArray(column)) return [key, binaryTable(column as Columns, key)];
      if (column.some((value) => typeof value === 'string')) return [key, column];
      const kind = key === 'values' ? (listKey as string) : key;
      const bytes = (array: Int32Array | Float64Array) => new Uint8Array(array.buffer);
      if (INDEX_KEYS.includes(kind)) return [key, bytes(Int32Array.from(column, (value) => value ?? -1))];
      if (INTEGER_KEYS.includes(kind)) return [key, bytes(Float64Array.from(column, (value) => value ?? -1))];
      const isMeasure = MEASURE_KEYS.includes(kind) && !column.includes(null);
      return [key, isMeasure ? bytes(Float64Array.from(column)) : column];
    }),
  );
}
