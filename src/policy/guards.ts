/**
 * What a policy may never do, judged from the policy alone: match a prefix that was not learned on the session (import)
 * or at all (export), touch a prefix without traffic or outside the allow-list, tell a neighbor what it was not told
 * before, touch more prefixes than the limit on a session.
 *
 * That no rule matches more-specifics is by form: rules match prefixes exactly, and readers refuse texts that do more.
 */
import { allowance } from './allow-list.ts';
import type { AppliedPolicy } from './applied-policy.ts';
import { isReserved, NOTHING, withheldBy } from './bgp/communities.ts';
import type { BgpNetwork } from './bgp/network.ts';
import type { RouteTable } from './bgp/routes.ts';
import type { RouterPolicy } from './document.ts';
import type { Finding } from './finding.ts';
import type { PolicyNames } from './policy-names.ts';

export interface GuardLimits {
  /** Rules may be for these prefixes and what lies within them; null allows all. */
  readonly allow: readonly string[] | null;
  /** Most prefixes that rules of ours are for on one session and direction; null allows any number. */
  readonly maxPrefixes: number | null;
}

/** Of each kind on one session: the rest is counted. */
const MAX_NAMED = 20;

/** `policies`: rules of the plan alone. */
export function guardFindings(
  network: BgpNetwork,
  names: PolicyNames,
  routes: RouteTable,
  kept: AppliedPolicy,
  policies: readonly RouterPolicy[],
  limits: GuardLimits,
): Finding[] {
  const { model } = network;
  const findings: Finding[] = [];
  const fail = (message: string) => findings.push({ kind: 'guard', message });
  const isAllowed = allowance(limits.allow);
  for (const { router, sessions } of policies) {
    for (const policy of sessions) {
      const session = names.find(router, policy.session);
      const where = `${router}, session ${policy.session}`;
      for (const direction of ['import', 'export'] as const) {
        const isKept = kept.hasRules(direction, session);
        let touched = 0;
        const counts = new Map<string, number>();
        const failFor = (prefix: string, what: string) => {
          const count = (counts.get(what) ?? 0) + 1;
          counts.set(what, count);
          if (count <= MAX_NAMED) fail(`${where}: ${prefix} ${what}`);
        };
        for (const { prefixes, action, set } of policy[direction]) {
          touched += prefixes.length;
          if (withheldBy(set.communities ?? []) !== NOTHING && model.neighbors.length > 0) {
            fail(`${where}: a community would withdraw routes from neighbors`);
          } else {
            for (const one of set.communities?.filter(isReserved) ?? []) {
              if (withheldBy([one]) === NOTHING) {
                fail(`${where}: community ${one} is reserved (RFC 1997), and not ours`);
              }
            }
          }
          const indices = names.indicesOf(prefixes);
          for (let at = 0; at < indices.length; at++) {
            const prefix = prefixes[at];
            const k = indices[at];
            if (k < 0) failFor(prefix, 'was never learned');
            else if (direction === 'import' && !isLearned(routes, session, k)) failFor(prefix, 'was not learned here');
            else if (model.traffic.start[k] === model.traffic.start[k + 1])
              failFor(prefix, 'has no traffic in the plan');
            if (!isAllowed(prefix)) failFor(prefix, 'is outside the allow-list');
            const isRejected = isKept && k >= 0 && kept.ruleFor(direction, session, k)?.action === 'reject';
            if (action === 'accept' && isRejected) failFor(prefix, 'is rejected by the policy that is kept');
          }
        }
        for (const [what, count] of counts) {
          if (count > MAX_NAMED) fail(`${where}: ${count - MAX_NAMED} more: ${what}`);
        }
        if (limits.maxPrefixes !== null && touched > limits.maxPrefixes) {
          fail(`${where}: ${direction} rules are for ${touched} prefixes, at most ${limits.maxPrefixes} are allowed`);
        }
      }
    }
  }
  return findings;
}

function isLearned({ start, session: receivedOn }: RouteTable, session: number, k: number): boolean {
  for (let r = start[k]; r < start[k + 1]; r++) if (receivedOn[r] === session) return true;
  return false;
}
