/** The prefixes that a plan may touch. */
import ipaddr from 'ipaddr.js';
import type { PolicyRule, RouterPolicy } from './document.ts';

/** Whether a prefix is one of `allow`, or lies within one; null allows all. */
export function allowance(allow: readonly string[] | null): (prefix: string) => boolean {
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

/** The part of a rule for prefixes that are wanted: itself, a narrower one, or none. */
export function narrowed(rule: PolicyRule, isWanted: (prefix: string) => boolean): PolicyRule[] {
  const prefixes = rule.prefixes.filter(isWanted);
  if (prefixes.length === rule.prefixes.length) return [rule];
  return prefixes.length === 0 ? [] : [{ ...rule, prefixes }];
}

/** What a plan may replace: rules of a plan, for prefixes that are allowed. */
export function replaceable(policies: readonly RouterPolicy[], isAllowed: (prefix: string) => boolean): RouterPolicy[] {
  return withRules(policies, (rule) => (rule.isOwn ? narrowed(rule, isAllowed) : []));
}

/** All that it has to keep. */
export function unreplaceable(
  policies: readonly RouterPolicy[],
  isAllowed: (prefix: string) => boolean,
): RouterPolicy[] {
  return withRules(policies, (rule) => (rule.isOwn ? narrowed(rule, (prefix) => !isAllowed(prefix)) : [rule]));
}

/** The same policies with a part of each rule. */
export function withRules(policies: readonly RouterPolicy[], part: (rule: PolicyRule) => PolicyRule[]): RouterPolicy[] {
  return policies.map(({ router, sessions }) => ({
    router,
    sessions: sessions.map((one) => ({
      session: one.session,
      import: one.import.flatMap(part),
      export: one.export.flatMap(part),
    })),
  }));
}
