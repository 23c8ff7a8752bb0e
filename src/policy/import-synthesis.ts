/**
 * Import policy that makes BGP use the egress points of a plan.
 *
 * A prefix that leaves there anyway gets no rule. SES: a high local-pref at the chosen route. MES: the same local-pref at
 * one route of each point of the egress set, and AS-path length, origin and MED made equal, so that the IGP metric
 * decides at every router; paths can only be lengthened (by the neighbor's ASN: our own would be dropped as a loop), and an
 * origin can only be made worse, so that nothing looks better than it is. Everything outside the set loses by local-pref.
 */
import { ORIGINS } from '../model/network-model.ts';
import type { PlannedWays } from '../plan/planned-ways.ts';
import type { AppliedPolicy } from './applied-policy.ts';
import type { PairWays } from './bgp/pair-ways.ts';
import { isOffered } from './bgp/routes.ts';
import type { Routing } from './bgp/routing.ts';
import { MAX_PREPEND, ordered, type RouteChange } from './document.ts';
import type { Finding } from './finding.ts';
import type { RuleBook } from './rule-book.ts';

export interface ImportTask {
  /** What BGP does under the policy that is kept. */
  readonly routing: Routing;
  readonly ways: PairWays;
  readonly kept: AppliedPolicy;
  readonly planned: PlannedWays;
  readonly localPref: number;
  /** Added to what a rule touches, or null. */
  readonly community: string | null;
}

/** Adds the rules to `book`; returns Uint8 [prefixes], 1 for those that got one. */
export function synthesizeImport(task: ImportTask, book: RuleBook, findings: Finding[]): Uint8Array {
  const { model } = task.routing.speakers.network;
  const isTouched = new Uint8Array(model.prefixes.count);
  const change = new ChangeTable(task.localPref, task.community);
  for (let k = 0; k < model.prefixes.count; k++) {
    if (model.traffic.start[k] === model.traffic.start[k + 1] || leavesAsPlanned(task, k)) continue;
    const routes = egressSet(task, k).map((point) => routeAt(task, k, point));
    const missing = routes.indexOf(-1);
    if (missing >= 0) {
      const point = model.points[egressSet(task, k)[missing]].id;
      const what = `${model.prefixes.ids[k]} has no usable route at ${point}`;
      findings.push(
        isRejectedAt(task, k, egressSet(task, k)[missing])
          ? { kind: 'existing-policy', message: `${what}: policy that is kept rejects it` }
          : { kind: 'no-route', message: what },
      );
      continue;
    }
    const untold = routes.find((route) => refusedCount(task, k, route) > 0);
    if (untold !== undefined) {
      const point = model.points[task.routing.routes.point[untold]].id;
      const message = `no route of ${model.prefixes.ids[k]} at ${point} may be told to all neighbors that leave there`;
      findings.push({ kind: 'no-route', message });
      continue;
    }
    const finding = addRules(task, k, routes, change, book);
    if (finding === null) isTouched[k] = 1;
    else findings.push(finding);
  }
  return isTouched;
}

/** Leaves there by routes that the neighbor may be told: there may be another one at the point. */
function leavesAsPlanned({ routing, ways, planned }: ImportTask, k: number): boolean {
  const { network } = routing.speakers;
  const { traffic, points } = network.model;
  for (let pair = traffic.start[k]; pair < traffic.start[k + 1]; pair++) {
    const { router } = points[planned.ingress[pair]];
    if (!ways.leavesAt(k, router, planned.egress[pair])) return false;
    if (traffic.volume[pair] === 0) continue;
    if (!ways.isTold(k, router, traffic.neighbor[pair])) return false;
  }
  return true;
}

/** The points in use, ascending: a member of the set that nobody uses is left out. */
function egressSet({ routing, planned }: ImportTask, k: number): number[] {
  const { start } = routing.speakers.network.model.traffic;
  return [...new Set(planned.egress.subarray(start[k], start[k + 1]))].sort((a, b) => a - b);
}

/** The route of a prefix at a point that suits best: one that goes to all who are to use it, then the decision's order. */
function routeAt(task: ImportTask, k: number, point: number): number {
  const { routes } = task.routing;
  let best = -1;
  let bestRefused = 0;
  for (let r = routes.start[k]; r < routes.start[k + 1]; r++) {
    if (routes.point[r] !== point || routes.isAccepted[r] === 0) continue;
    const refused = refusedCount(task, k, r);
    const order =
      best < 0
        ? -1
        : refused - bestRefused ||
          routes.localPref[best] - routes.localPref[r] ||
          routes.asPathLength[r] - routes.asPathLength[best] ||
          routes.origin[r] - routes.origin[best] ||
          routes.med[r] - routes.med[best] ||
          routes.identifier[r] - routes.identifier[best] ||
          routes.peerAddress[r] - routes.peerAddress[best];
    if (order >= 0) continue;
    best = r;
    bestRefused = refused;
  }
  return best;
}

function isRejectedAt({ routing }: ImportTask, k: number, point: number): boolean {
  const { routes } = routing;
  for (let r = routes.start[k]; r < routes.start[k + 1]; r++) {
    if (routes.point[r] === point && routes.isAccepted[r] === 0) return true;
  }
  return false;
}

function refusedCount({ routing, planned }: ImportTask, k: number, route: number): number {
  const { network } = routing.speakers;
  const { traffic } = network.model;
  let count = 0;
  for (let pair = traffic.start[k]; pair < traffic.start[k + 1]; pair++) {
    if (planned.egress[pair] !== routing.routes.point[route] || traffic.volume[pair] === 0) continue;
    if (!isOffered(network, routing.routes, route, traffic.neighbor[pair])) count++;
  }
  return count;
}

function addRules(task: ImportTask, k: number, chosen: readonly number[], table: ChangeTable, book: RuleBook) {
  const { routes } = task.routing;
  let asPathLength = 0;
  let origin = 0;
  for (const route of chosen) {
    asPathLength = Math.max(asPathLength, routes.asPathLength[route]);
    origin = Math.max(origin, routes.origin[route]);
  }
  const med = mostCommon(chosen.map((route) => routes.med[route]));
  const changes: { readonly route: number; readonly change: RouteChange }[] = [];
  for (const route of chosen) {
    const present = task.kept.ruleFor('import', routes.session[route], k)?.set ?? null;
    const more = asPathLength - routes.asPathLength[route];
    const count = more + (present?.prepend?.count ?? 0);
    const asn = present?.prepend?.asn ?? neighborAsn(task, route);
    const what = () => `${task.routing.speakers.network.model.prefixes.ids[k]}, AS path ${more} too short`;
    if (more > 0 && asn <= 0) return finding('asn-unknown', `the neighbor AS is not known: ${what()}`);
    if (more > 0 && count > MAX_PREPEND) return finding('path-too-short', `${what()} (at most ${MAX_PREPEND})`);
    const change = table.change(present, {
      ...(more > 0 && { prepend: { asn, count } }),
      ...(routes.origin[route] !== origin && { origin: ORIGINS[origin] }),
      ...(routes.med[route] !== med && { med }),
    });
    changes.push({ route, change });
  }
  for (const { route, change } of changes) {
    book.add('import', routes.session[route], k, 'accept', change, table.textOf(change));
  }
  return null;
}

/** First AS of the path; its prepending lengthens the path and changes nothing else. */
function neighborAsn({ routing }: ImportTask, route: number): number {
  return routing.routes.neighborAs[route];
}

const finding = (kind: Finding['kind'], message: string): Finding => ({ kind, message });

/** Of equally common values the least. */
function mostCommon(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((a, b) => (b[1] > a[1] || (b[1] === a[1] && b[0] < a[0]) ? b : a))[0];
}

/** Most prefixes need nothing but the local-pref: their change is one object, made into text once. */
class ChangeTable {
  readonly #localPref: number;
  readonly #communities: readonly string[];
  #usual: RouteChange | null = null;
  readonly #known = new Map<string, RouteChange>();
  readonly #text = new Map<RouteChange, string>();

  constructor(localPref: number, community: string | null) {
    this.#localPref = localPref;
    this.#communities = community === null ? [] : [community];
  }

  /** What a rule that is kept does, then ours. */
  change(present: RouteChange | null, more: RouteChange): RouteChange {
    if (present !== null || Object.keys(more).length > 0) return this.#made(present, more);
    this.#usual ??= this.#made(null, {});
    return this.#usual;
  }

  #made(present: RouteChange | null, more: RouteChange): RouteChange {
    const communities = [...new Set([...(present?.communities ?? []), ...this.#communities])].sort();
    const change = ordered({
      ...present,
      ...more,
      localPref: this.#localPref,
      ...(communities.length > 0 && { communities }),
    });
    const text = JSON.stringify(change);
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    this.#known.set(text, change);
    this.#text.set(change, text);
    return change;
  }

  textOf(change: RouteChange): string {
    return this.#text.get(change) ?? JSON.stringify(change);
  }
}
