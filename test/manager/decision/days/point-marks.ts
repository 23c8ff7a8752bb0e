/** How often each point was measured above its high watermark. */
import type { PointReading } from '../../../../src/manager/decision/observation.ts';
import type { DecisionSettings, PointLimits } from '../../../../src/manager/decision/settings.ts';

export class PointMarks {
  readonly #settings: DecisionSettings;
  readonly #limits: readonly PointLimits[];
  /** By point, one for each measurement since the last change, 1 above the high watermark. */
  readonly #marks = new Map<string, readonly number[]>();

  constructor(settings: DecisionSettings, limits: readonly PointLimits[]) {
    this.#settings = settings;
    this.#limits = limits;
  }

  /** `quarantine`: by point; `isMeasured`: a reading is one of now. */
  add(
    points: readonly PointReading[],
    quarantine: ReadonlyMap<string, unknown>,
    isMeasured: (reading: PointReading) => boolean,
  ): void {
    for (const { id, high } of this.#limits) {
      const reading = points.find(({ point }) => point === id);
      const marks = this.#marks.get(id) ?? [];
      if (quarantine.has(id)) this.#marks.delete(id);
      else if (reading === undefined || !isMeasured(reading)) continue;
      else
        this.#marks.set(id, [...marks, (reading.load ?? 0) > high * (1 + 1e-9) ? 1 : 0].slice(-this.#settings.ofTicks));
    }
  }

  clear(): void {
    this.#marks.clear();
  }

  isOver(point: string): boolean {
    const marks = this.#marks.get(point) ?? [];
    return marks.at(-1) === 1 && marks.reduce((sum, one) => sum + one, 0) >= this.#settings.overTicks;
  }

  isQuiet(point: string): boolean {
    const marks = this.#marks.get(point) ?? [];
    return marks.length >= this.#settings.ofTicks && marks.every((one) => one === 0);
  }
}
