/** The decision maker's view of an optimizer: which prefixes go where. */
import { overloadOf } from '../../problem/capacity.ts';

export interface ReallocationPoint {
  readonly id: string;
  /** Room for what stays of the prefixes of the request, and for what arrives, in the unit of the volumes; null: unlimited. */
  readonly room: number | null;
  /** Cost per unit of volume. */
  readonly price: number;
}

export interface ReallocationPrefix {
  readonly prefix: string;
  /** What would arrive at another point. */
  readonly volume: number;
  /** What leaves at `current`, and does no more once it is moved: less, where volumes are uncertain or a part leaves elsewhere. */
  readonly staying: number;
  readonly current: string;
  /** Points where it may leave, `current` among them, ascending. */
  readonly options: readonly string[];
}

/** By point: what a unit more of its room would save. Points that are not named have none. */
export type RoomPrices = Readonly<Record<string, number>>;

/** Least Σ volume · price + changeCost · volume moved, within every room, with at most `maxChanges` prefixes moved. */
export interface ReallocationRequest {
  readonly points: readonly ReallocationPoint[];
  /** Sorted by prefix. */
  readonly prefixes: readonly ReallocationPrefix[];
  readonly maxChanges: number;
  readonly changeCost: number;
  /** Where the prices of the rooms are sought from: those of an answer to much the same. Where it is left out none are told. */
  readonly startPrices?: RoomPrices;
}

export interface Reallocation {
  /**
   * Whether every room is kept: false where no plan keeps them, or the search has ended without one; null where the clock, or a
   * failure, ended the question before it had an answer.
   */
  readonly fits: boolean | null;
  /** Set where there is no answer as the time of the tick was over: the question was not asked, or had less than others have. */
  readonly isOutOfTime?: true;
  /** Prefixes that leave their current point. */
  readonly moves: readonly { readonly prefix: string; readonly to: string }[];
  /** Where they were asked for, and sought. */
  readonly prices?: RoomPrices;
}

/** What it proposes is checked; it cannot make the decision maker break a rule. */
export type Reallocator = (request: ReallocationRequest) => Promise<Reallocation>;

/** By how much each room is passed, of those that are; `slack`: by which it may be. */
export function missingRooms(
  { points, prefixes }: ReallocationRequest,
  moves: Reallocation['moves'],
  slack = 0,
): Map<string, number> {
  const targets = new Map(moves.map(({ prefix, to }) => [prefix, to]));
  const taken = new Map<string, number>();
  for (const { prefix, volume, staying, current } of prefixes) {
    const to = targets.get(prefix) ?? current;
    taken.set(to, (taken.get(to) ?? 0) + (to === current ? staying : volume));
  }
  const missing = points.map(({ id, room }) => {
    return [id, room === null ? 0 : overloadOf(Math.max(0, (taken.get(id) ?? 0) - slack), room)] as const;
  });
  return new Map(missing.filter(([, lacking]) => lacking > 0));
}
