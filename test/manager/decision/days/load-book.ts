/** What each point is known to carry, and is to carry after changes: the referee's own account of it. */
import type { Change } from '../../../../src/manager/decision/decision.ts';
import type { Observation, PointReading } from '../../../../src/manager/decision/observation.ts';
import { CAPACITY } from './network.ts';

interface Shift {
  readonly atMs: number;
  /** By point, where a changes' worth of loads is to show. */
  readonly loads: ReadonlyMap<string, { readonly before: number; readonly after: number }>;
}

/** Counters do not show less than that share of a capacity for certain. */
const SHOWN = 0.05 * CAPACITY;

export class LoadBook {
  #loads: ReadonlyMap<string, number> = new Map();
  #shift: Shift | null = null;

  /** Without what a change is to bring and nobody has measured since. */
  get leastLoads(): ReadonlyMap<string, number> {
    const certain = [...this.#loads].map(([point, load]) => {
      const shown = this.#shift?.loads.get(point);
      return [point, shown?.after === load ? Math.min(shown.before, load) : load] as const;
    });
    return new Map(certain);
  }

  /** Of a tick that is believed. `isNews`: measured since the last change, at a point that is believed. */
  read(points: readonly PointReading[], isNews: (reading: PointReading) => boolean): void {
    const known = points.filter(isKnown);
    this.#loads = new Map(
      known.map((one) => [one.point, isNews(one) ? one.load! : (this.#loads.get(one.point) ?? one.load!)]),
    );
  }

  change(changes: readonly Change[], { atMs, prefixes }: Observation): void {
    if (changes.length === 0) return;
    const after = new Map(this.#loads);
    for (const { prefix, to } of changes) {
      for (const { point, volume } of prefixes.find((one) => one.prefix === prefix)?.volumes ?? []) {
        if (after.has(point)) after.set(point, Math.max(0, after.get(point)! - volume));
        if (after.has(to)) after.set(to, Math.max(0, after.get(to)! + volume));
      }
    }
    const shifts = [...after].map(
      ([point, load]) => [point, { before: this.#loads.get(point)!, after: load }] as const,
    );
    this.#shift = { atMs, loads: new Map(shifts.filter(([, { before, after }]) => Math.abs(after - before) > SHOWN)) };
    this.#loads = after;
  }

  /**
   * When what counters have to show was changed, where they show it: loads as expected, to a quarter of what was to come or go, at
   * points that are believed.
   */
  countedAtMs({ points }: Observation, quarantine: ReadonlyMap<string, unknown>): number | null {
    if (this.#shift === null) return null;
    const { atMs, loads } = this.#shift;
    const isShown = [...loads].every(([id, { before, after }]) => {
      const { load = null, sinceMs = null } = points.find(({ point }) => point === id) ?? {};
      const isNear = Math.abs((load ?? Number.NaN) - after) <= Math.abs(after - before) / 4;
      return isNear && sinceMs !== null && sinceMs >= atMs && !quarantine.has(id);
    });
    const signs = new Set([...loads.values()].map(({ before, after }) => Math.sign(after - before)));
    return isShown && signs.size === 2 ? atMs : null;
  }
}

/** Somebody has answered for it, with what can be. */
function isKnown({ load, measuredAtMs, flowVolume, flowsAtMs }: PointReading): boolean {
  const isPossible = load !== null && load >= 0 && load <= 1.5 * CAPACITY && flowVolume <= 3 * CAPACITY;
  const isIdle = Math.max(load ?? 0, flowVolume) <= SHOWN;
  return isPossible && measuredAtMs !== null && (isIdle || flowsAtMs !== null);
}
