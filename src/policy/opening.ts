/**
 * What a text would open: a session has one policy for its routes, and ours takes its place. Where not every route may be
 * told, that needs the policy that says which.
 */
import { baseNamesOf } from './base-policy.ts';
import { DIRECTIONS, type RouterPolicy } from './document.ts';
import type { Finding } from './finding.ts';
import { formatOf } from './router-format.ts';
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

/** Of sessions that get rules and whose policy nobody names: what becomes of it, by router and direction. */
export function replacementWarnings(
  { model, own, texts, basePolicies }: Setting,
  policies: readonly RouterPolicy[],
  options: Parameters<typeof formatOf>[1],
): string[] {
  return model.routers.flatMap(({ id }, router) => {
    // A text is all that the router has.
    if ((texts.get(id)?.text ?? '') !== '') return [];
    const sessionsOf = (of: readonly RouterPolicy[]) => of.find((one) => one.router === id)?.sessions ?? [];
    return DIRECTIONS.flatMap((direction) => {
      const isOurs = new Set(sessionsOf(own).flatMap((one) => (one[direction].length > 0 ? [one.session] : [])));
      const unknown = sessionsOf(policies)
        .filter((one) => one[direction].length > 0 && !isOurs.has(one.session))
        .map(({ session }) => session)
        .filter((session) => baseNamesOf(basePolicies, id, session)[direction] === undefined);
      if (unknown.length === 0) return [];
      const fate =
        formatOf(model, options, router) === 'junos'
          ? 'ours stands behind it, if it lets routes pass'
          : 'ours takes its place';
      return [
        `${id}, ${direction}, ${unknown.join(', ')}: policy that is there is not known (basePolicies), and ${fate}`,
      ];
    });
  });
}
