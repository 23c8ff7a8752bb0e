/** Bounded waiting: a lab never hangs, it says what it was waiting for. */
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 150;

/**
 * Polls until `probe` gives something other than undefined, and returns it.
 * @throws Error naming `what`, and the last error of `probe`, after `timeoutMs`.
 */
export async function waitFor<T>(what: string, probe: () => Promise<T | undefined>, timeoutMs = 60_000): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined) return value;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`lab: waited ${timeoutMs} ms for ${what}`, last === undefined ? {} : { cause: last });
    }
    await delay(POLL_MS);
  }
}
