/** What OSPF has to arrive at: shortest paths over the core links, in the direction of the traffic. */
import type { Wiring } from './wiring.ts';

export interface Igp {
  distance(from: string, to: string): number;
  /** Node ids of the first hops of all shortest paths, as a forwarding table of the lab names them (sorted, `+`). */
  nextHops(from: string, to: string): string;
}

/** Floyd–Warshall over the border routers. */
export function shortestPaths({ nodes }: Wiring): Igp {
  const border = nodes.filter(({ role }) => role === 'border');
  const key = (from: string, to: string): string => `${from} ${to}`;
  const distances = new Map<string, number>();
  const distance = (from: string, to: string): number => distances.get(key(from, to)) ?? Number.POSITIVE_INFINITY;
  const core = border.flatMap(({ id, interfaces }) =>
    interfaces.filter(({ role }) => role === 'core').map(({ peer, cost }) => ({ from: id, to: peer, cost })),
  );
  for (const { id } of border) distances.set(key(id, id), 0);
  for (const { from, to, cost } of core) distances.set(key(from, to), Math.min(cost, distance(from, to)));
  for (const { id: via } of border)
    for (const { id: from } of border)
      for (const { id: to } of border)
        distances.set(key(from, to), Math.min(distance(from, to), distance(from, via) + distance(via, to)));
  return {
    distance,
    nextHops: (from, to) =>
      core
        .filter((link) => link.from === from && link.cost + distance(link.to, to) === distance(from, to))
        .map((link) => link.to)
        .sort()
        .join('+'),
  };
}
