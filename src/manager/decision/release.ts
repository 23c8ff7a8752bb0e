/** Overrides that are no longer needed go back to plain BGP, the oldest first, as long as there is room below the low watermark. */
import type { Candidate } from './candidates.ts';
import type { Change } from './decision.ts';
import type { Ledger } from './ledger.ts';
import { totalVolume } from './observation.ts';
import type { DecisionSettings } from './settings.ts';
import { homeOf } from './state.ts';
import type { Windows } from './watermarks.ts';
import { isQuiet } from './watermarks.ts';

/** Those that relieved a point; what an optimization moved is for the next one to undo, as long as there will be one. */
export function releases(
  movable: readonly Candidate[],
  windows: Windows,
  ledger: Ledger,
  settings: DecisionSettings,
  changesLeft: number,
): Change[] {
  const changes: Change[] = [];
  const oldest = movable
    .flatMap(({ reading, current, override }) => (override === null ? [] : [{ reading, current, override }]))
    .sort((a, b) => a.override.sinceMs - b.override.sinceMs || (a.override.prefix < b.override.prefix ? -1 : 1));
  for (const { reading, current, override } of oldest) {
    if (changes.length >= changesLeft) break;
    const to = homeOf(override);
    if ((override.reason === 'optimize' && settings.mode === 'optimize') || !isQuiet(windows[to], settings)) continue;
    // Without the route that it left by, plain BGP would send it nobody knows where.
    if (!reading.learned.some(({ point }) => point === to) || !ledger.hasRoom(reading, to, 'low')) continue;
    ledger.move(reading, to);
    changes.push({
      prefix: override.prefix,
      action: 'release',
      from: current,
      to,
      volume: totalVolume(reading),
      reason: 'load-fell',
    });
  }
  return changes;
}
