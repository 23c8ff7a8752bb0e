/** What the decision process of each router OS does without configuration, where it is not what RFC 4271 says or more than that. */
import type { RouterFormat } from '../../model/network-model.ts';

export interface DecisionTraits {
  /** The metric to the next hop decides (RFC 4271 §9.1.2.2 e). */
  readonly comparesIgpMetric: boolean;
  /** Routes are compared by neighbor AS first; else two at a time, as they came. */
  readonly groupsByNeighborAs: boolean;
  /** Of two equal eBGP routes the older one is kept. */
  readonly prefersOldest: boolean;
  /** Routes that tie up to the metric are used together: eBGP ones of one neighbor AS, iBGP ones of one AS path. */
  readonly isMultipath: boolean;
}

/** Router OSes in which a route without MED can be made to count as the worst. */
export const MISSING_MED_AS_WORST: ReadonlySet<RouterFormat> = new Set(['frr', 'bird', 'iosxr']);

export const DECISION_TRAITS: Readonly<Record<RouterFormat, DecisionTraits>> = {
  frr: { comparesIgpMetric: true, groupsByNeighborAs: false, prefersOldest: true, isMultipath: true },
  bird: { comparesIgpMetric: true, groupsByNeighborAs: false, prefersOldest: false, isMultipath: false },
  // GoBGP knows of no IGP.
  gobgp: { comparesIgpMetric: false, groupsByNeighborAs: false, prefersOldest: true, isMultipath: false },
  junos: { comparesIgpMetric: true, groupsByNeighborAs: true, prefersOldest: true, isMultipath: false },
  iosxr: { comparesIgpMetric: true, groupsByNeighborAs: true, prefersOldest: true, isMultipath: false },
};
