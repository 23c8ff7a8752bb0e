/** A file that the watchdog touches, so that the manager can tell whether one is there. */
import { statSync, utimesSync, writeFileSync } from 'node:fs';

/** A folder that cannot be written is no reason for a watchdog to end. */
export function beat(path: string): void {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch {
    try {
      writeFileSync(path, '');
    } catch {
      // Whoever looks for it says that it is missing.
    }
  }
}

/** Whether it was touched within `ms`. */
export function hasBeaten(path: string, ms: number): boolean {
  const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: Number.NEGATIVE_INFINITY };
  return Math.abs(Date.now() - mtimeMs) <= ms;
}
