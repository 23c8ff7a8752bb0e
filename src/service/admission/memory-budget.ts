import { availableParallelism, totalmem } from 'node:os';
import { EgressoError } from '../../errors.ts';

/** What a worker thread holds before its first request: solver, kernels, and the code. */
const THREAD_BYTES = 256 * 2 ** 20;
/** For the process itself, and for what estimates miss. */
const USABLE_SHARE = 0.75;
const LEAST_BYTES = 256 * 2 ** 20;

/** Memory for requests, bytes: a share of what the machine or its container has, less what the threads hold. */
export function memoryBudget(threads: number): number {
  return Math.max(LEAST_BYTES, usableBytes() - threads * THREAD_BYTES);
}

/** Errors: USAGE for more threads than there are cores where their memory is not there. */
export function checkThreads(threads: number): void {
  const most = Math.max(availableParallelism(), Math.floor(usableBytes() / THREAD_BYTES));
  if (threads <= most) return;
  throw new EgressoError('USAGE', `${threads} threads are more than this machine has memory for; it has for ${most}`);
}

function usableBytes(): number {
  const limit = process.constrainedMemory();
  // Without a limit it says 0, or a number beyond all memory.
  const all = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  return USABLE_SHARE * all;
}
