/**
 * The decision of every router for one prefix in a full iBGP mesh, where it can be had without playing it out.
 *
 * Let T be the accepted routes that are best by local-pref, AS-path length, origin and, where all of T compare, MED. A
 * router that learned a route of T takes one of its own by eBGP over iBGP, and tells it to all; every other router takes
 * the nearest of those. So the state is unique, in O(routes + routers · places looked at). It does not hold where MEDs
 * within T differ for one neighbor AS, where a router resolves no next hop of T, and where a route may not be told: then
 * `false`. Paths that a controller injects are told to all, so that each router takes the nearest; where they are a part of T, `false`.
 */
import { maySharePath } from './as-path.ts';
import { ADVERTISEMENT } from './communities.ts';
import type { BgpNetwork } from './network.ts';
import { leaveOpen, type OpenChoices } from './open-routes.ts';
import { NO_ROUTE, type RouteTable, UNDETERMINED } from './routes.ts';
import type { BgpSpeakers } from './speakers.ts';

/** States of `#tied`. */
const TIED = 1;
const OPEN = 2;

export class FullMesh {
  readonly #routes: RouteTable;
  readonly #speakers: BgpSpeakers;
  readonly #routerCount: number;
  readonly #comparesMetrics: boolean;
  /** Int32 [router × place], other routers by metric, identifier, address; -1 behind the last that resolves. */
  readonly #nearest: Int32Array;
  /** Uint8 [routers], 1 where all others resolve its next hops. */
  readonly #isReached: Uint8Array;
  /** Int32 [routers]: the router's own best of T, or -1. Scratch of one prefix. */
  readonly #own: Int32Array;
  /** Uint8 [routers]: TIED where another one of its own is as good, OPEN where nobody can compare two of them. */
  readonly #tied: Uint8Array;
  /** Uint8 [routers], 1 where those leave at several points. */
  readonly #split: Uint8Array;
  #survivors = new Int32Array(16);
  #count = 0;
  /** T is of injected paths. */
  #isInjected = false;

  constructor(speakers: BgpSpeakers, routes: RouteTable) {
    const { network, metric } = speakers;
    this.#routes = routes;
    this.#speakers = speakers;
    this.#routerCount = network.model.routers.length;
    this.#comparesMetrics = speakers.traits.every(({ comparesIgpMetric }) => comparesIgpMetric);
    this.#own = new Int32Array(this.#routerCount);
    this.#tied = new Uint8Array(this.#routerCount);
    this.#split = new Uint8Array(this.#routerCount);
    this.#nearest = nearestRouters(metric, network);
    this.#isReached = reachedByAll(metric, this.#routerCount);
  }

  /** Writes prefix k to `best` and `open`, as in `Routing`; false where it has to be played. */
  decide(k: number, best: Int32Array, open: OpenChoices): boolean {
    const count = this.#findSurvivors(k);
    this.#count = count;
    const n = this.#routerCount;
    const first = k * n;
    if (count === 0) {
      best.fill(NO_ROUTE, first, first + n);
      return true;
    }
    if (count < 0) return false;
    const { router } = this.#routes;
    if (count === 1 && this.#isReached[router[this.#survivors[0]]] === 1) {
      best.fill(this.#survivors[0], first, first + n);
      return true;
    }
    const own = this.#own.fill(-1);
    const tied = this.#tied.fill(0);
    const split = this.#split.fill(0);
    for (let s = 0; s < count; s++) this.#offer(router[this.#survivors[s]], this.#survivors[s]);
    for (let s = 0; s < count; s++) this.#share(router[this.#survivors[s]], this.#survivors[s]);
    for (let i = 0; i < n; i++) {
      if (own[i] >= 0) {
        best[first + i] = split[i] === 0 ? own[i] : UNDETERMINED;
        if (tied[i] !== 0) leaveOpen(open, k, i, own[i], n);
        continue;
      }
      let place = i * n;
      while (this.#nearest[place] >= 0 && own[this.#nearest[place]] < 0) place++;
      // A worse route that does resolve may be the best of this router, and it may tell others.
      if (this.#nearest[place] < 0) return false;
      const from = this.#nearest[place];
      const isOpen = this.#isOpenBehind(i, place);
      best[first + i] = isOpen ? UNDETERMINED : own[from];
      if (isOpen || tied[from] !== 0) leaveOpen(open, k, i, own[from], n);
    }
    return true;
  }

  /** Fills T; its size, or -1 where its MEDs compare for some routes and not for others, or a route may not be told. */
  #findSurvivors(k: number): number {
    const { start, isAccepted, localPref, asPathLength, origin, med, neighborAs, withheld, isInjected } = this.#routes;
    if (this.#survivors.length < start[k + 1] - start[k]) this.#survivors = new Int32Array(start[k + 1] - start[k]);
    const survivors = this.#survivors;
    let count = 0;
    let isMedEqual = true;
    let injectedCount = 0;
    for (let r = start[k]; r < start[k + 1]; r++) {
      if (isAccepted[r] === 0) continue;
      // ADVERTISEMENT or LOOP.
      if (withheld[r] >= ADVERTISEMENT) return -1;
      if (count > 0) {
        const other = survivors[0];
        // RFC 4271 §9.1.2, §9.1.2.2 a and b.
        let order =
          localPref[other] - localPref[r] || asPathLength[r] - asPathLength[other] || origin[r] - origin[other];
        if (this.#speakers.alwaysCompareMed) order ||= med[r] - med[other];
        if (order > 0) continue;
        if (order < 0) {
          count = 0;
          injectedCount = 0;
          isMedEqual = true;
        } else if (med[r] !== med[other]) isMedEqual = false;
      }
      survivors[count++] = r;
      injectedCount += isInjected[r];
    }
    this.#isInjected = injectedCount > 0;
    if (this.#isInjected && (injectedCount < count || !this.#comparesMetrics)) return -1;
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
    const isElsewhere = this.#routes.point[route] !== this.#routes.point[present];
    if (this.#isInjected) {
      this.#tie(router, OPEN, isElsewhere);
      return;
    }
    const { identifier, peerAddress } = this.#routes;
    const order = compareKnown(identifier[route], identifier[present]);
    const last = order === 0 ? compareKnown(peerAddress[route], peerAddress[present]) : order;
    // An identifier that is not known leaves it open, whatever else there is.
    if (this.#speakers.traits[router].prefersOldest || order === null) this.#tie(router, OPEN, isElsewhere);
    else if (last === null || last === 0) this.#tie(router, TIED, isElsewhere);
    else if (last < 0) {
      this.#own[router] = route;
      if (this.#tied[router] === OPEN) this.#tie(router, OPEN, isElsewhere);
      else {
        this.#tied[router] = 0;
        this.#split[router] = 0;
      }
    }
  }

  #tie(router: number, state: number, isElsewhere: boolean): void {
    this.#tied[router] = Math.max(this.#tied[router], state);
    if (isElsewhere) this.#split[router] = 1;
  }

  /** Multipath: another route of the same neighbor AS is used beside the router's own best, whichever that is. */
  #share(router: number, route: number): void {
    const own = this.#own[router];
    const { neighborAs, point } = this.#routes;
    if (this.#isInjected || route === own || !this.#speakers.traits[router].isMultipath) return;
    if (this.#tied[router] === 0 && neighborAs[route] !== neighborAs[own]) return;
    this.#tie(router, OPEN, point[route] !== point[own]);
  }

  /** Whether another router with a route of T, as near as the one at `place`, cannot be told from it, or is used too. */
  #isOpenBehind(router: number, place: number): boolean {
    const { network, metric, traits } = this.#speakers;
    const { identifierRank, addressRank } = network;
    const first = router * this.#routerCount;
    const chosen = this.#nearest[place];
    for (let next = place + 1; next < first + this.#routerCount; next++) {
      const other = this.#nearest[next];
      if (other < 0 || metric[first + other] !== metric[first + chosen]) return false;
      if (this.#own[other] < 0) continue;
      if (this.#isInjected) return true;
      const order = compareKnown(identifierRank[chosen], identifierRank[other]);
      const last = order === 0 ? compareKnown(addressRank[chosen], addressRank[other]) : order;
      if (last === null || last === 0) return true;
      if (traits[router].isMultipath && this.#maySharePath(chosen, other)) return true;
    }
    return false;
  }

  /** Whether what two routers take may have one AS path. */
  #maySharePath(one: number, other: number): boolean {
    const { network } = this.#speakers;
    for (const a of this.#possible(one)) {
      for (const b of this.#possible(other)) if (maySharePath(network, this.#routes, a, b)) return true;
    }
    return false;
  }

  #possible(router: number): readonly number[] {
    if (this.#tied[router] === 0) return [this.#own[router]];
    const all = Array.from(this.#survivors.subarray(0, this.#count));
    return all.filter((route) => this.#routes.router[route] === router);
  }
}

/** Of places, where a negative one is not known: null where it stands against another. */
function compareKnown(a: number, b: number): number | null {
  return a !== b && (a < 0 || b < 0) ? null : a - b;
}

function reachedByAll(metric: Float64Array, n: number): Uint8Array {
  const isReached = new Uint8Array(n).fill(1);
  for (let at = 0; at < n * n; at++) if (metric[at] === Number.POSITIVE_INFINITY) isReached[at % n] = 0;
  return isReached;
}

function nearestRouters(metric: Float64Array, { identifierRank, addressRank }: BgpNetwork): Int32Array {
  const n = identifierRank.length;
  const place = (rank: number): number => (rank < 0 ? Number.MAX_VALUE : rank);
  // There are n - 1 others, so every row of n ends in -1.
  const nearest = new Int32Array(n * n).fill(-1);
  for (let i = 0; i < n; i++) {
    const order = Array.from({ length: n }, (_, j) => j)
      .filter((j) => j !== i && metric[i * n + j] < Number.POSITIVE_INFINITY)
      .sort(
        (a, b) =>
          metric[i * n + a] - metric[i * n + b] ||
          place(identifierRank[a]) - place(identifierRank[b]) ||
          place(addressRank[a]) - place(addressRank[b]),
      );
    nearest.set(order, i * n);
  }
  return nearest;
}
