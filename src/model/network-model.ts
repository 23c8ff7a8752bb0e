/**
 * The border gateway modeler's result: a validated, canonical network.
 *
 * Everything is sorted by id (UTF-16 code units), so that the order of an input never shows in an output. Arrays are
 * owned by the model and never written after it was built. Indices are `Int32`; "none" is `-1`.
 */
export interface NetworkModel {
  readonly name: string | null;
  /** Own autonomous system number, or null. */
  readonly asn: number | null;
  /** Unit of traffic and capacity; a label, never converted. */
  readonly unit: string;
  /** Free; carried, never read. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly routers: readonly Router[];
  readonly points: readonly Point[];
  readonly neighbors: readonly Neighbor[];
  /** Float64 [router × router], row-major from × to, IGP metric; Infinity where there is no path; 0 on the diagonal. */
  readonly routerDistance: Float64Array;
  /** Nodes of the links that are not among the routers. */
  readonly innerRouters: InnerRouters;
  readonly prefixes: PrefixTable;
  readonly traffic: TrafficTable;
  readonly advertisements: AdvertisementTable;
  readonly sessions: readonly Session[];
  /** SHA-256 (hex) over the canonical content that decides a plan: equal models, equal hash, whatever their order. */
  readonly hash: string;
}

export type RouterFormat = 'frr' | 'bird' | 'gobgp' | 'junos' | 'iosxr';
export type Relation = 'customer' | 'peer' | 'provider';

export interface Router {
  readonly id: string;
  readonly address: string | null;
  /** BGP identifier; `address` where the input leaves it out; null where both are missing. */
  readonly routerId: string | null;
  readonly format: RouterFormat | null;
}

/** A capacity-bearing attachment point: a router without interfaces, or an interface. */
export interface Point {
  readonly id: string;
  /** Index into `routers`. */
  readonly router: number;
  /** Same unit as traffic; Infinity where unlimited. */
  readonly ingressCapacity: number;
  readonly egressCapacity: number;
  /** Added to the distance of every unit that leaves here. */
  readonly price: number;
}

export interface InnerRouters {
  readonly ids: readonly string[];
  /** Float64 [router × inner], row-major from × to, IGP metric; Infinity where there is no path. */
  readonly fromRouter: Float64Array;
  /** Float64 [inner × router], row-major from × to. */
  readonly toRouter: Float64Array;
}

export interface Neighbor {
  readonly id: string;
  readonly asn: number | null;
  readonly relation: Relation | null;
  /** In(h): indices into `points`, ascending. */
  readonly ingress: Int32Array;
}

/** m prefixes and their egress points; slot e of prefix k runs from `egressStart[k]` to `egressStart[k + 1]`. */
export interface PrefixTable {
  readonly count: number;
  readonly ids: readonly string[];
  /** Canonical text of each prefix, e.g. "10.20.30.0/24", "2001:db8::/32". */
  readonly prefixes: readonly string[];
  /** Int32 [m + 1]. */
  readonly egressStart: Int32Array;
  /** Int32 [slots], Out(k): indices into `points`, ascending within a prefix. */
  readonly egressPoint: Int32Array;
  /** Float64 [slots], added to the distance of every unit of k that leaves at that point. */
  readonly egressPenalty: Float64Array;
}

/** The (neighbor, prefix) pairs, grouped by prefix, neighbors ascending within one. */
export interface TrafficTable {
  readonly count: number;
  /** Int32 [m + 1]: pairs of prefix k run from `start[k]` to `start[k + 1]`. */
  readonly start: Int32Array;
  /** Int32 [pairs], index into `neighbors`. */
  readonly neighbor: Int32Array;
  /** Float64 [pairs], in `unit`; ≥ 0. */
  readonly volume: Float64Array;
  /**
   * Uint8 [arcs] or null where everything is eligible. The arcs of a pair are the egress slots of its prefix, pairs in
   * order: 1 where the egress is eligible for the neighbor. A pair of zero volume has only ones.
   */
  readonly eligible: Uint8Array | null;
  /** Int32 [pairs], index into `points` of the present choice, or -1; both are set or neither. */
  readonly currentIngress: Int32Array;
  readonly currentEgress: Int32Array;
}

export const ORIGINS = ['igp', 'egp', 'incomplete'] as const;

/**
 * Routes as they were received, before any policy of our own; sorted by prefix, point, peer ASN, peer address, then the
 * remaining attributes. Text that is missing is null, numbers that are missing are -1 (`peerAsn`: 0).
 */
export interface AdvertisementTable {
  readonly count: number;
  /** Int32 [count], index into `prefixes`. */
  readonly prefix: Int32Array;
  /** Int32 [count], index into `points`. */
  readonly at: Int32Array;
  readonly peerAsn: Uint32Array;
  readonly peerAddress: readonly (string | null)[];
  readonly peerRouterId: readonly (string | null)[];
  readonly nextHop: readonly (string | null)[];
  /** Int32 [count + 1] into `asPath`; nearest AS first. */
  readonly asPathStart: Int32Array;
  readonly asPath: Uint32Array;
  /** Uint8 [count], index into `ORIGINS`. */
  readonly origin: Uint8Array;
  readonly med: Float64Array;
  readonly localPref: Float64Array;
  readonly communities: readonly (readonly string[])[];
}

export interface Session {
  /** Index into `points`. */
  readonly at: number;
  readonly peerAsn: number;
  readonly peerAddress: string | null;
  /** Index into `neighbors`, or -1. */
  readonly neighbor: number;
  readonly relation: Relation | null;
}

/** Distance between two points: that of their routers. */
export function distanceBetween(model: NetworkModel, from: number, to: number): number {
  return model.routerDistance[model.points[from].router * model.routers.length + model.points[to].router];
}
