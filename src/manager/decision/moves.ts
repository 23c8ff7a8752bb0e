/** From a proposal to changes: each move is checked by itself and on top of those before. */
import type { Candidate } from './candidates.ts';
import type { Change } from './decision.ts';
import type { Ledger } from './ledger.ts';
import { totalVolume } from './observation.ts';
import type { Reallocation } from './reallocator.ts';
import { homeOf, type OverrideReason } from './state.ts';

export interface MoveRules {
  readonly mark: 'low' | 'high';
  readonly reason: OverrideReason;
  readonly changesLeft: number;
  /** Points above their marks: nothing is moved to them. */
  readonly over: ReadonlySet<string>;
}

/** Adds what it accepts to the ledger. The largest volumes first. */
export function acceptedMoves(
  proposed: Reallocation['moves'],
  movable: readonly Candidate[],
  ledger: Ledger,
  { mark, reason, changesLeft, over }: MoveRules,
): Change[] {
  const targets = new Map(proposed.map(({ prefix, to }) => [prefix, to]));
  const changes: Change[] = [];
  for (const { reading, current, override } of movable) {
    if (changes.length >= changesLeft) break;
    const to = targets.get(reading.prefix);
    if (to === undefined || to === current || over.has(to)) continue;
    // Only what was learned there; what is no longer is gone from the reading.
    if (!reading.learned.some(({ point }) => point === to) || !ledger.hasRoom(reading, to, mark)) continue;
    const isRelease = override !== null && homeOf(override) === to;
    ledger.move(reading, to);
    const action = isRelease ? 'release' : 'move';
    changes.push({ prefix: reading.prefix, action, from: current, to, volume: totalVolume(reading), reason });
  }
  return changes;
}
