/**
 * What a text would open: a session has one policy for its routes, and ours takes its place. Where not every route may be
 * told, that needs the policy that says which.
 */
import { baseNamesOf } from './base-policy.ts';
import type { RouterPolicy } from './document.ts';
import type { Finding } from './finding.ts';
import type { Setting } from './setting.ts';

export function openingFindings(setting: Setting, policies: readonly RouterPolicy[]): Finding[] {
  const { names, isRestricted, basePolicies } = setting;
  return policies.flatMap(({ router, sessions }) =>
    sessions.flatMap((one): Finding[] => {
      if (one.export.length === 0 || isRestricted[names.find(router, one.session)] === 0) return [];
      if (typeof baseNamesOf(basePolicies, router, one.session).export === 'string') return [];
      const message = `${router}, session ${one.session}: export policy would tell every other route, and basePolicies names none that says which may be told`;
      return [{ kind: 'guard', message }];
    }),
  );
}
