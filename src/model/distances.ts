import type { Table } from './column.ts';
import type { Directory } from './directory.ts';
import type { FaultList } from './fault-list.ts';
import { allRows } from './grouping.ts';
import { type DirectedLinks, shortestPaths } from './igp.ts';
import type { InnerRouters, NetworkModel } from './network-model.ts';
import { MAX_ROUTERS } from './points.ts';
import { readFlags, readMeasures, readReferences } from './read-column.ts';
import { openTable } from './table.ts';
import { DISTANCE_KINDS } from './tables.ts';

const NONE: InnerRouters = { ids: [], fromRouter: new Float64Array(0), toRouter: new Float64Array(0) };

type DistanceTable = Table<keyof typeof DISTANCE_KINDS>;

/** From `distances`, or from shortest paths over `links`. */
export function readDistances(
  payload: Readonly<Record<string, unknown>>,
  routers: Directory,
  points: Directory,
  faults: FaultList,
): Pick<NetworkModel, 'routerDistance' | 'innerRouters'> {
  if (routers.ranks.length > MAX_ROUTERS) return { routerDistance: new Float64Array(0), innerRouters: NONE };
  const distances = openTable(payload, 'distances', DISTANCE_KINDS, faults);
  const links = openTable(payload, 'links', DISTANCE_KINDS, faults);
  if (payload.distances !== undefined && payload.links !== undefined) {
    faults.add('/links', 'must be left out where there are distances');
  }
  return payload.links === undefined
    ? { routerDistance: givenDistances(distances, routers, faults), innerRouters: NONE }
    : pathDistances(links, routers, points, faults);
}

function givenDistances(table: DistanceTable, routers: Directory, faults: FaultList): Float64Array {
  const n = routers.ranks.length;
  const from = readReferences(table.column('from'), routers, true);
  const to = readReferences(table.column('to'), routers, true);
  const distance = readMeasures(table.column('distance'), null);
  const isDirected = readFlags(table.column('directed'));
  const full = new Float64Array(n * n).fill(Infinity);
  for (let router = 0; router < n; router++) full[router * n + router] = 0;
  const givenBy = new Map<number, number>();
  for (let row = 0; row < table.count; row++) {
    if (from[row] < 0 || to[row] < 0) continue;
    const pointer = () => table.pointer(row, 'distance');
    if (from[row] === to[row] && distance[row] !== 0) {
      faults.add(pointer, `must be 0 from a router to itself, not ${distance[row]}`);
    }
    const cells = [from[row] * n + to[row]];
    if (isDirected[row] === 0 && from[row] !== to[row]) cells.push(to[row] * n + from[row]);
    const earlier = cells.map((cell) => givenBy.get(cell)).find((given) => given !== undefined);
    if (earlier !== undefined) {
      faults.add(pointer, `must be given once; it is also at ${table.pointer(earlier, 'distance')}`);
      continue;
    }
    for (const cell of cells) {
      givenBy.set(cell, row);
      full[cell] = distance[row];
    }
  }
  return full;
}

function pathDistances(
  table: DistanceTable,
  routers: Directory,
  points: Directory,
  faults: FaultList,
): Pick<NetworkModel, 'routerDistance' | 'innerRouters'> {
  const earlierFaults = faults.count;
  const nodes = new LinkNodes(routers, points);
  const from = readReferences(table.column('from'), nodes, true);
  const to = readReferences(table.column('to'), nodes, true);
  const metric = readMeasures(table.column('distance'), null);
  const isDirected = readFlags(table.column('directed'));
  if (faults.count > earlierFaults) {
    return { routerDistance: new Float64Array(routers.ranks.length ** 2), innerRouters: NONE };
  }
  const back = allRows(table.count).filter((link) => isDirected[link] === 0);
  const linkCount = table.count + back.length;
  const links = {
    nodeCount: nodes.count,
    from: new Int32Array(linkCount),
    to: new Int32Array(linkCount),
    metric: new Float64Array(linkCount),
  };
  links.from.set(from);
  links.to.set(to);
  links.metric.set(metric);
  back.forEach((link, i) => {
    links.from[table.count + i] = to[link];
    links.to[table.count + i] = from[link];
    links.metric[table.count + i] = metric[link];
  });
  const n = routers.ranks.length;
  return { routerDistance: shortestPaths(links, n), innerRouters: innerRouters(links, nodes.innerIds, n) };
}

/** From every router over the links, and to every router by the same over links turned around. */
function innerRouters(links: DirectedLinks, ids: readonly string[], n: number): InnerRouters {
  if (ids.length === 0) return NONE;
  const nodeCount = n + ids.length;
  const forth = shortestPaths(links, n, nodeCount);
  const back = shortestPaths({ ...links, from: links.to, to: links.from }, n, nodeCount);
  const inner = { ids, fromRouter: new Float64Array(n * ids.length), toRouter: new Float64Array(ids.length * n) };
  for (let router = 0; router < n; router++) {
    for (let i = 0; i < ids.length; i++) {
      inner.fromRouter[router * ids.length + i] = forth[router * nodeCount + n + i];
      inner.toRouter[i * n + router] = back[router * nodeCount + n + i];
    }
  }
  return inner;
}

/** Numbers the ends of links: routers first, in canonical order, then inner nodes as they are met. */
class LinkNodes implements Directory {
  readonly noun = 'router';
  readonly ranks: Int32Array;
  readonly #routers: Directory;
  readonly #points: Directory;
  readonly #inner = new Map<string, number>();

  constructor(routers: Directory, points: Directory) {
    this.ranks = routers.ranks;
    this.#routers = routers;
    this.#points = points;
  }

  /** In the order of their numbers. */
  get innerIds(): string[] {
    return [...this.#inner.keys()];
  }

  get count(): number {
    return this.ranks.length + this.#inner.size;
  }

  find(name: string): number | string {
    const router = this.#routers.find(name);
    if (typeof router === 'number') return router;
    if (name === '') return 'a text that is not empty';
    if (typeof this.#points.find(name) === 'number') return 'a router; links do not join interfaces';
    const node = this.#inner.get(name) ?? this.count;
    this.#inner.set(name, node);
    return node;
  }
}
