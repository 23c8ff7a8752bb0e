/**
 * BGP in a full iBGP mesh as messages: every router holds what it was told last, compares routes two at a time, and tells
 * the others its best eBGP route, or that it has none. Messages of one session keep their order; which session is next is
 * up to dice. Written apart from `src/policy/bgp`.
 */
import type { RouteTable } from '../../src/policy/bgp/routes.ts';
import type { Dice } from './random-model.ts';

interface Mesh {
  readonly routerCount: number;
  /** Float64 [router × router]. */
  readonly metric: Float64Array;
  /** Place of each router by BGP identifier. */
  readonly identifierRank: Int32Array;
}

interface Message {
  readonly from: number;
  readonly to: number;
  /** -1 withdraws. */
  readonly route: number;
}

/** Best route of each router for prefix k, or -1; null where messages never end. */
export function bestByMessages(mesh: Mesh, routes: RouteTable, k: number, dice: Dice): number[] | null {
  const { routerCount: n } = mesh;
  const external = Array.from({ length: n }, () => [] as number[]);
  const learned = dice.shuffled(
    Array.from({ length: routes.start[k + 1] - routes.start[k] }, (_, at) => routes.start[k] + at),
  );
  const told = Array.from({ length: n }, () => new Map<number, number>());
  const sent = new Array<number>(n).fill(-1);
  const best = new Array<number>(n).fill(-1);
  const queues = new Map<string, Message[]>();
  const decide = (router: number) => {
    const held = [...external[router], ...told[router].values()].filter((route) =>
      Number.isFinite(metricOf(router, route)),
    );
    // MEDs compare within a neighbor AS only: first the best of each, then the best of those.
    const ofEach = Map.groupBy(held, (route) => routes.neighborAs[route]);
    const winners = [...ofEach.values()].map((group) => group.reduce((a, b) => (better(router, b, a, true) ? b : a)));
    best[router] = winners.length === 0 ? -1 : winners.reduce((a, b) => (better(router, b, a, false) ? b : a));
    const announced = best[router] >= 0 && routes.router[best[router]] === router ? best[router] : -1;
    if (announced === sent[router]) return;
    sent[router] = announced;
    for (let to = 0; to < n; to++) {
      if (to === router) continue;
      const key = `${router} ${to}`;
      queues.set(key, [...(queues.get(key) ?? []), { from: router, to, route: announced }]);
    }
  };
  const metricOf = (router: number, route: number): number =>
    routes.router[route] === router ? 0 : mesh.metric[router * n + routes.router[route]];
  const better = (router: number, a: number, b: number, withMed: boolean): boolean => {
    const isInternal = (route: number) => Number(routes.router[route] !== router);
    const identifier = (route: number) =>
      isInternal(route) ? mesh.identifierRank[routes.router[route]] : routes.identifier[route];
    const differences = [
      routes.localPref[b] - routes.localPref[a],
      routes.asPathLength[a] - routes.asPathLength[b],
      routes.origin[a] - routes.origin[b],
      withMed ? routes.med[a] - routes.med[b] : 0,
      isInternal(a) - isInternal(b),
      metricOf(router, a) - metricOf(router, b),
      identifier(a) - identifier(b),
      isInternal(a) ? 0 : routes.peerAddress[a] - routes.peerAddress[b],
    ];
    return (differences.find((difference) => difference !== 0) ?? 0) < 0;
  };

  for (const route of learned) {
    if (routes.isAccepted[route] === 0) continue;
    external[routes.router[route]].push(route);
    decide(routes.router[route]);
  }
  for (let step = 0; step < 5000; step++) {
    const waiting = [...queues].filter(([, queue]) => queue.length > 0);
    if (waiting.length === 0) return best;
    const [, queue] = dice.pick(waiting);
    const { from, to, route } = queue.shift() as Message;
    if (route < 0) told[to].delete(from);
    else told[to].set(from, route);
    decide(to);
  }
  return null;
}
