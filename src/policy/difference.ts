/** What changes from one policy to another: what is emitted, and what takes it back. */
import { DIRECTIONS, ordered, type PolicyRule, type RouterPolicy, type SessionPolicy } from './document.ts';
import type { RuleChange } from './report.ts';

/** By router, session, direction; rules that come before rules that go. */
export function policyDifference(before: readonly RouterPolicy[], after: readonly RouterPolicy[]): RuleChange[] {
  const routers = [...new Set([...before, ...after].map(({ router }) => router))].sort();
  return routers.flatMap((router) => {
    const [old, next] = [sessionsOf(before, router), sessionsOf(after, router)];
    return [...new Set([...old.keys(), ...next.keys()])].sort().flatMap((session) =>
      DIRECTIONS.flatMap((direction) => {
        const [was, is] = [old.get(session)?.[direction] ?? [], next.get(session)?.[direction] ?? []];
        const entries = (rules: readonly PolicyRule[], others: readonly PolicyRule[], change: RuleChange['change']) =>
          rules
            .filter((rule) => !others.some((other) => isSameRule(rule, other)))
            .map((rule): RuleChange => ({ router, session, direction, change, rule }));
        return [...entries(is, was, 'add'), ...entries(was, is, 'remove')];
      }),
    );
  });
}

/** Rules are few and their lists long: two that differ do so mostly in length or at the start. */
function isSameRule(a: PolicyRule, b: PolicyRule): boolean {
  if (a === b) return true;
  if (a.action !== b.action || a.isOwn !== b.isOwn || a.prefixes.length !== b.prefixes.length) return false;
  for (let at = 0; at < a.prefixes.length; at++) if (a.prefixes[at] !== b.prefixes[at]) return false;
  return JSON.stringify(ordered(a.set)) === JSON.stringify(ordered(b.set));
}

function sessionsOf(policies: readonly RouterPolicy[], router: string): Map<string, SessionPolicy> {
  const found = policies.find((policy) => policy.router === router);
  return new Map((found?.sessions ?? []).map((one) => [one.session, one]));
}
