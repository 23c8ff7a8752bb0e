/** What a lab network is made of, before any address, namespace or daemon. */

/** A router of our own AS. BIRD and FRR forward packets; both run OSPF and a full iBGP mesh. */
export interface LabRouter {
  /** Letter, then letters and digits, at most ten: it becomes a namespace, an interface and a protocol name. */
  readonly id: string;
  readonly kind: 'frr' | 'bird';
}

/** An IGP link; OSPF cost per direction, 1..65535. */
export interface LabLink {
  readonly from: string;
  readonly to: string;
  readonly cost: number;
  readonly reverseCost: number;
}

/** What an eBGP neighbor announces; it also answers on every address of the prefix. */
export interface Announcement {
  readonly prefix: string;
  /** What follows the neighbor's own ASN; empty where it originates the prefix. */
  readonly asPath?: readonly number[];
  readonly med?: number;
}

/** An autonomous system beside ours, one BIRD router with a session at each of the routers in `at`. */
export interface LabNeighbor {
  readonly id: string;
  readonly asn: number;
  readonly at: readonly string[];
  readonly announces: readonly Announcement[];
}

/**
 * A GoBGP speaker of our own AS with an iBGP session (add-path) to every router. It forwards nothing: it hears all paths
 * and may inject paths. Also the place of collectors.
 */
export interface LabController {
  readonly id: string;
  /** The router that its access link is attached to. */
  readonly at: string;
  /** It sends routers all of its paths for a prefix, not only one. */
  readonly addPath?: boolean;
}

export interface LabTopology {
  readonly asn: number;
  /**
   * All paths of every router over the iBGP mesh (RFC 7911), not only its best. Without it a router that comes to prefer
   * another's path withdraws its own, and a third one that hears the withdrawal first points elsewhere meanwhile.
   */
  readonly addPath?: boolean;
  readonly routers: readonly LabRouter[];
  readonly links: readonly LabLink[];
  readonly neighbors: readonly LabNeighbor[];
  readonly controller?: LabController;
}
