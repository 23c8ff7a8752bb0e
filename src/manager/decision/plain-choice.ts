/**
 * What plain BGP chooses, as far as attributes tell (RFC 4271 §9.1.2): local-pref, length of the AS path, origin, MED among routes of
 * one neighbor AS. What decides then, IGP distance, differs from router to router and is not known here.
 */
import { ORIGINS } from '../../model/network-model.ts';
import type { LearnedRoute } from './observation.ts';

/** RFC 4271 leaves it to the router what a route without one counts; 100 is what all known ones take. */
export const DEFAULT_LOCAL_PREF = 100;

/** Negative where plain BGP prefers the first by attributes; 0 where they do not tell. */
export function compareRoutes(a: LearnedRoute, b: LearnedRoute): number {
  return (
    (b.localPref ?? DEFAULT_LOCAL_PREF) - (a.localPref ?? DEFAULT_LOCAL_PREF) ||
    a.asPath.length - b.asPath.length ||
    ORIGINS.indexOf(a.origin) - ORIGINS.indexOf(b.origin) ||
    (a.asPath[0] === b.asPath[0] ? (a.med ?? 0) - (b.med ?? 0) : 0)
  );
}

/** Point that plain BGP sends it to; null where attributes do not tell. */
export function plainPoint(learned: readonly LearnedRoute[]): string | null {
  const best = learned.filter((route) => learned.every((other) => other === route || compareRoutes(route, other) < 0));
  return best.length === 1 ? best[0].point : null;
}
