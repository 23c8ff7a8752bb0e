/** What changes from one policy to another: what is emitted, and what takes it back. */
import { narrowed } from './allow-list.ts';
import {
  DIRECTIONS,
  type Direction,
  ordered,
  type PolicyRule,
  type RouterPolicy,
  type SessionPolicy,
} from './document.ts';
import type { RuleChange } from './report.ts';

/** By router, session, direction; rules that come before rules that go. */
export function policyDifference(before: readonly RouterPolicy[], after: readonly RouterPolicy[]): RuleChange[] {
  const routers = [...new Set([...before, ...after].map(({ router }) => router))].sort();
  return routers.flatMap((router) => {
    const [old, next] = [sessionsOf(before, router), sessionsOf(after, router)];
    return [...new Set([...old.keys(), ...next.keys()])].sort().flatMap((session) =>
      DIRECTIONS.flatMap((direction) => {
        const [was, is] = [old.get(session)?.[direction] ?? [], next.get(session)?.[direction] ?? []];
        const stays = new Set<PolicyRule>();
        const goes = was.filter((rule) => {
          const same = is.filter((other) => isSameRule(rule, other));
          for (const other of same) stays.add(other);
          return same.length === 0;
        });
        const entry = (change: RuleChange['change']) => (rule: PolicyRule) => ({
          router,
          session,
          direction,
          change,
          rule,
        });
        return [...is.filter((rule) => !stays.has(rule)).map(entry('add')), ...goes.map(entry('remove'))];
      }),
    );
  });
}

/**
 * The same for prefixes: a prefix that only goes from one rule to another that does the same stays where it is. Rules of a
 * plan share no prefix, so that nothing else tells them apart.
 */
export function prefixDifference(before: readonly RouterPolicy[], after: readonly RouterPolicy[]): RuleChange[] {
  const changes = policyDifference(before, after);
  const alike = Map.groupBy(changes, ({ router, session, direction, rule: { action, set, isOwn } }) =>
    JSON.stringify([router, session, direction, action, ordered(set), isOwn]),
  );
  const staying = new Map<RuleChange, ReadonlySet<string>>();
  for (const group of alike.values()) {
    // Nothing goes from one rule to another where all of them come, or all go.
    if (group.every(({ change }) => change === group[0].change)) continue;
    const [added, removed] = (['add', 'remove'] as const).map(
      (kind) => new Set(group.flatMap(({ change, rule }) => (change === kind && rule.isOwn ? rule.prefixes : []))),
    );
    for (const one of group) staying.set(one, one.change === 'add' ? removed : added);
  }
  return changes.flatMap((one) => {
    const stays = staying.get(one);
    if (stays === undefined) return [one];
    return narrowed(one.rule, (prefix) => !stays.has(prefix)).map((rule) => ({ ...one, rule }));
  });
}

/** `read` with the rules of `meant` in place of those that equal them: they need not be compared again, nor looked up. */
export function identified(read: readonly RouterPolicy[], meant: readonly RouterPolicy[]): RouterPolicy[] {
  return read.map(({ router, sessions }) => {
    const known = sessionsOf(meant, router);
    return {
      router,
      sessions: sessions.map((one) => {
        const rules = (direction: Direction) => {
          const others = known.get(one.session)?.[direction] ?? [];
          return one[direction].map((rule) => others.find((other) => isSameRule(rule, other)) ?? rule);
        };
        return { session: one.session, import: rules('import'), export: rules('export') };
      }),
    };
  });
}

/**
 * Rules are few and their lists long: two that differ do so mostly in length or at the start. Lists that were edited in place
 * have their prefixes in another order.
 */
function isSameRule(a: PolicyRule, b: PolicyRule): boolean {
  if (a === b || knownSame.get(a) === b) return true;
  if (a.action !== b.action || a.isOwn !== b.isOwn || a.prefixes.length !== b.prefixes.length) return false;
  if (JSON.stringify(ordered(a.set)) !== JSON.stringify(ordered(b.set))) return false;
  if (!a.prefixes.every((prefix, at) => prefix === b.prefixes[at])) {
    const others = new Set(b.prefixes);
    if (!a.prefixes.every((prefix) => others.delete(prefix))) return false;
  }
  knownSame.set(a, b);
  knownSame.set(b, a);
  return true;
}

/** Of long lists that were compared, the last that was equal. */
const knownSame = new WeakMap<PolicyRule, PolicyRule>();

function sessionsOf(policies: readonly RouterPolicy[], router: string): Map<string, SessionPolicy> {
  const found = policies.find((policy) => policy.router === router);
  return new Map((found?.sessions ?? []).map((one) => [one.session, one]));
}
