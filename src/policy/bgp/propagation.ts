/**
 * The routes that each router holds for one prefix when iBGP has come to rest, in any topology: RFC 4271 §9.2 (an iBGP
 * route is not told to iBGP peers), RFC 4456 (reflection), RFC 7911 (reflectors announce all paths), best external.
 *
 * Played from three starts: routers act one after another, in both directions, and all at once. Where a start does not
 * come to rest, or two rest differently, the outcome is up to timing, and the state is null.
 */
import { LOOP } from './communities.ts';
import { type Candidate, type Decision, decide } from './decision.ts';
import { announce, externalRoute, FROM_CONTROLLER, type HeldRoute } from './held-route.ts';
import type { RouteTable } from './routes.ts';
import { type BgpSpeakers, optionsOf } from './speakers.ts';

export interface RouterView {
  readonly held: readonly Candidate[];
  readonly decision: Decision;
}

interface RouterState {
  readonly held: readonly HeldRoute[];
  readonly decision: Decision;
  /** What it may tell others. */
  readonly announced: readonly HeldRoute[];
}

/** Sweeps until rest: a path needs a few hops; what moves longer than this moves forever. */
const MAX_SWEEPS = 40;

const SILENT: RouterState = { held: [], decision: { best: null, step: 'only-route', remaining: [] }, announced: [] };

/** View of every router for prefix k; null where BGP does not come to rest, or in more than one way. */
export function restingViews(speakers: BgpSpeakers, routes: RouteTable, k: number): readonly RouterView[] | null {
  const external = startingRoutes(speakers, routes, k);
  const order = external.map((_, router) => router);
  const starts = [
    () => oneAfterAnother(speakers, routes, external, order),
    () => oneAfterAnother(speakers, routes, external, order.toReversed()),
    () => allAtOnce(speakers, routes, external, order),
  ];
  let first: readonly RouterState[] | null = null;
  for (const start of starts) {
    const end = start();
    if (end === null) return null;
    if (first !== null && !isSameChoice(first, end)) return null;
    first ??= end;
  }
  return first;
}

/** What each router holds that no other of ours tells it: its eBGP routes, and what a controller injects. */
function startingRoutes({ network, metric, traits }: BgpSpeakers, routes: RouteTable, k: number): HeldRoute[][] {
  const n = network.model.routers.length;
  const held: HeldRoute[][] = network.model.routers.map(() => []);
  for (let r = routes.start[k]; r < routes.start[k + 1]; r++) {
    if (routes.isAccepted[r] === 0) continue;
    if (routes.isInjected[r] === 0) held[routes.router[r]].push(externalRoute(routes, r));
    else if (routes.withheld[r] !== LOOP) {
      for (let router = 0; router < n; router++) {
        const distance = metric[router * n + routes.router[r]];
        // The peer is no next hop of the router itself: where metrics do not count, it is as near as any.
        const igpMetric = distance === 0 && !traits[router].comparesIgpMetric ? 1 : distance;
        held[router].push({ ...externalRoute(routes, r), ...FROM_CONTROLLER, igpMetric });
      }
    }
  }
  return held;
}

type Start = (
  speakers: BgpSpeakers,
  routes: RouteTable,
  external: readonly HeldRoute[][],
  order: readonly number[],
) => readonly RouterState[] | null;

const oneAfterAnother: Start = (speakers, routes, external, order) => {
  const states: RouterState[] = external.map(() => SILENT);
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let isChanged = false;
    for (const router of order) {
      const next = nextState(speakers, routes, external[router], states, router);
      isChanged ||= !isSameState(states[router], next);
      states[router] = next;
    }
    if (!isChanged) return states;
  }
  return null;
};

const allAtOnce: Start = (speakers, routes, external, order) => {
  let states: readonly RouterState[] = external.map(() => SILENT);
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    const before = states;
    states = order.map((router) => nextState(speakers, routes, external[router], before, router));
    if (states.every((state, router) => isSameState(before[router], state))) return states;
  }
  return null;
};

function nextState(
  speakers: BgpSpeakers,
  routes: RouteTable,
  external: readonly HeldRoute[],
  states: readonly RouterState[],
  router: number,
): RouterState {
  const { ibgp, addPath, bestExternal } = speakers;
  const held = [...external];
  for (const peer of ibgp.peers[router]) {
    for (const route of states[peer.router].announced) {
      const received = announce(speakers, route, peer, router);
      if (received !== null) held.push(received);
    }
  }
  const options = optionsOf(speakers, routes, router);
  const choose = (candidates: readonly HeldRoute[]) => decide(candidates, options);
  const decision = choose(held);
  const best = decision.best as HeldRoute | null;
  const isReflector = ibgp.cluster[router] >= 0;
  if (isReflector && addPath) return { held, decision, announced: held };
  const announced = best === null ? [] : [best];
  if (bestExternal && best?.isExternal === false) {
    const outer = choose(external.filter(({ isExternal }) => isExternal)).best as HeldRoute | null;
    if (outer !== null) announced.push(outer);
  }
  return { held, decision, announced };
}

function isSameState(a: RouterState, b: RouterState): boolean {
  return (
    a.decision.best?.route === b.decision.best?.route &&
    a.decision.step === b.decision.step &&
    a.announced.length === b.announced.length &&
    a.announced.every(
      (route, at) =>
        route.route === b.announced[at].route &&
        route.from === b.announced[at].from &&
        route.clusterListLength === b.announced[at].clusterListLength,
    )
  );
}

function isSameChoice(a: readonly RouterState[], b: readonly RouterState[]): boolean {
  return a.every(({ decision }, router) => decision.best?.route === b[router].decision.best?.route);
}
