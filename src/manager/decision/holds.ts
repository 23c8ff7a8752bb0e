/** Hold-down and backoff: how long a prefix is left alone after a change. */
import type { DecisionSettings } from './settings.ts';
import type { ManagerState, PrefixHistory } from './state.ts';

type History = ManagerState['history'];

export function isHeld(history: History, prefix: string, atMs: number, settings: DecisionSettings): boolean {
  const past = history[prefix];
  return past !== undefined && atMs < past.changedAtMs + holdMs(past, settings);
}

export function holdMs({ failureCount }: PrefixHistory, { holdDownMs, backoffLimit }: DecisionSettings): number {
  return holdDownMs * 2 ** Math.min(failureCount, backoffLimit);
}

/** Notes a change of some prefixes; forgets what can hold nothing any more. */
export function withChanges(
  history: History,
  changes: readonly { readonly prefix: string; readonly isFailure: boolean }[],
  atMs: number,
  { holdDownMs, backoffLimit }: DecisionSettings,
): History {
  const longest = 2 * holdDownMs * 2 ** backoffLimit;
  const kept = Object.entries(history).filter(([, { changedAtMs }]) => atMs - changedAtMs <= longest);
  const next = new Map(kept);
  for (const { prefix, isFailure } of changes) {
    const failureCount = next.get(prefix)?.failureCount ?? 0;
    next.set(prefix, { changedAtMs: atMs, failureCount: isFailure ? failureCount + 1 : failureCount });
  }
  return Object.fromEntries([...next].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A move that was verified clears what failed before. */
export function withoutFailures(history: History, prefixes: readonly string[]): History {
  const cleared = prefixes.flatMap((prefix) =>
    history[prefix] === undefined ? [] : [[prefix, { ...history[prefix], failureCount: 0 }]],
  );
  return { ...history, ...Object.fromEntries(cleared) };
}
