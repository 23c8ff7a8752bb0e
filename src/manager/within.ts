import { setTimeout as delay } from 'node:timers/promises';

/** Whether it is done within `ms`; it goes on otherwise, and whoever began it hears of what comes of it elsewhere. */
export async function within(work: Promise<unknown>, ms: number): Promise<boolean> {
  const waiting = new AbortController();
  const late = delay(ms, false, { signal: waiting.signal }).catch(() => false);
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    waiting.abort();
  }
}
