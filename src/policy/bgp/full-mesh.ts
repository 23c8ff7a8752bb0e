/**
 * The decision of every router for one prefix in a full iBGP mesh, where it can be had without playing it out.
 *
 * Let T be the accepted routes that are best by local-pref, AS-path length, origin and, where all of T compare, MED. A
 * router that learned a route of T takes one of its own by eBGP over iBGP, and tells it to all; every other router takes
 * the nearest of those. So the state is unique, in O(routes + routers · places looked at). It does not hold where MEDs
 * within T differ for one neighbor AS, where a router resolves no next hop of T, and where a route may not be told: then
 * `false`.
 */
import type { BgpSpeakers } from './propagation.ts';
import { ADVERTISEMENT, NO_ROUTE, type RouteTable, UNDETERMINED } from './routes.ts';

export class FullMesh {
  readonly #routes: RouteTable;
  readonly #prefersOldest: Uint8Array;
  readonly #alwaysCompareMed: boolean;
  readonly #routerCount: number;
  /** Int32 [router × place], other routers by metric, then identifier; -1 behind the last that resolves. */
  readonly #nearest: Int32Array;
  /** Int32 [routers]: the router's own best of T, or -1. Scratch of one prefix. */
  readonly #own: Int32Array;
  readonly #tied: Uint8Array;
  #survivors = new Int32Array(16);

  constructor(speakers: BgpSpeakers, routes: RouteTable) {
    const { network, alwaysCompareMed, prefersOldest } = speakers;
    this.#routes = routes;
    this.#alwaysCompareMed = alwaysCompareMed;
    this.#prefersOldest = prefersOldest;
    this.#routerCount = network.model.routers.length;
    this.#own = new Int32Array(this.#routerCount);
    this.#tied = new Uint8Array(this.#routerCount);
    this.#nearest = nearestRouters(network.metric, network.identifierRank);
  }

  /** Writes the best route of each router for prefix k to `best` from `k · routers`; false where it has to be played. */
  decide(k: number, best: Int32Array): boolean {
    const count = this.#findSurvivors(k);
    const n = this.#routerCount;
    const first = k * n;
    if (count === 0) {
      best.fill(NO_ROUTE, first, first + n);
      return true;
    }
    if (count < 0) return false;
    const { router } = this.#routes;
    const own = this.#own.fill(-1);
    const tied = this.#tied.fill(0);
    for (let s = 0; s < count; s++) this.#offer(router[this.#survivors[s]], this.#survivors[s]);
    for (let i = 0; i < n; i++) {
      if (own[i] >= 0) {
        best[first + i] = tied[i] === 1 ? UNDETERMINED : own[i];
        continue;
      }
      let place = i * n;
      while (this.#nearest[place] >= 0 && own[this.#nearest[place]] < 0) place++;
      // A worse route that does resolve may be the best of this router, and it may tell others.
      if (this.#nearest[place] < 0) return false;
      best[first + i] = own[this.#nearest[place]];
    }
    return true;
  }

  /** Fills T; its size, or -1 where its MEDs compare for some routes and not for others, or a route may not be told. */
  #findSurvivors(k: number): number {
    const { start, isAccepted, localPref, asPathLength, origin, med, neighborAs, withheld } = this.#routes;
    if (this.#survivors.length < start[k + 1] - start[k]) this.#survivors = new Int32Array(start[k + 1] - start[k]);
    const survivors = this.#survivors;
    let count = 0;
    let isMedEqual = true;
    for (let r = start[k]; r < start[k + 1]; r++) {
      if (isAccepted[r] === 0) continue;
      if (withheld[r] === ADVERTISEMENT) return -1;
      if (count > 0) {
        const other = survivors[0];
        // RFC 4271 §9.1.2, §9.1.2.2 a and b.
        let order =
          localPref[other] - localPref[r] || asPathLength[r] - asPathLength[other] || origin[r] - origin[other];
        if (this.#alwaysCompareMed) order ||= med[r] - med[other];
        if (order > 0) continue;
        if (order < 0) {
          count = 0;
          isMedEqual = true;
        } else if (med[r] !== med[other]) isMedEqual = false;
      }
      survivors[count++] = r;
    }
    if (isMedEqual) return count;
    for (let a = 1; a < count; a++) {
      for (let b = 0; b < a; b++) {
        const [x, y] = [survivors[a], survivors[b]];
        if (neighborAs[x] === neighborAs[y] && med[x] !== med[y]) return -1;
      }
    }
    return count;
  }

  /** The router's own routes compare by identifier and address of the peer (RFC 4271 §9.1.2.2 f and g). */
  #offer(router: number, route: number): void {
    const present = this.#own[router];
    if (present < 0) {
      this.#own[router] = route;
      return;
    }
    const { identifier, peerAddress } = this.#routes;
    const order = identifier[route] - identifier[present] || peerAddress[route] - peerAddress[present];
    const isOpen = this.#prefersOldest[router] === 1;
    if (isOpen || order === 0) this.#tied[router] = 1;
    else if (order < 0) {
      this.#own[router] = route;
      this.#tied[router] = 0;
    }
  }
}

function nearestRouters(metric: Float64Array, identifierRank: Int32Array): Int32Array {
  const n = identifierRank.length;
  // There are n - 1 others, so every row of n ends in -1.
  const nearest = new Int32Array(n * n).fill(-1);
  for (let i = 0; i < n; i++) {
    const order = Array.from({ length: n }, (_, j) => j)
      .filter((j) => j !== i && metric[i * n + j] < Number.POSITIVE_INFINITY)
      .sort((a, b) => metric[i * n + a] - metric[i * n + b] || identifierRank[a] - identifierRank[b]);
    nearest.set(order, i * n);
  }
  return nearest;
}
