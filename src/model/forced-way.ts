/**
 * The same network with one pair held to one way: its neighbor is split in two, and the part that sends to the prefix may
 * enter at one point and leave at one. All arrays that differ are new; the hash is that of the whole network.
 */
import { arcsBefore } from './eligibility.ts';
import type { NetworkModel, TrafficTable } from './network-model.ts';

export function withForcedWay(
  model: NetworkModel,
  k: number,
  pair: number,
  ingress: number,
  egress: number,
): NetworkModel {
  const { neighbors, traffic } = model;
  const whole = neighbors[traffic.neighbor[pair]];
  const ids = new Set(neighbors.map(({ id }) => id));
  let id = `${whole.id}*`;
  while (ids.has(id)) id += '*';
  const forced = { ...whole, id, ingress: Int32Array.of(ingress) };
  return { ...model, neighbors: [...neighbors, forced], traffic: rearranged(model, k, pair, egress) };
}

/** The pair comes last in its prefix, as its neighbor is last; it is eligible for the egress alone. */
function rearranged(model: NetworkModel, k: number, pair: number, egress: number): TrafficTable {
  const { neighbors, prefixes, traffic } = model;
  const last = traffic.start[k + 1] - 1;
  const slots = prefixes.egressStart[k + 1] - prefixes.egressStart[k];
  const firstArc = arcsBefore(model, k);
  const eligible = traffic.eligible?.slice() ?? new Uint8Array(arcsBefore(model, prefixes.count)).fill(1);
  const arcOf = (one: number): number => firstArc + (one - traffic.start[k]) * slots;
  const own = eligible.slice(arcOf(pair), arcOf(pair + 1));
  eligible.copyWithin(arcOf(pair), arcOf(pair + 1), arcOf(last + 1));
  // What is not eligible does not become so.
  const egresses = prefixes.egressPoint.subarray(prefixes.egressStart[k], prefixes.egressStart[k + 1]);
  for (let slot = 0; slot < slots; slot++) eligible[arcOf(last) + slot] = egresses[slot] === egress ? own[slot] : 0;
  const neighbor = atEnd(traffic.neighbor, pair, last);
  neighbor[last] = neighbors.length;
  return {
    ...traffic,
    neighbor,
    eligible,
    volume: atEnd(traffic.volume, pair, last),
    currentIngress: atEnd(traffic.currentIngress, pair, last),
    currentEgress: atEnd(traffic.currentEgress, pair, last),
  };
}

/** A copy in which the entry of `pair` has moved behind those up to `last`. */
function atEnd<T extends Int32Array | Float64Array>(column: T, pair: number, last: number): T {
  const copy = column.slice() as T;
  copy.copyWithin(pair, pair + 1, last + 1);
  copy[last] = column[pair];
  return copy;
}
