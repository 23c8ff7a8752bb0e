/**
 * The order in which an ingress point prefers egress points: a strict total order, so that compute_egress is unique.
 *
 * At ingress i: own router first, then distance, then BGP identifier of the router, then ids. RFC 4271 §9.1.2.2 ends its
 * tie-breaking with the BGP identifier (f) and the peer address (g); price and penalty play no part.
 */
import ipaddr from 'ipaddr.js';
import { distanceBetween, type NetworkModel } from '../model/network-model.ts';

export interface Closeness {
  /** Int32 [n × n], row-major ingress × egress: place of the egress in the order of the ingress, from 0. */
  readonly rank: Int32Array;
  /** Int32 [n × n], row-major ingress × place: the inverse of `rank` within each row. */
  readonly order: Int32Array;
}

export function closenessOf(model: NetworkModel): Closeness {
  const { points } = model;
  const n = points.length;
  const tieRank = tieBreakRank(model);
  const rank = new Int32Array(n * n);
  const order = new Int32Array(n * n);
  for (let i = 0; i < n; i++) {
    const own = points[i].router;
    const row = Array.from({ length: n }, (_, j) => j).sort((a, b) => {
      const first = Number(points[b].router === own) - Number(points[a].router === own);
      return first || compare(distanceBetween(model, i, a), distanceBetween(model, i, b)) || tieRank[a] - tieRank[b];
    });
    for (let place = 0; place < n; place++) {
      order[i * n + place] = row[place];
      rank[i * n + row[place]] = place;
    }
  }
  return { rank, order };
}

/** Place of every point by BGP identifier (as a number; routers without one last), router id, point id. */
function tieBreakRank(model: NetworkModel): Int32Array {
  const identifier = model.routers.map((router) => identifierDigits(router.routerId));
  const byTie = model.points
    .map((_, point) => point)
    .sort((a, b) => {
      const [ra, rb] = [model.points[a].router, model.points[b].router];
      // Routers and points are sorted by id, so an index stands for the id.
      return compare(identifier[ra], identifier[rb]) || ra - rb || a - b;
    });
  const rank = new Int32Array(byTie.length);
  byTie.forEach((point, place) => {
    rank[point] = place;
  });
  return rank;
}

/** Digits of one length, so that text compares as the number does, IPv6 included; "none" sorts after them. */
function identifierDigits(routerId: string | null): string {
  if (routerId === null) return 'none';
  const value = ipaddr
    .parse(routerId)
    .toByteArray()
    .reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  return value.toString().padStart(39, '0');
}

function compare<T extends number | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
