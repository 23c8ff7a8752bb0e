/**
 * Loads of the points while moves are added one by one: what arrives counts at the upper end of its confidence interval, what
 * leaves as estimated, so that the headroom of a target holds over all moves together.
 */
import { type Observation, type PrefixReading, volumeAtMost } from './observation.ts';
import type { PointLimits } from './settings.ts';

export class Ledger {
  readonly #limits: ReadonlyMap<string, PointLimits>;
  readonly #loads: Map<string, number>;
  readonly #confidence: number;

  constructor(observation: Observation, limits: readonly PointLimits[], confidence: number) {
    this.#limits = new Map(limits.map((limit) => [limit.id, limit]));
    this.#loads = new Map(observation.points.map(({ point, load }) => [point, load ?? 0]));
    this.#confidence = confidence;
  }

  load(point: string): number {
    return this.#loads.get(point) ?? 0;
  }

  /** Σ of load above the high watermarks. */
  get excess(): number {
    return [...this.#limits.values()].reduce((sum, { id, high }) => sum + Math.max(0, this.load(id) - high), 0);
  }

  /** Whether every point is at a mark or below. */
  isBelow(mark: 'low' | 'high'): boolean {
    return [...this.#limits.values()].every((limit) => this.load(limit.id) <= limit[mark]);
  }

  /** Whether all of a prefix can leave at a point without passing the mark. */
  hasRoom(reading: PrefixReading, to: string, mark: 'low' | 'high'): boolean {
    const limit = this.#limits.get(to);
    return limit !== undefined && this.load(to) + this.#arriving(reading, to) <= limit[mark];
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
