/** One pair while the rules of its prefix change. */
import type { NetworkModel } from '../model/network-model.ts';
import type { PairWays } from './bgp/pair-ways.ts';
import type { Setting } from './setting.ts';
import { TransientWays } from './transient-ways.ts';

/** Sides as in `Move`. */
export interface PairInPlace {
  /** Index into `model.neighbors`. */
  readonly neighbor: number;
  /** Index of the prefix. */
  readonly prefix: number;
  readonly volume: number;
  /** Sides that it uses before; null where nobody knows. */
  readonly present: readonly number[] | null;
  readonly target: readonly number[];
}

/**
 * Sides that one pair may use. Where BGP leaves it open before, it is taken to stay where it is for as long as the choice is
 * between the same points.
 */
export class MovingPair {
  readonly neighbor: number;
  readonly volume: number;
  readonly present: readonly number[] | null;
  readonly target: readonly number[];
  /** Sides that it may use on the way, with BGP at rest. */
  readonly visited = new Set<number>();
  isStray = false;
  /** While updates are under way its neighbor may be told the prefix nowhere. */
  mayBeUntold = false;
  readonly #pair: PairInPlace;
  readonly #points: NetworkModel['points'];
  /** Before: points where it may enter, and for each of them those where it may leave. */
  readonly #waysBefore: ReadonlyMap<number, readonly number[]>;
  /** Sides of either way: all that it may use before, and its target. */
  readonly #expected: ReadonlySet<number>;
  readonly #underWay: TransientWays;
  /** Of neither way, while updates are under way. */
  readonly #reached = new Set<number>();

  /** `before`: what BGP does before anything changes. */
  constructor(pair: PairInPlace, setting: Pick<Setting, 'network' | 'model' | 'bgp'>, before: PairWays) {
    this.neighbor = pair.neighbor;
    this.volume = pair.volume;
    this.present = pair.present;
    this.target = pair.target;
    this.#pair = pair;
    this.#points = setting.model.points;
    this.#waysBefore = this.#ways(before);
    this.#expected = new Set([...sidesOf(this.#waysBefore), ...(pair.present ?? []), ...pair.target]);
    this.#underWay = new TransientWays(setting, pair.neighbor, pair.prefix);
    this.#underWay.start(before);
  }

  /** What nobody knows the place of may be anywhere that it may have been, without having come there now. */
  get passed(): number[] {
    const known = new Set([...(this.present ?? sidesOf(this.#waysBefore)), ...this.target]);
    return [...this.visited, ...this.transient].filter((side) => !known.has(side));
  }

  /** Sides of neither way that it may use while updates are under way, and at no rest. */
  get transient(): number[] {
    return [...this.#reached].filter((side) => !this.visited.has(side));
  }

  /** BGP has come to rest with all of a phase, which was visited last. */
  endPhase(ways: PairWays): void {
    const found = this.#underWay.ways;
    this.mayBeUntold ||= this.#underWay.mayBeUntold && this.#waysBefore.size > 0;
    for (const side of sidesOf(found)) if (!this.#expected.has(side)) this.#reached.add(side);
    this.#underWay.start(ways);
  }

  visit(ways: PairWays): void {
    this.#underWay.add(ways);
    const found = this.#ways(ways);
    const isLost = found.size === 0 || [...found.values()].some((egress) => egress.length === 0);
    this.isStray ||= isLost && this.#waysBefore.size > 0;
    for (const side of sidesOf(this.#settled(found))) {
      this.visited.add(side);
      this.isStray ||= !this.#expected.has(side);
    }
  }

  /** Without what is open as it was before. */
  #settled(found: ReadonlyMap<number, readonly number[]>): ReadonlyMap<number, readonly number[]> {
    if (this.present === null) return found;
    const [ingress, egress] = [this.present[0] / 2, (this.present[1] - 1) / 2];
    const entering = isSame([...found.keys()], [...this.#waysBefore.keys()]) ? [ingress] : [...found.keys()];
    return new Map(
      entering.map((point) => {
        const leaving = found.get(point) ?? [];
        const isOpenAsBefore = point === ingress && isSame(leaving, this.#waysBefore.get(point) ?? []);
        return [point, isOpenAsBefore ? [egress] : leaving];
      }),
    );
  }

  #ways(ways: PairWays): Map<number, number[]> {
    const { neighbor, prefix } = this.#pair;
    const entering = ways.possibleIngress(neighbor, prefix);
    return new Map(entering.map((point) => [point, ways.possibleEgress(prefix, this.#points[point].router)]));
  }
}

function sidesOf(ways: ReadonlyMap<number, readonly number[]>): number[] {
  return [...ways].flatMap(([ingress, egress]) => [2 * ingress, ...egress.map((point) => 2 * point + 1)]);
}

function isSame(some: readonly number[], others: readonly number[]): boolean {
  return some.length === others.length && some.every((one) => others.includes(one));
}
