/** What changes from one policy to another: what is emitted, and what takes it back. */
import type { PolicyRule, RouterPolicy, SessionPolicy } from './document.ts';
import type { RuleChange } from './report.ts';

/** By router, session, direction; rules that go before rules that come. */
export function policyDifference(before: readonly RouterPolicy[], after: readonly RouterPolicy[]): RuleChange[] {
  const routers = [...new Set([...before, ...after].map(({ router }) => router))].sort();
  return routers.flatMap((router) => {
    const [old, next] = [sessionsOf(before, router), sessionsOf(after, router)];
    return [...new Set([...old.keys(), ...next.keys()])].sort().flatMap((session) =>
      (['import', 'export'] as const).flatMap((direction) => {
        const [was, is] = [old.get(session)?.[direction] ?? [], next.get(session)?.[direction] ?? []];
        const [wasTexts, isTexts] = [was, is].map((rules) => new Set(rules.map((rule) => JSON.stringify(rule))));
        const entries = (rules: readonly PolicyRule[], others: ReadonlySet<string>, change: RuleChange['change']) =>
          rules
            .filter((rule) => !others.has(JSON.stringify(rule)))
            .map((rule): RuleChange => ({ router, session, direction, change, rule }));
        return [...entries(was, isTexts, 'remove'), ...entries(is, wasTexts, 'add')];
      }),
    );
  });
}

function sessionsOf(policies: readonly RouterPolicy[], router: string): Map<string, SessionPolicy> {
  const found = policies.find((policy) => policy.router === router);
  return new Map((found?.sessions ?? []).map((one) => [one.session, one]));
}
