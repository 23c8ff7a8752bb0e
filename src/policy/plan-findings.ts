/** Rules of the model that a plan breaks: no policy can bring BGP to such a plan. */

import type { NetworkModel } from '../model/network-model.ts';
import { checkAssignments, type Rule } from '../plan/check.ts';
import type { Plan } from '../plan/plan.ts';
import type { Finding } from './finding.ts';

/** Of each rule: the rest is counted. */
const MAX_NAMED = 20;

/** What a plan may overload, or change, is no matter of BGP. */
const OF_BGP: ReadonlySet<Rule> = new Set([
  'ingress-set',
  'egress-set',
  'reachability',
  'eligibility',
  'single-egress',
  'proximity',
  'one-point-per-router',
]);

/** A plan that does not say what it is is judged as one of several egress points. */
export function planFindings(model: NetworkModel, plan: Partial<Plan> & Pick<Plan, 'assignments'>): Finding[] {
  const { variant = 'mes', assignments } = plan;
  const { violations } = checkAssignments(model, assignments, { variant, threshold: 1, changeCost: 0 });
  const byRule = Map.groupBy(
    violations.filter(({ rule }) => OF_BGP.has(rule)),
    ({ rule }) => rule,
  );
  return [...byRule].flatMap(([rule, broken]) => {
    const named = broken.slice(0, MAX_NAMED).map(({ message }) => `${rule}: ${message}`);
    const rest = broken.length - named.length;
    return [...named, ...(rest > 0 ? [`${rule}: ${rest} more`] : [])].map(
      (message): Finding => ({ kind: 'plan-rule', message }),
    );
  });
}
