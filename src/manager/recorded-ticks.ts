/** The clock of a recording: unpaced, and nobody waits for what was not recorded. */

/**
 * Times of the ticks: every `tickMs` from the start to the last moment. Where nothing was recorded for more than `restMs` the ticks up to
 * the next moment are left out. `moments`: in order, the first at 0.
 */
export function* recordedTicks(
  moments: readonly { readonly atMs: number }[],
  tickMs: number,
  restMs: number,
): Generator<number> {
  const endMs = moments.at(-1)?.atMs ?? 0;
  let next = 0;
  for (let tick = 1; tick * tickMs <= endMs; tick++) {
    while (next < moments.length && moments[next].atMs <= tick * tickMs) next++;
    const isResting = next < moments.length && tick * tickMs - moments[next - 1].atMs > restMs;
    if (isResting) tick = Math.max(tick, Math.ceil(moments[next].atMs / tickMs));
    if (tick * tickMs <= endMs) yield tick * tickMs;
  }
}

/** Nothing comes of a tick so long after telemetry has ended: every lease is over by then, and all that it had put in is withdrawn. */
export function restMs({ staleMs, leaseMs }: { readonly staleMs: number; readonly leaseMs: number }): number {
  return staleMs + leaseMs;
}
