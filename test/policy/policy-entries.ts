/** Policies by prefix, as differences change them one after another. */
import { expect } from 'vitest';
import type { RouterPolicy } from '../../src/policy/document.ts';
import type { RuleChange } from '../../src/policy/report.ts';

/** As a session has them: what a plan made is before what is kept. By prefix, so that it does not matter how rules are grouped. */
export type Entries = Map<string, { action: string; set: string }>;

const DIRECTIONS = ['import', 'export'] as const;

export function entriesOf(policies: readonly RouterPolicy[]): Entries {
  const entries: Entries = new Map();
  for (const { router, sessions } of policies) {
    for (const one of sessions) {
      for (const direction of DIRECTIONS) {
        for (const { prefixes, action, set } of one[direction]) {
          for (const prefix of prefixes) {
            entries.set(JSON.stringify([router, one.session, direction, prefix]), { action, set: JSON.stringify(set) });
          }
        }
      }
    }
  }
  return entries;
}

/** Every removal is of what is there, every addition of what is not, or is about to be replaced. */
export function change(entries: Entries, difference: readonly RuleChange[]): void {
  const keys = ({ router, session, direction, rule }: RuleChange) =>
    rule.prefixes.map((prefix) => JSON.stringify([router, session, direction, prefix]));
  const textOf = ({ rule: { action, set } }: RuleChange) => ({ action, set: JSON.stringify(set) });
  for (const one of difference.filter(({ change }) => change === 'remove')) {
    for (const key of keys(one)) {
      expect(entries.get(key)).toEqual(textOf(one));
      entries.delete(key);
    }
  }
  for (const one of difference.filter(({ change }) => change === 'add')) {
    for (const key of keys(one)) {
      expect(entries.has(key)).toBe(false);
      entries.set(key, textOf(one));
    }
  }
}

export function policiesOf(entries: Entries): RouterPolicy[] {
  const routers = new Map<string, Map<string, RouterPolicy['sessions'][number]>>();
  for (const [key, { action, set }] of entries) {
    const [router, session, direction, prefix] = JSON.parse(key) as [string, string, 'import' | 'export', string];
    const sessions = routers.get(router) ?? new Map();
    routers.set(router, sessions);
    const one = sessions.get(session) ?? { session, import: [], export: [] };
    sessions.set(session, one);
    one[direction].push({ prefixes: [prefix], action, set: JSON.parse(set), isOwn: true });
  }
  return [...routers].map(([router, sessions]) => ({ router, sessions: [...sessions.values()] }));
}
