/**
 * How long the linear solver and the kernels take, for whoever wants to know. The optimizer reads no clock: one is handed in, once a
 * thread, and changes nothing that is computed.
 */
export type MeteredPart = 'kernels' | 'highs';

/** Milliseconds that each part has taken in this thread since a clock was handed in. */
export interface Meter {
  readonly elapsedMs: Readonly<Record<MeteredPart, number>>;
}

let clock: (() => number) | undefined;
let elapsedMs: Record<MeteredPart, number> = { kernels: 0, highs: 0 };

/** @param now milliseconds on a clock that never goes back. */
export function startMeter(now: () => number): Meter {
  clock = now;
  elapsedMs = { kernels: 0, highs: 0 };
  return { elapsedMs };
}

export function metered<T>(part: MeteredPart, work: () => T): T {
  if (clock === undefined) return work();
  const started = clock();
  try {
    return work();
  } finally {
    elapsedMs[part] += clock() - started;
  }
}
