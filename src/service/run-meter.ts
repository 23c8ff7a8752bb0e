/** What a run has taken, in the thread that runs it: one run at a time. */
import type { RunMeasures } from './task.ts';
import { now } from './task-state.ts';

/** Milliseconds since the thread began. */
export interface PartTimes {
  readonly elapsedMs: Readonly<Record<'kernels' | 'highs', number>>;
}

export class RunMeter {
  readonly #parts: PartTimes;
  #before: PartTimes['elapsedMs'];
  #phaseMs = new Map<string, number>();
  #since = now();

  /** @param parts of this thread; they go on. */
  constructor(parts: PartTimes) {
    this.#parts = parts;
    this.#before = { ...parts.elapsedMs };
  }

  begin(): void {
    this.#before = { ...this.#parts.elapsedMs };
    this.#phaseMs = new Map();
    this.#since = now();
  }

  /** What passed since the last report is time of the phase that is reported now: a phase tells what it has done. */
  told(phase: string): void {
    const time = now();
    this.#phaseMs.set(phase, (this.#phaseMs.get(phase) ?? 0) + time - this.#since);
    this.#since = time;
  }

  /** Since `begin`. */
  get measures(): RunMeasures {
    const { kernels, highs } = this.#parts.elapsedMs;
    return {
      kernelsMs: kernels - this.#before.kernels,
      highsMs: highs - this.#before.highs,
      phaseMs: Object.fromEntries(this.#phaseMs),
    };
  }
}
