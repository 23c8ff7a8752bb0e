/**
 * One outcome of choices that BGP leaves open, in a full iBGP mesh: routers compare the routes that they hold two at a time, in
 * an order of age that dice give, until nothing changes. Written apart from `src/policy/bgp`.
 */
import type { RouteTable } from '../../src/policy/bgp/routes.ts';
import type { Dice } from './random-model.ts';

interface Mesh {
  readonly routerCount: number;
  /** Float64 [router × router]. */
  readonly metric: Float64Array;
  /** Place of each router by BGP identifier; negative where nobody knows it. */
  readonly identifierRank: Int32Array;
  /** Of two equal eBGP routes the older one is taken. */
  readonly prefersOldest: boolean;
  readonly isMultipath: boolean;
  readonly pathOf: (route: number) => string;
}

export interface Outcome {
  /** By router: the route that it takes and tells, or -1. */
  readonly told: readonly number[];
  /** By router: the routes that packets may take. */
  readonly used: readonly (readonly number[])[];
}

/** Null where routers do not come to rest. */
export function openOutcome(mesh: Mesh, routes: RouteTable, k: number, dice: Dice): Outcome | null {
  const { routerCount: n, metric, identifierRank, prefersOldest, isMultipath, pathOf } = mesh;
  const all = Array.from({ length: routes.start[k + 1] - routes.start[k] }, (_, at) => routes.start[k] + at);
  const ages = Array.from({ length: n }, () => dice.shuffled(all));
  const turns = dice.shuffled(Array.from({ length: n }, (_, router) => router));
  const told = new Array<number>(n).fill(-1);
  const isOwn = (router: number, route: number): boolean => routes.router[route] === router;
  const metricOf = (router: number, route: number): number =>
    isOwn(router, route) ? 0 : metric[router * n + routes.router[route]];
  const heldBy = (router: number): number[] =>
    ages[router].filter(
      (route) =>
        routes.isAccepted[route] === 1 &&
        Number.isFinite(metricOf(router, route)) &&
        (isOwn(router, route) || told[routes.router[route]] === route),
    );
  const upToMetric = (router: number, a: number, b: number): number =>
    routes.localPref[b] - routes.localPref[a] ||
    routes.asPathLength[a] - routes.asPathLength[b] ||
    routes.origin[a] - routes.origin[b] ||
    (routes.neighborAs[a] === routes.neighborAs[b] ? routes.med[a] - routes.med[b] : 0) ||
    Number(isOwn(router, b)) - Number(isOwn(router, a)) ||
    metricOf(router, a) - metricOf(router, b);
  const identifier = (router: number, route: number): number =>
    isOwn(router, route) ? routes.identifier[route] : identifierRank[routes.router[route]];
  /** What is not known is left to the age. */
  const prefers = (router: number, younger: number, older: number): boolean => {
    const order = upToMetric(router, younger, older);
    if (order !== 0) return order < 0;
    if (isOwn(router, older) && prefersOldest) return false;
    const [a, b] = [identifier(router, younger), identifier(router, older)];
    return a >= 0 && b >= 0 && a < b;
  };
  const bestOf = (router: number): number => {
    const held = heldBy(router);
    return held.length === 0 ? -1 : held.reduce((best, next) => (prefers(router, next, best) ? next : best));
  };
  for (let sweep = 0; sweep < 30; sweep++) {
    let isChanged = false;
    for (const router of turns) {
      const best = bestOf(router);
      isChanged ||= best !== told[router];
      told[router] = best;
    }
    if (isChanged) continue;
    const used = told.map((best, router) => {
      if (best < 0) return [];
      const isShared = (route: number): boolean =>
        isOwn(router, best) ? routes.neighborAs[route] === routes.neighborAs[best] : pathOf(route) === pathOf(best);
      return heldBy(router).filter(
        (route) => route === best || (isMultipath && upToMetric(router, route, best) === 0 && isShared(route)),
      );
    });
    return { told, used };
  }
  return null;
}
