/** Our routers as BGP speakers: what they are, and by which rules each of them decides. */
import { maySharePath } from './as-path.ts';
import type { DecisionOptions } from './decision.ts';
import type { IbgpTopology } from './ibgp.ts';
import type { BgpNetwork } from './network.ts';
import type { DecisionTraits } from './router-os.ts';
import type { RouteTable } from './routes.ts';

export interface BgpSpeakers {
  readonly network: BgpNetwork;
  readonly ibgp: IbgpTopology;
  readonly addPath: boolean;
  readonly bestExternal: boolean;
  readonly alwaysCompareMed: boolean;
  /** By router. */
  readonly traits: readonly DecisionTraits[];
  /** Float64 [router × router], row-major from × to: `network.metric` as the routers compare it. */
  readonly metric: Float64Array;
  /** Of inner routers. */
  readonly innerTraits: DecisionTraits;
}

export function optionsOf(speakers: BgpSpeakers, routes: RouteTable, router: number): DecisionOptions {
  return decisionOptions(speakers, routes, speakers.traits[router]);
}

export function decisionOptions(
  { network, alwaysCompareMed }: BgpSpeakers,
  routes: RouteTable,
  { groupsByNeighborAs, prefersOldest, isMultipath }: DecisionTraits,
): DecisionOptions {
  return {
    alwaysCompareMed,
    deterministicMed: groupsByNeighborAs,
    prefersOldest,
    sharesLoad: isMultipath
      ? (a, b) => (a.isExternal ? a.neighborAs === b.neighborAs : maySharePath(network, routes, a.route, b.route))
      : null,
  };
}
