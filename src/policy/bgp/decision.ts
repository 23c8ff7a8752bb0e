/**
 * The BGP decision process of one router: claim 7 of US 7,197,040 as RFC 4271 §9.1 and RFC 4456 §9 have it.
 *
 * The patent's five steps are local-pref, AS-path length, MED, intra-domain cost, next hop; routers put the origin before
 * the MED, prefer eBGP to iBGP before the intra-domain cost, and end with identifier and address. Pure: the result
 * depends on the set of candidates alone, not on their order: every step removes routes from the set. Where a router would
 * go by order, the result is `undetermined`.
 */

/** What decided, in the order of the process. `only-route`: nothing had to. `undetermined`: nothing did. */
export const DECISION_STEPS = [
  'only-route',
  'local-pref',
  'as-path-length',
  'origin',
  'med',
  'ebgp-over-ibgp',
  'igp-metric',
  'router-id',
  'cluster-list-length',
  'peer-address',
  'undetermined',
] as const;

export type DecisionStep = (typeof DECISION_STEPS)[number];

/** A route as one router holds it. */
export interface Candidate {
  /** What the caller knows the route by; of routes that tie to the end, the lowest is taken. */
  readonly route: number;
  readonly localPref: number;
  readonly asPathLength: number;
  /** Index into `ORIGINS`. */
  readonly origin: number;
  /** Of a route that has none what the router takes it for: the lowest (RFC 4271 §9.1.2.2 c), unless it is told otherwise. */
  readonly med: number;
  /** Neighbor AS, as any number that is equal for equal ASes. */
  readonly neighborAs: number;
  readonly isExternal: boolean;
  /** Metric to the next hop; Infinity where it does not resolve. */
  readonly igpMetric: number;
  /**
   * Place of the BGP identifier of the peer, or of the originator of a reflected route. Where it is not known, a negative number
   * of whose it is: not to be compared with another.
   */
  readonly identifier: number;
  readonly clusterListLength: number;
  /** Place of the address of the peer; negative as `identifier`. */
  readonly peerAddress: number;
}

export interface DecisionOptions {
  /** MEDs of routes from different neighbor ASes compare too (`bgp always-compare-med`). */
  readonly alwaysCompareMed: boolean;
  /** Routes are compared by neighbor AS first. Else two at a time as they came, and MEDs make that a matter of order. */
  readonly deterministicMed: boolean;
  /** Of two eBGP routes the older one is taken before identifiers are compared: nobody can say which. */
  readonly prefersOldest: boolean;
  /** Multipath: whether two routes that tie up to the metric are used together. Null: one route is used. */
  readonly sharesLoad: ((a: Candidate, b: Candidate) => boolean) | null;
}

export interface Decision {
  /** Null where there is no usable route. */
  readonly best: Candidate | null;
  /** The step that left one route. */
  readonly step: DecisionStep;
  /** What was left in the end: `best`, and whatever ties with it. */
  readonly remaining: readonly Candidate[];
}

type Elimination = (routes: readonly Candidate[]) => Candidate[];

export function decide(candidates: readonly Candidate[], options: DecisionOptions): Decision {
  // §9.1.2: a route whose next hop does not resolve is excluded.
  let routes: Candidate[] = candidates.filter(({ igpMetric }) => igpMetric < Number.POSITIVE_INFINITY);
  if (routes.length === 0) return { best: null, step: 'only-route', remaining: [] };
  if (routes.length === 1) return { best: routes[0], step: 'only-route', remaining: routes };
  let nearest: readonly Candidate[] = [];
  for (const [step, eliminate] of eliminations(options)) {
    if (step === 'router-id') nearest = routes;
    if (step === 'router-id' && options.prefersOldest && routes[0].isExternal) break;
    const left = eliminate(routes);
    if (step === 'med' && left.length < routes.length && isMatterOfOrder(routes, options)) break;
    routes = left;
    if (isUnknown(step, routes)) break;
    if (routes.length > 1) continue;
    const remaining = withShares(routes, nearest, options);
    return { best: routes[0], step: remaining.length > 1 ? 'undetermined' : step, remaining };
  }
  const best = routes.reduce((a, b) => (b.route < a.route ? b : a));
  return { best, step: 'undetermined', remaining: withShares(routes, nearest, options) };
}

/** What a step by identifiers left compares no further where one is not known: those that are would be equal. */
function isUnknown(step: DecisionStep, left: readonly Candidate[]): boolean {
  if (step === 'router-id') return left.some(({ identifier }) => identifier !== left[0].identifier);
  return step === 'peer-address' && left.some(({ peerAddress }) => peerAddress !== left[0].peerAddress);
}

/** And of those that were as near, what is used together with it. */
function withShares(
  left: readonly Candidate[],
  nearest: readonly Candidate[],
  { sharesLoad }: DecisionOptions,
): readonly Candidate[] {
  if (sharesLoad === null || nearest.length === 0) return left;
  return nearest.filter((route) => left.some((one) => one.route === route.route || sharesLoad(one, route)));
}

function eliminations({ alwaysCompareMed }: DecisionOptions): readonly (readonly [DecisionStep, Elimination])[] {
  return [
    // §9.1.2: the highest degree of preference, which is LOCAL_PREF (§5.1.5).
    ['local-pref', least(({ localPref }) => -localPref)],
    // §9.1.2.2 a: the smallest number of ASes in AS_PATH.
    ['as-path-length', least(({ asPathLength }) => asPathLength)],
    // §9.1.2.2 b: the lowest ORIGIN.
    ['origin', least(({ origin }) => origin)],
    // §9.1.2.2 c: no route from the same neighbor AS has a lower MULTI_EXIT_DISC.
    ['med', alwaysCompareMed ? least(({ med }) => med) : leastMedOfEachNeighbor],
    // §9.1.2.2 d: one route by EBGP removes all by IBGP.
    ['ebgp-over-ibgp', least(({ isExternal }) => (isExternal ? 0 : 1))],
    // §9.1.2.2 e: the least interior cost to the NEXT_HOP.
    ['igp-metric', least(({ isExternal, igpMetric }) => (isExternal ? 0 : igpMetric))],
    // §9.1.2.2 f: the lowest BGP Identifier; RFC 4456 §9: ORIGINATOR_ID instead where there is one.
    ['router-id', leastKnown(({ identifier }) => identifier)],
    // RFC 4456 §9: the shorter CLUSTER_LIST.
    ['cluster-list-length', least(({ clusterListLength }) => clusterListLength)],
    // §9.1.2.2 g: the lowest peer address.
    ['peer-address', leastKnown(({ peerAddress }) => peerAddress)],
  ];
}

/** Where some MEDs compare and others do not, "better" goes around: who is met first decides. */
function isMatterOfOrder(
  routes: readonly Candidate[],
  { alwaysCompareMed, deterministicMed }: DecisionOptions,
): boolean {
  if (alwaysCompareMed || deterministicMed) return false;
  return routes.some(({ neighborAs }) => neighborAs !== routes[0].neighborAs);
}

function least(key: (route: Candidate) => number): Elimination {
  return (routes) => {
    const lowest = routes.reduce((value, route) => Math.min(value, key(route)), Number.POSITIVE_INFINITY);
    return routes.filter((route) => key(route) === lowest);
  };
}

/** The lowest of those that are known, and all that are not. */
function leastKnown(key: (route: Candidate) => number): Elimination {
  const lowest = least((route) => (key(route) < 0 ? Number.POSITIVE_INFINITY : key(route)));
  return (routes) => {
    const left = new Set(lowest(routes));
    return routes.filter((route) => left.has(route) || key(route) < 0);
  };
}

function leastMedOfEachNeighbor(routes: readonly Candidate[]): Candidate[] {
  const lowest = new Map<number, number>();
  for (const { neighborAs, med } of routes) lowest.set(neighborAs, Math.min(lowest.get(neighborAs) ?? med, med));
  return routes.filter(({ neighborAs, med }) => med === lowest.get(neighborAs));
}
