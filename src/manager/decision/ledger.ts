/**
 * Loads of the points while moves are added one by one: what arrives counts at the upper end of its confidence interval, what
 * leaves as estimated, so that the headroom of a target holds over all moves together.
 */
import { fits, overloadOf } from '../../problem/capacity.ts';
import { type Observation, type PrefixReading, volumeAtMost } from './observation.ts';
import type { PointLimits } from './settings.ts';

export class Ledger {
  readonly #limits: ReadonlyMap<string, PointLimits>;
  readonly #loads: Map<string, number>;
  readonly #confidence: number;

  constructor(observation: Pick<Observation, 'points'>, limits: readonly PointLimits[], confidence: number) {
    this.#limits = new Map(limits.map((limit) => [limit.id, limit]));
    this.#loads = new Map(observation.points.map(({ point, load }) => [point, load ?? 0]));
    this.#confidence = confidence;
  }

  load(point: string): number {
    return this.#loads.get(point) ?? 0;
  }

  /** Another one, that moves can be tried on. */
  copy(): Ledger {
    const copy = new Ledger({ points: [] }, [...this.#limits.values()], this.#confidence);
    for (const [point, load] of this.#loads) copy.#loads.set(point, load);
    return copy;
  }

  /** Σ of load above the high watermarks of these points. */
  excess(points: ReadonlySet<string>): number {
    return [...this.#limits.values()].reduce(
      (sum, { id, high }) => sum + (points.has(id) ? overloadOf(this.load(id), high) : 0),
      0,
    );
  }

  /** Whether every point is at a mark or below. */
  isBelow(mark: 'low' | 'high'): boolean {
    return [...this.#limits.values()].every((limit) => fits(this.load(limit.id), limit[mark]));
  }

  /** Whether all of a prefix can leave at a point without passing the mark. */
  hasRoom(reading: PrefixReading, to: string, mark: 'low' | 'high'): boolean {
    const limit = this.#limits.get(to);
    return limit !== undefined && fits(this.load(to) + this.#arriving(reading, to), limit[mark]);
  }

  move(reading: PrefixReading, to: string): void {
    const arriving = this.#arriving(reading, to);
    for (const { point, volume } of reading.volumes) {
      if (point !== to) this.#loads.set(point, Math.max(0, this.load(point) - volume));
    }
    this.#loads.set(to, this.load(to) + arriving);
  }

  /** What leaves at the point already is in its load. */
  #arriving(reading: PrefixReading, to: string): number {
    return volumeAtMost({ ...reading, volumes: reading.volumes.filter(({ point }) => point !== to) }, this.#confidence);
  }
}
