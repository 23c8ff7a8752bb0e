import { type Graph, parseGraphml } from './graphml.ts';

/** Routers and IGP links of a network. */
export interface Topology {
  readonly name: string | null;
  readonly nodes: readonly TopologyNode[];
  /** No self-loops, at most one link per pair of nodes (per direction, where the graph is directed). */
  readonly links: readonly TopologyLink[];
  /** Links hold in one direction only. */
  readonly directed: boolean;
  /** Int32, indices into `nodes`, ascending: the largest set of nodes that all reach each other. */
  readonly connected: Int32Array;
  /** What was filled in, merged or left out, in plain sentences. */
  readonly reports: readonly string[];
}

export interface TopologyNode {
  /** The label where labels are unique, else label and GraphML id: "London-11". */
  readonly id: string;
  readonly label: string | null;
  /** Degrees; null only where no node that it is connected with has coordinates. */
  readonly latitude: number | null;
  readonly longitude: number | null;
}

export interface TopologyLink {
  /** Indices into `nodes`. */
  readonly from: number;
  readonly to: number;
  /** As the link carries it, else the great-circle length in whole km, at least 1. */
  readonly metric: number;
}

/** A place in degrees, or null. */
type Place = { readonly latitude: number; readonly longitude: number } | null;

/** IUGG mean radius. */
const EARTH_RADIUS_KM = 6371.0088;

/**
 * Reads a GraphML topology (Internet Topology Zoo) and completes it: coordinates, metrics, connectedness.
 *
 * @throws EgressoError FORMAT_INVALID, with `/line/N` pointers.
 */
export function parseTopology(text: string, name = 'the topology'): Topology {
  const graph = parseGraphml(text, name);
  const reports: string[] = [];
  if (graph.hyperedgeCount > 0) reports.push(`Hyperedges left out: ${graph.hyperedgeCount}.`);
  const ids = nodeIds(graph);
  const places = locate(graph, ids, reports);
  const directed = graph.edges.some((edge) => edge.directed);
  const links = mergeLinks(graph, ids, places, directed, reports);
  const connected = largestConnected(graph.nodes.length, links, directed);
  const together = new Set(connected);
  const apart = ids.filter((_, node) => !together.has(node));
  if (apart.length > 0) reports.push(`Not connected with the rest, no session is put there: ${apart.join(', ')}.`);
  const nodes = graph.nodes.map(({ label }, node) => ({
    id: ids[node],
    label,
    latitude: places[node]?.latitude ?? null,
    longitude: places[node]?.longitude ?? null,
  }));
  return { name: graph.name, nodes, links, directed, connected, reports };
}

/** Great-circle distance by the haversine formula, km. */
export function greatCircleKm(
  a: { latitude: number; longitude: number },
  b: { latitude: number; longitude: number },
): number {
  const radians = Math.PI / 180;
  const halfLatitude = Math.sin(((b.latitude - a.latitude) * radians) / 2);
  const halfLongitude = Math.sin(((b.longitude - a.longitude) * radians) / 2);
  const h = halfLatitude ** 2 + Math.cos(a.latitude * radians) * Math.cos(b.latitude * radians) * halfLongitude ** 2;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(h)));
}

function nodeIds(graph: Graph): string[] {
  const uses = new Map<string, number>();
  for (const { id, label } of graph.nodes) uses.set(label ?? id, (uses.get(label ?? id) ?? 0) + 1);
  const ids = graph.nodes.map(({ id, label }) =>
    uses.get(label ?? id) === 1 ? (label ?? id) : `${label ?? ''}-${id}`,
  );
  // "a-1" may be a label as well; the ids of the file are unique in any case.
  return new Set(ids).size === ids.length ? ids : graph.nodes.map(({ id }) => id);
}

/** Fills missing coordinates with the mean of the neighbors', ring by ring outward from the nodes that have some. */
function locate(graph: Graph, ids: readonly string[], reports: string[]): Place[] {
  const places: Place[] = graph.nodes.map(({ latitude, longitude }) =>
    latitude === null || longitude === null ? null : { latitude, longitude },
  );
  const neighbors = graph.nodes.map(() => new Set<number>());
  for (const { from, to } of graph.edges) {
    if (from === to) continue;
    neighbors[from].add(to);
    neighbors[to].add(from);
  }
  const filled: string[] = [];
  let missing = places.flatMap((place, node) => (place === null ? [node] : []));
  while (missing.length > 0) {
    // All of a ring are computed before any is written, so that the order of nodes never shows.
    const ring = missing.map((node) => meanPlace([...neighbors[node]].sort((a, b) => a - b).map((n) => places[n])));
    if (ring.every((place) => place === null)) break;
    missing.forEach((node, i) => {
      places[node] = ring[i];
      if (ring[i] !== null) filled.push(ids[node]);
    });
    missing = missing.filter((node) => places[node] === null);
  }
  if (filled.length > 0) reports.push(`No coordinates, the mean of the neighbors' is taken: ${filled.join(', ')}.`);
  if (missing.length > 0) {
    reports.push(`No coordinates, nor has any neighbor: ${missing.map((node) => ids[node]).join(', ')}.`);
  }
  return places;
}

/** Longitudes are unrolled around the first, so that a mean across the 180th meridian stays there. */
function meanPlace(places: readonly Place[]): Place {
  const known = places.filter((place) => place !== null);
  if (known.length === 0) return null;
  const first = known[0].longitude;
  let latitude = 0;
  let longitude = 0;
  for (const place of known) {
    const offset = place.longitude - first;
    latitude += place.latitude;
    longitude += place.longitude - (offset > 180 ? 360 : offset < -180 ? -360 : 0);
  }
  const mean = longitude / known.length;
  return { latitude: latitude / known.length, longitude: mean > 180 ? mean - 360 : mean < -180 ? mean + 360 : mean };
}

function mergeLinks(
  graph: Graph,
  ids: readonly string[],
  places: readonly Place[],
  directed: boolean,
  reports: string[],
): TopologyLink[] {
  const links = new Map<number, TopologyLink>();
  const selfLoops = new Set<string>();
  const parallel = new Set<string>();
  let carried = 0;
  let placeless = 0;
  const keepLeast = (from: number, to: number, metric: number): void => {
    const key = from * graph.nodes.length + to;
    const kept = links.get(key);
    if (kept !== undefined) parallel.add(`${ids[from]}–${ids[to]}`);
    if (kept === undefined || metric < kept.metric) links.set(key, { from, to, metric });
  };
  for (const edge of graph.edges) {
    if (edge.from === edge.to) {
      selfLoops.add(ids[edge.from]);
      continue;
    }
    const a = places[edge.from];
    const b = places[edge.to];
    if (edge.metric !== null) carried++;
    else if (a === null || b === null) placeless++;
    const metric = edge.metric ?? (a === null || b === null ? 1 : Math.max(1, Math.round(greatCircleKm(a, b))));
    if (!directed) keepLeast(Math.min(edge.from, edge.to), Math.max(edge.from, edge.to), metric);
    else {
      keepLeast(edge.from, edge.to, metric);
      if (!edge.directed) keepLeast(edge.to, edge.from, metric);
    }
  }
  const all = graph.edges.filter((edge) => edge.from !== edge.to).length;
  if (carried > 0 && carried < all) {
    reports.push(`Links without a metric, which take their length in km: ${all - carried} of ${all}.`);
  }
  if (placeless > 0) reports.push(`Links with neither metric nor coordinates, which take the metric 1: ${placeless}.`);
  if (selfLoops.size > 0) reports.push(`Self-loops are left out: ${[...selfLoops].join(', ')}.`);
  if (parallel.size > 0) reports.push(`Of parallel links the least metric is kept: ${[...parallel].join(', ')}.`);
  return [...links.values()];
}

/** The largest strongly connected set; of equal ones that with the lowest node. */
function largestConnected(nodeCount: number, links: readonly TopologyLink[], directed: boolean): Int32Array {
  const next: number[][] = Array.from({ length: nodeCount }, () => []);
  const previous: number[][] = directed ? Array.from({ length: nodeCount }, () => []) : next;
  for (const { from, to } of links) {
    next[from].push(to);
    previous[to].push(from);
  }
  const taken = new Uint8Array(nodeCount);
  let largest: number[] = [];
  for (let root = 0; root < nodeCount; root++) {
    if (taken[root] === 1) continue;
    const back = directed ? reach(root, previous) : null;
    const found = [...reach(root, next)].filter((node) => back === null || back.has(node));
    for (const node of found) taken[node] = 1;
    if (found.length > largest.length) largest = found;
  }
  return Int32Array.from(largest).sort();
}

function reach(root: number, next: readonly (readonly number[])[]): Set<number> {
  const reached = new Set([root]);
  for (const node of reached) for (const neighbor of next[node]) reached.add(neighbor);
  return reached;
}
