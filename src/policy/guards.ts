/**
 * What a policy may never do, judged from the policy alone: match a prefix that was not learned on the session (import)
 * or at all (export), touch a prefix without traffic or outside the allow-list, tell a neighbor what it was not told
 * before, touch more prefixes than the limit on a session.
 *
 * That no rule matches more-specifics is by form: rules match prefixes exactly, and readers refuse texts that do more.
 */
import ipaddr from 'ipaddr.js';
import type { AppliedPolicy } from './applied-policy.ts';
import type { BgpNetwork } from './bgp/network.ts';
import type { RouteTable } from './bgp/routes.ts';
import { isReserved } from './communities.ts';
import type { RouterPolicy } from './document.ts';
import type { Finding } from './finding.ts';
import type { PolicyNames } from './policy-names.ts';

export interface GuardLimits {
  /** Rules may be for these prefixes and what lies within them; null allows all. */
  readonly allow: readonly string[] | null;
  /** Most prefixes that rules of ours are for on one session and direction; null allows any number. */
  readonly maxPrefixes: number | null;
}

/** Communities that keep a route from being exported (RFC 1997): a transit network would withdraw it with them. */
const WITHHOLDING = new Set(['65535:65281', '65535:65282', '65535:65283']);

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
        let touched = 0;
        for (const { prefixes, action, set, isOwn } of policy[direction]) {
          if (!isOwn) continue;
          touched += prefixes.length;
          if (set.communities?.some((one) => WITHHOLDING.has(one)) && model.neighbors.length > 0) {
            fail(`${where}: a community would withdraw routes from neighbors`);
          } else {
            for (const one of set.communities?.filter(isReserved) ?? []) {
              if (!WITHHOLDING.has(one)) fail(`${where}: community ${one} is reserved (RFC 1997), and not ours`);
            }
          }
          for (const prefix of prefixes) {
            const k = names.prefixIndex.get(prefix) ?? -1;
            if (k < 0) fail(`${where}: ${prefix} was never learned`);
            else if (direction === 'import' && !isLearned(routes, session, k)) {
              fail(`${where}: ${prefix} was not learned here`);
            } else if (model.traffic.start[k] === model.traffic.start[k + 1]) {
              fail(`${where}: ${prefix} has no traffic in the plan`);
            }
            if (!isAllowed(prefix)) fail(`${where}: ${prefix} is outside the allow-list`);
            const isRejected = k >= 0 && kept.ruleFor(direction, session, k)?.action === 'reject';
            if (action === 'accept' && isRejected) fail(`${where}: ${prefix} is rejected by the policy that is kept`);
          }
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

function allowance(allow: readonly string[] | null): (prefix: string) => boolean {
  if (allow === null) return () => true;
  const wide = allow.map((text) => ipaddr.parseCIDR(text));
  return (prefix) => {
    const [address, length] = ipaddr.parseCIDR(prefix);
    return wide.some(
      ([within, atLeast]) =>
        within.kind() === address.kind() && length >= atLeast && address.match(within as never, atLeast),
    );
  };
}
