/**
 * Seeded small tight networks, as payloads in rows: some points in a plane, integer volumes with a heavy tail, capacities a
 * little more than the loads of a seeded random plan with one egress per prefix.
 */
import { uniform } from '../src/optimizer/run/random.ts';

type Range = readonly [low: number, high: number];

export interface SmallShape {
  readonly points: Range;
  readonly neighbors: Range;
  readonly prefixes: Range;
  /** Share of the loads of the random plan by which capacities are above them. */
  readonly slack: Range;
}

export const SMALL: SmallShape = { points: [5, 12], neighbors: [3, 8], prefixes: [10, 40], slack: [0, 0.3] };

export function smallNetwork(seed: number, shape: SmallShape = SMALL) {
  // Consecutive seeds start alike: their bits are spread first.
  const random = uniform(Math.imul(seed, 0x9e3779b1));
  for (let skipped = 0; skipped < 16; skipped++) random();
  const between = (low: number, high: number) => low + Math.floor((high - low + 1) * random());
  const [n, q, m] = [between(...shape.points), between(...shape.neighbors), between(...shape.prefixes)];
  const slack = 1 + shape.slack[0] + (shape.slack[1] - shape.slack[0]) * random();
  const place = Array.from({ length: n }, () => [100 * random(), 100 * random()]);
  const some = (count: number): number[] => {
    const chosen = new Set<number>();
    while (chosen.size < count) chosen.add(Math.floor(n * random()));
    return [...chosen].sort((a, b) => a - b);
  };
  const ingress = Array.from({ length: q }, () => some(between(1, Math.min(4, n))));
  const egress = Array.from({ length: m }, () => some(between(2, Math.min(8, n))));
  const into = new Float64Array(n);
  const out = new Float64Array(n);
  const traffic = egress.flatMap((points, k) => {
    const exit = points[Math.floor(random() * points.length)];
    return ingress.flatMap((entries, h) => {
      if (random() < 0.3) return [];
      const volume = 1 + Math.floor(20 / (0.05 + random()) ** 1.2);
      into[entries[Math.floor(random() * entries.length)]] += volume;
      out[exit] += volume;
      return [{ neighbor: `n${h}`, prefix: `p${k}`, volume }];
    });
  });
  const id = (i: number) => `r${i}`;
  return {
    version: 1,
    name: `small ${seed}`,
    routers: place.map((_, i) => ({
      id: id(i),
      ingressCapacity: Math.ceil(slack * into[i]),
      egressCapacity: Math.ceil(slack * out[i]),
    })),
    distances: place.flatMap(([x, y], i) =>
      place.slice(i + 1).map(([u, v], at) => ({
        from: id(i),
        to: id(i + 1 + at),
        distance: Math.round(Math.hypot(x - u, y - v)),
      })),
    ),
    neighbors: ingress.map((points, h) => ({ id: `n${h}`, ingress: points.map(id) })),
    prefixes: egress.map((points, k) => ({ id: `p${k}`, prefix: `10.0.${k}.0/24`, egress: points.map(id) })),
    traffic,
  };
}
