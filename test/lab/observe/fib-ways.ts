/** The ways on which forwarding tables send packets. */

/** First and last border router; `none` where the neighbor, or a router on the way, has no route. */
export interface FibWay {
  readonly ingress: string;
  readonly egress: string;
}

const NONE = 'none';

/**
 * From a neighbor to whoever is outside: `nextHops` are the nodes that a node points at. Where it points at several, or did so
 * one after another, every combination counts, so that over a stretch of time these are at least the ways that packets may
 * have taken.
 */
export function fibWays(
  neighbor: string,
  isBorder: (node: string) => boolean,
  nextHops: (node: string) => readonly string[],
): FibWay[] {
  const ways = new Map<string, FibWay>();
  const follow = (ingress: string, node: string, passed: readonly string[]): void => {
    if (passed.includes(node)) return;
    for (const next of nextHops(node).flatMap((hops) => hops.split('+'))) {
      if (isBorder(next)) follow(ingress, next, [...passed, node]);
      else {
        const way = { ingress, egress: next === NONE ? NONE : node };
        ways.set(`${way.ingress} ${way.egress}`, way);
      }
    }
  };
  for (const ingress of nextHops(neighbor).flatMap((hops) => hops.split('+'))) {
    if (ingress === NONE) ways.set(NONE, { ingress: NONE, egress: NONE });
    else follow(ingress, ingress, []);
  }
  return [...ways.values()];
}
