/** The decision maker's view of an optimizer: which prefixes go where. */

export interface ReallocationPoint {
  readonly id: string;
  /** Room for the prefixes of the request, in the unit of the volumes; null: unlimited. */
  readonly room: number | null;
  /** Cost per unit of volume. */
  readonly price: number;
}

export interface ReallocationPrefix {
  readonly prefix: string;
  readonly volume: number;
  readonly current: string;
  /** Points where it may leave, `current` among them, ascending. */
  readonly options: readonly string[];
}

/** Least Σ volume · price + changeCost · volume moved, within every room, with at most `maxChanges` prefixes moved. */
export interface ReallocationRequest {
  readonly points: readonly ReallocationPoint[];
  /** Sorted by prefix. */
  readonly prefixes: readonly ReallocationPrefix[];
  readonly maxChanges: number;
  readonly changeCost: number;
}

export interface Reallocation {
  /** Whether every room is kept. */
  readonly fits: boolean;
  /** Prefixes that leave their current point. */
  readonly moves: readonly { readonly prefix: string; readonly to: string }[];
}

/** What it proposes is checked; it cannot make the decision maker break a rule. */
export type Reallocator = (request: ReallocationRequest) => Promise<Reallocation>;
