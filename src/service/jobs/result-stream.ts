/** The items of a batch as they end, one line of JSON each (NDJSON). */
import { EgressoError } from '../../errors.ts';
import { itemView } from './batch-view.ts';
import { hasEnded, type Job } from './job.ts';
import type { JobService } from './job-service.ts';

const PAGE = 100;
/** For what ended in another process, or before somebody listened. */
const LOOK_AGAIN_MS = 1000;

export interface ResultQuery {
  /** Only those that ended after this one. */
  readonly after: number;
  /** Goes on until the batch has ended. */
  readonly waits: boolean;
}

/** Errors: SERVICE_UNAVAILABLE where it ends before the batch has. */
export async function* resultStream(
  jobs: JobService,
  batch: Job,
  { after, waits }: ResultQuery,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const ends = AbortSignal.any([signal, jobs.closing]);
  const listener = jobs.events.listen(batch.id);
  let last = after;
  try {
    while (!ends.aborted) {
      // Before its items: what ends in between is read then.
      const current = await jobs.find(batch.id);
      const items = await jobs.endedItems(batch.id, last, PAGE);
      for (const item of items) {
        last = item.endedSeq as number;
        yield `${JSON.stringify(itemView(item))}\n`;
      }
      if (items.length > 0) continue;
      if (!waits || current === null || hasEnded(current)) return;
      await listener.next(LOOK_AGAIN_MS, ends);
    }
    // An end in order would say that the batch has ended: the connection is broken off.
    throw new EgressoError('SERVICE_UNAVAILABLE', 'the service is closing');
  } finally {
    listener[Symbol.dispose]();
  }
}
