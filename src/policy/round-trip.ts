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
import { PairWays } from './bgp/pair-ways.ts';
import type { Routing } from './bgp/routing.ts';
import type { Finding } from './finding.ts';
import { PairExplanation } from './pair-explanation.ts';
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
  const explanation = new PairExplanation(setting, routing, ways);
  for (let k = 0; k < prefixes.count; k++) {
    for (let pair = traffic.start[k]; pair < traffic.start[k + 1]; pair++) {
      const h = traffic.neighbor[pair];
      const wanted = planned.ingress[pair];
      const ingress = ways.ingress(h, k);
      const egress = ways.egress(k, points[wanted].router);
      // Where it may be told there, it has to come in there then.
      const isUntold = traffic.volume[pair] === 0 && ingress !== wanted && ways.isPreferredWhereTold(h, k, wanted);
      const holds = egress === planned.egress[pair] && (ingress === wanted || isUntold);
      const isAlone = holds && !isUntold && ways.offeredPointCount(h, k) === 1;
      const status = !holds ? 'failed' : isUntold ? 'untold' : isAlone ? 'enforced' : 'requested';
      counts[status]++;
      if (!all && (holds || pairs.length >= MAX_EXPLAINED)) continue;
      pairs.push(explanation.report({ pair, h, k, status, ingress, egress }, planned));
      if (holds) continue;
      for (const finding of explanation.findings(k, points[wanted].router, planned.egress[pair], egress)) {
        if (findings.every(({ message }) => message !== finding.message)) findings.push(finding);
      }
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
