/** Loads of points from successive samples of their counters. */
import type { InterfaceReading } from '../decision/observation.ts';
import { type CounterSample, counterRate } from './counter-rate.ts';

export class CounterTracker {
  readonly #points: readonly string[];
  readonly #bitsPerUnit: number;
  readonly #last = new Map<string, CounterSample>();
  readonly #readings = new Map<string, InterfaceReading>();
  rebootCount = 0;
  lateCount = 0;

  constructor(points: readonly string[], bitsPerUnit: number) {
    this.#points = points;
    this.#bitsPerUnit = bitsPerUnit;
  }

  add(point: string, sample: CounterSample): void {
    const last = this.#last.get(point);
    if (last === undefined) {
      this.#last.set(point, sample);
      return;
    }
    const rate = counterRate(last, sample);
    if (rate.kind === 'late') {
      this.lateCount++;
      return;
    }
    this.#last.set(point, sample);
    if (rate.kind === 'reboot') {
      this.rebootCount++;
      this.#readings.set(point, unmeasured(point));
      return;
    }
    const load = rate.bitsPerSecond / this.#bitsPerUnit;
    this.#readings.set(point, { point, load, sinceMs: last.atMs, measuredAtMs: sample.atMs });
  }

  readings(): InterfaceReading[] {
    return this.#points.map((point) => this.#readings.get(point) ?? unmeasured(point));
  }
}

function unmeasured(point: string): InterfaceReading {
  return { point, load: null, sinceMs: null, measuredAtMs: null };
}
