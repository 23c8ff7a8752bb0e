/**
 * The proof: what BGP does under a policy, compared with the plan, for every pair.
 *
 * A pair holds where its neighbor enters at the planned point, and what enters there leaves at the planned point. It is
 * `enforced` where the neighbor is told of the prefix at that point only, `requested` where it is told elsewhere too and
 * comes by the rules that PairWays assumes of it. A pair without volume whose neighbor may not be told the prefix at the
 * planned point (its own AS is in the path there, or relations forbid it) is `untold`: nothing can enter there.
 */

import type { PlannedWays } from '../plan/planned-ways.ts';
import type { AppliedPolicy } from './applied-policy.ts';
import { decisionAtRest } from './bgp/decision-at-rest.ts';
import { DEFLECTED, PairWays } from './bgp/pair-ways.ts';
import { restingViews } from './bgp/propagation.ts';
import { NO_ROUTE, UNDETERMINED, UNSTABLE } from './bgp/routes.ts';
import type { Routing } from './bgp/routing.ts';
import type { Finding } from './finding.ts';
import type { PairReport } from './report.ts';
import type { Setting } from './setting.ts';

export interface RoundTrip {
  readonly enforcedCount: number;
  readonly requestedCount: number;
  readonly untoldCount: number;
  readonly failedCount: number;
  /** All pairs where they were asked for; else those that failed. */
  readonly pairs: readonly PairReport[];
  readonly findings: readonly Finding[];
}

/** Failed pairs that are explained; the rest is counted. */
const MAX_EXPLAINED = 1000;

export function roundTrip(
  setting: Setting,
  routing: Routing,
  policy: AppliedPolicy,
  planned: PlannedWays,
  all: boolean,
): RoundTrip {
  const { model, bgp } = setting;
  const { traffic, points, prefixes } = model;
  const ways = new PairWays(routing, policy, bgp);
  const counts = { enforced: 0, requested: 0, untold: 0, failed: 0 };
  const pairs: PairReport[] = [];
  const findings: Finding[] = [];
  const explanation = new Explanation(setting, routing, ways);
  for (let k = 0; k < prefixes.count; k++) {
    for (let pair = traffic.start[k]; pair < traffic.start[k + 1]; pair++) {
      const h = traffic.neighbor[pair];
      const wanted = planned.ingress[pair];
      const ingress = ways.ingress(h, k);
      const egress = ways.egress(k, points[wanted].router);
      const isUntold = traffic.volume[pair] === 0 && !ways.isOfferedAt(h, k, wanted);
      const holds = egress === planned.egress[pair] && (ingress === wanted || isUntold);
      const isAlone = holds && !isUntold && ways.offeredPointCount(h, k) === 1;
      const status = !holds ? 'failed' : isUntold ? 'untold' : isAlone ? 'enforced' : 'requested';
      counts[status]++;
      if (!all && (holds || pairs.length >= MAX_EXPLAINED)) continue;
      const report = explanation.of(pair, h, k, wanted, planned.egress[pair], status, ingress, egress);
      pairs.push(report);
      if (holds) continue;
      const hidden = explanation.hiddenPath(k, points[wanted].router, planned.egress[pair]);
      if (hidden !== null) findings.push(hidden);
      const open = explanation.openChoice(k, points[wanted].router, egress);
      if (open !== null && findings.every(({ message }) => message !== open.message)) findings.push(open);
    }
  }
  return {
    enforcedCount: counts.enforced,
    requestedCount: counts.requested,
    untoldCount: counts.untold,
    failedCount: counts.failed,
    pairs,
    findings,
  };
}

const NAMES = new Map([
  [NO_ROUTE, 'none'],
  [UNDETERMINED, 'undetermined'],
  [UNSTABLE, 'unstable'],
  [DEFLECTED, 'deflected'],
]);

class Explanation {
  readonly #setting: Setting;
  readonly #routing: Routing;
  readonly #ways: PairWays;

  constructor(setting: Setting, routing: Routing, ways: PairWays) {
    this.#setting = setting;
    this.#routing = routing;
    this.#ways = ways;
  }

  of(
    pair: number,
    h: number,
    k: number,
    wantedIngress: number,
    wantedEgress: number,
    status: PairReport['status'],
    ingress: number,
    egress: number,
  ): PairReport {
    const { neighbors, prefixes, points, traffic } = this.#setting.model;
    const nameOf = (point: number): string => NAMES.get(point) ?? points[point].id;
    return {
      neighbor: neighbors[h].id,
      prefix: prefixes.ids[k],
      volume: traffic.volume[pair],
      status,
      planned: { ingress: points[wantedIngress].id, egress: points[wantedEgress].id },
      found: { ingress: nameOf(ingress), egress: nameOf(egress) },
      ingressStep:
        ingress >= 0 ? this.#ways.ingressStep(h, k, ingress) : ingress === NO_ROUTE ? 'not-offered' : 'undetermined',
      egressStep: this.#egressStep(k, points[wantedIngress].router, egress),
    };
  }

  /** The step by which the ingress router decides. */
  #egressStep(k: number, router: number, egress: number): PairReport['egressStep'] {
    if (egress === DEFLECTED) return 'deflected';
    const { speakers, routes, best } = this.#routing;
    const decision = decisionAtRest(speakers, routes, best, k, router);
    if (decision === null) return 'unstable';
    return decision.best === null ? 'no-route' : decision.step;
  }

  /** Routes that a router, one on the way, or the one that it sends traffic to has nothing to tell apart by. */
  openChoice(k: number, router: number, egress: number): Finding | null {
    if (egress !== UNDETERMINED && egress !== DEFLECTED) return null;
    const { speakers, routes, best } = this.#routing;
    const { routers, points, prefixes } = this.#setting.model;
    const route = best[k * routers.length + router];
    const owner = route < 0 ? router : routes.router[route];
    const between = egress === DEFLECTED ? this.#ways.deflectedAt(k, router, owner) : -1;
    if (between >= routers.length) return this.#innerRouter(k, router, owner, between - routers.length);
    const chooser = between < 0 ? owner : between;
    const decision = decisionAtRest(speakers, routes, best, k, chooser);
    if (decision?.step !== 'undetermined') return null;
    const at = [...new Set(decision.remaining.map(({ route: one }) => points[routes.point[one]].id))].sort();
    return {
      kind: 'undetermined',
      message: `${routers[chooser].id} may send ${prefixes.ids[k]} to any of ${at.join(', ')}: nothing that is known of its routes there tells which`,
    };
  }

  #innerRouter(k: number, from: number, to: number, inner: number): Finding {
    const { routers, prefixes, innerRouters } = this.#setting.model;
    const way = `${prefixes.ids[k]} from ${routers[from].id} to ${routers[to].id}`;
    const what = this.#routing.speakers.ibgp.isFullMesh
      ? 'which may send it elsewhere'
      : 'and nobody knows what reflectors tell it: it has to be listed among the routers';
    return { kind: 'inner-router', message: `${way} passes ${innerRouters.ids[inner]}, ${what}` };
  }

  /** Where a reflector keeps the planned route from a router that is to use it. */
  hiddenPath(k: number, router: number, egress: number): Finding | null {
    const { speakers, routes } = this.#routing;
    if (speakers.ibgp.isFullMesh) return null;
    const views = restingViews(speakers, routes, k);
    if (views === null || views[router].held.some(({ route }) => routes.point[route] === egress)) return null;
    const { routers, points, prefixes } = this.#setting.model;
    const reflectors = speakers.ibgp.peers[router]
      .filter(({ role }) => role === 'reflector')
      .map((peer) => routers[peer.router].id);
    const by = reflectors.length > 0 ? `by its reflectors ${reflectors.join(', ')}` : 'by reflection';
    return {
      kind: 'hidden-path',
      message: `${routers[router].id} is not told the path of ${prefixes.ids[k]} at ${points[egress].id}: it is hidden ${by}`,
    };
  }
}
