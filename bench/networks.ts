/**
 * Seeded networks for the benches, as payloads in columns. Points lie in a plane; every prefix is advertised at `slots` of
 * them and has traffic from `pairs / prefixes` neighbors; volumes are Zipf. Capacities are (1 + slack) times the loads of a
 * seeded random plan with one egress per prefix, so that a plan that fits exists and the nearest exit is overloaded.
 */
import { capacitiesFor, referencePlan } from '../src/formats/synthetic-capacity.ts';
import { uniform } from '../src/optimizer/run/random.ts';

export interface NetworkSize {
  readonly points: number;
  readonly neighbors: number;
  readonly prefixes: number;
  /** Egresses of each prefix. */
  readonly slots: number;
  readonly pairsPerPrefix: number;
  /** Of the volume by rank. */
  readonly zipf: number;
  readonly slack: number;
}

export const LARGE: NetworkSize = {
  points: 100,
  neighbors: 20,
  prefixes: 1_000_000,
  slots: 8,
  pairsPerPrefix: 2,
  zipf: 0.9,
  slack: 0.1,
};

const EDGE_KM = 5000;
const INGRESS_POINTS = 4;

export function planeNetwork(seed: number, size: NetworkSize): Record<string, unknown> {
  const random = uniform(seed);
  const { points: n, neighbors: q, prefixes: m, slots, pairsPerPrefix } = size;
  const place = Array.from({ length: n }, () => [EDGE_KM * random(), EDGE_KM * random()]);
  const draw = (count: number, of: number): Int32Array => {
    const chosen = new Set<number>();
    while (chosen.size < count) chosen.add(Math.floor(of * random()));
    return Int32Array.from(chosen).sort();
  };
  const ingress = Array.from({ length: q }, () => draw(Math.min(n, INGRESS_POINTS), n));
  const egress = new Int32Array(m * slots);
  const neighbor = new Int32Array(m * pairsPerPrefix);
  const volume = new Float64Array(m * pairsPerPrefix);
  for (let k = 0; k < m; k++) {
    egress.set(draw(slots, n), k * slots);
    neighbor.set(draw(pairsPerPrefix, q), k * pairsPerPrefix);
    const mass = 1e6 / (k + 1) ** size.zipf;
    for (let at = 0; at < pairsPerPrefix; at++) volume[k * pairsPerPrefix + at] = mass * (0.2 + random());
  }
  const start = Int32Array.from({ length: m + 1 }, (_, k) => k * pairsPerPrefix);
  const slotsOf = Array.from({ length: m }, (_, k) => egress.subarray(k * slots, (k + 1) * slots));
  const frame = { pointCount: n, ingress, egress: slotsOf, start, neighbor, volume };
  const capacity = capacitiesFor(referencePlan(frame, seed), frame, size.slack);
  const far = (a: number[], b: number[]) => Math.round(Math.hypot(a[0] - b[0], a[1] - b[1]));
  const edges = place.flatMap((_, from) => place.slice(from + 1).map((_, at) => [from, from + 1 + at]));
  const bytes = (values: Int32Array | Float64Array) => new Uint8Array(values.buffer);
  const lists = (values: readonly Int32Array[]) => ({
    offsets: bytes(
      Int32Array.from([0, ...values.map((_, at) => values.slice(0, at + 1).reduce((s, v) => s + v.length, 0))]),
    ),
    values: bytes(Int32Array.from(values.flatMap((list) => [...list]))),
  });
  return {
    version: 1,
    name: `plane ${n} x ${m}`,
    routers: {
      id: place.map((_, i) => `r${String(i).padStart(3, '0')}`),
      ingressCapacity: bytes(capacity.ingressCapacity),
      egressCapacity: bytes(capacity.egressCapacity),
    },
    distances: {
      from: bytes(Int32Array.from(edges, ([from]) => from)),
      to: bytes(Int32Array.from(edges, ([, to]) => to)),
      distance: bytes(Float64Array.from(edges, ([from, to]) => far(place[from], place[to]))),
    },
    neighbors: { id: ingress.map((_, h) => `n${String(h).padStart(2, '0')}`), ingress: lists(ingress) },
    prefixes: {
      prefix: Array.from({ length: m }, (_, k) => `${10 + (k >> 16)}.${(k >> 8) & 255}.${k & 255}.0/24`),
      egress: { offsets: bytes(Int32Array.from({ length: m + 1 }, (_, k) => k * slots)), values: bytes(egress) },
    },
    traffic: {
      neighbor: bytes(neighbor),
      prefix: bytes(Int32Array.from({ length: m * pairsPerPrefix }, (_, p) => Math.floor(p / pairsPerPrefix))),
      volume: bytes(volume),
    },
  };
}
