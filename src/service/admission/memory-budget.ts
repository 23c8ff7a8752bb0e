import { totalmem } from 'node:os';

/** What a worker thread holds before its first request: solver, kernels, and the code. */
const THREAD_BYTES = 256 * 2 ** 20;
/** For the process itself, and for what estimates miss. */
const USABLE_SHARE = 0.75;
const LEAST_BYTES = 256 * 2 ** 20;

/** Memory for requests, bytes: a share of what the machine or its container has, less what the threads hold. */
export function memoryBudget(threads: number): number {
  const limit = process.constrainedMemory();
  // Without a limit it says 0, or a number beyond all memory.
  const all = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  return Math.max(LEAST_BYTES, USABLE_SHARE * all - threads * THREAD_BYTES);
}
