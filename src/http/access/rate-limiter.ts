/**
 * The generic cell rate algorithm: a caller may be ahead of its steady rate by its burst.
 *
 * One number a caller, exact to the millisecond, and no window at whose edge twice the rate would pass.
 */
import type { Caller } from './caller.ts';

const MINUTE_MS = 60_000;

export class RateLimiter {
  /** When each caller would next be due if it kept to its rate, ms. */
  readonly #due = new Map<string, number>();

  /**
   * Counts a request, unless it comes too early.
   *
   * @param now milliseconds on a clock that never goes back.
   * @returns milliseconds after which it would be taken, 0 where it is taken now.
   */
  take({ id, requestsPerMinute, burst }: Caller, now: number): number {
    if (requestsPerMinute === Number.POSITIVE_INFINITY) return 0;
    const interval = MINUTE_MS / requestsPerMinute;
    const due = Math.max(now, this.#due.get(id) ?? 0);
    const wait = due - (burst - 1) * interval - now;
    if (wait > 0) return wait;
    this.#due.set(id, due + interval);
    return 0;
  }
}
