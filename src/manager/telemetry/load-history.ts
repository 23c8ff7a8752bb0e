/** Loads of the points over the last minutes, so that what flow records tell late is held against what was measured then. */
import type { InterfaceReading } from '../decision/observation.ts';

interface Sample {
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly load: number;
}

export interface LoadRange {
  readonly least: number;
  readonly most: number;
}

export class LoadHistory {
  readonly #keepMs: number;
  /** By point, in order of time. */
  readonly #samples = new Map<string, Sample[]>();

  constructor(keepMs: number) {
    this.#keepMs = keepMs;
  }

  /** A reading that is repeated is the same sample. */
  add({ point, load, sinceMs, measuredAtMs: untilMs }: InterfaceReading): void {
    if (load === null || sinceMs === null || untilMs === null || !Number.isFinite(load)) return;
    const samples = this.#samples.get(point) ?? [];
    const last = samples.at(-1);
    if (last !== undefined && untilMs <= last.untilMs) return;
    const kept = samples.filter((one) => one.untilMs > untilMs - this.#keepMs);
    this.#samples.set(point, [...kept, { sinceMs, untilMs, load }]);
  }

  /** Of all samples that have a part of that time in them; null where none has. */
  range(point: string, sinceMs: number, untilMs: number): LoadRange | null {
    const loads = (this.#samples.get(point) ?? [])
      .filter((one) => one.untilMs > sinceMs && one.sinceMs < untilMs)
      .map(({ load }) => load);
    return loads.length === 0 ? null : { least: Math.min(...loads), most: Math.max(...loads) };
  }
}
