/** Why a turn in a thread ended without an answer. */
import { failure, type Turn } from './run.ts';
import type { Answer } from './task.ts';

export function failureOf(turn: Turn, error: unknown): Answer {
  if (turn.state.isCancelled) return failure('INTERRUPTED', 'the request was cancelled');
  if (turn.killed !== null)
    return failure('STOPPED_WITHOUT_PLAN', 'the run did not end after its time limit, and had no plan');
  const stack = String(error);
  const death = turn.isExhausted ? OUT_OF_MEMORY : deathOf(error);
  if (death === null) return { ...failure('INTERNAL', 'the worker thread failed'), stack };
  return { ...failure('WORKER_DIED', `the thread that ran the request ${death}`), stack };
}

const OUT_OF_MEMORY = 'ran out of memory';

/** How a thread came to its end; null where it threw, and lives. */
function deathOf(error: unknown): string | null {
  const { code, name, message } = error as Error & { code?: string };
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return OUT_OF_MEMORY;
  if (message.startsWith('worker exited with code')) return 'ended by itself';
  // Of the signal that ends a thread.
  return name === 'AbortError' ? 'was ended' : null;
}
