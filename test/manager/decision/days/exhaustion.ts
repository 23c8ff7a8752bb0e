/** Every way to move at most so many prefixes, for tiny networks: what could have been done. */
import type { Observation, PrefixReading } from '../../../../src/manager/decision/observation.ts';
import type { PointLimits } from '../../../../src/manager/decision/settings.ts';
import type { Override } from '../../../../src/manager/decision/state.ts';

export interface Movable {
  readonly reading: PrefixReading;
  readonly current: string;
  readonly override: Override | null;
  readonly targets: readonly string[];
}

/** Loads while prefixes are moved: what leaves counts as estimated, what arrives with its error on top. */
export class Sums {
  readonly #loads: Map<string, number>;
  readonly #confidence: number;

  constructor({ points }: Pick<Observation, 'points'>, confidence: number) {
    this.#loads = new Map(points.map(({ point, load }) => [point, load ?? 0]));
    this.#confidence = confidence;
  }

  load(point: string): number {
    return this.#loads.get(point) ?? 0;
  }

  add(point: string, volume: number): void {
    this.#loads.set(point, this.load(point) + volume);
  }

  atMost({ volumes }: PrefixReading): number {
    const sum = (of: (one: PrefixReading['volumes'][number]) => number): number =>
      volumes.reduce((total, one) => total + of(one), 0);
    return sum(({ volume }) => volume) + this.#confidence * Math.sqrt(sum(({ variance }) => variance));
  }

  move(reading: PrefixReading, to: string): void {
    const others = reading.volumes.filter(({ point }) => point !== to);
    for (const { point, volume } of others) this.#loads.set(point, Math.max(0, this.load(point) - volume));
    this.add(to, this.atMost({ ...reading, volumes: others }));
  }
}

/** Whether moves off these points bring all of them to a mark of theirs, with no target above its own. */
export function canRelieve(
  points: readonly PointLimits[],
  movable: readonly Movable[],
  sums: Sums,
  limits: readonly PointLimits[],
  mark: 'low' | 'high',
  most: number,
): boolean {
  const rooms = new Map(limits.map((limit) => [limit.id, limit[mark] - sums.load(limit.id)]));
  const excess = new Map(points.map((limit) => [limit.id, sums.load(limit.id) - limit[mark]]));
  const free = movable
    .filter(({ current }) => excess.has(current))
    .map(({ reading, current, targets }) => ({
      current,
      targets,
      leaving: reading.volumes.find(({ point }) => point === current)?.volume ?? 0,
      arriving: sums.atMost(reading),
    }));
  const search = (from: number, left: number): boolean => {
    if ([...excess.values()].every((value) => value <= 0)) return true;
    if (left === 0) return false;
    for (let k = from; k < free.length; k++) {
      const { current, targets, leaving, arriving } = free[k];
      for (const to of targets) {
        const room = rooms.get(to)!;
        if (arriving > room) continue;
        rooms.set(to, room - arriving);
        excess.set(current, excess.get(current)! - leaving);
        const isDone = search(k + 1, left - 1);
        rooms.set(to, room);
        excess.set(current, excess.get(current)! + leaving);
        if (isDone) return true;
      }
    }
    return false;
  };
  return search(0, most);
}
