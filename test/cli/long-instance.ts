/** A model that no method brings to an end within a minute: 12 routers, 10 neighbors, 80 prefixes, tight capacities. */

const ROUTERS = 12;
const NEIGHBORS = 10;
const PREFIXES = 80;
const SLACK = 1.3;

export function longInstance(): object {
  const random = generator(7);
  const below = (bound: number): number => Math.floor(random() * bound);
  const names = (letter: string, count: number) => Array.from({ length: count }, (_, i) => `${letter}${i}`);
  const routers = names('r', ROUTERS);
  const neighbors = names('a', NEIGHBORS);
  const traffic = names('p', PREFIXES).flatMap((prefix) =>
    neighbors.map((neighbor) => ({ neighbor, prefix, volume: 1 + below(50) })),
  );
  const total = traffic.reduce((sum, { volume }) => sum + volume, 0);
  const capacity = Math.ceil((total / ROUTERS) * SLACK);
  const some = (share: number, always: number) => routers.filter((_, i) => i === always || random() < share);
  return {
    version: 1,
    routers: routers.map((id) => ({ id, ingressCapacity: capacity, egressCapacity: capacity })),
    distances: routers.flatMap((from, i) => routers.slice(i + 1).map((to) => ({ from, to, distance: 1 + below(100) }))),
    neighbors: neighbors.map((id) => ({ id, ingress: some(0.5, 0) })),
    prefixes: names('p', PREFIXES).map((id, i) => ({ id, prefix: `10.0.${i}.0/24`, egress: some(0.6, 1) })),
    traffic,
  };
}

/** Linear congruential; uniform in [0, 1). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return state / 2 ** 31;
  };
}
