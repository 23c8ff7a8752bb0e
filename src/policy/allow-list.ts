/** The prefixes that a plan may touch. */
import ipaddr from 'ipaddr.js';
import type { PolicyRule } from './document.ts';

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
