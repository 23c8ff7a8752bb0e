/** The events of a job as a stream of server-sent events (HTML, 9.2). */
import { hasEnded, type Job } from './job.ts';
import type { JobService } from './job-service.ts';
import { jobView } from './job-view.ts';

const RECONNECT_MS = 1000;
/** Shorter than what proxies take for a dead connection. */
const HEARTBEAT_MS = 15_000;
/** How often the place in the queue is looked up. */
const PLACE_MS = 500;

/**
 * From the event after `lastId` to the end of the job. A client that reads slowly gets what is newest: nothing is stored
 * for it.
 */
export async function* eventStream(
  jobs: JobService,
  job: Job,
  lastId: number,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const ends = AbortSignal.any([signal, jobs.closing]);
  yield `retry: ${RECONNECT_MS}\n\n`;
  let sent = lastId;
  let place: number | null = null;
  while (!ends.aborted) {
    for (const { id, type, data } of jobs.events.since(job.id, sent)) {
      sent = id;
      yield format(type, type === 'state' ? jobView(data as Job, null, null) : data, id);
    }
    // After the events: its end is told from its record where the event of it is not here, or not yet.
    const current = await jobs.find(job.id);
    if (current === null) return;
    if (hasEnded(current)) {
      const end = current.endedAt as number;
      if (sent < end) yield format('state', jobView(current, null, null), end);
      return;
    }
    if (sent === 0) {
      sent = current.createdAt;
      yield format('state', jobView(current, null, null), sent);
    }
    const isQueued = current.state === 'queued';
    const now = isQueued ? await jobs.queuePlace(job.id) : null;
    if (now !== null && now !== place) yield format('queue', { place: now });
    place = now;
    if (jobs.events.since(job.id, sent).length > 0) continue;
    await jobs.events.next(job.id, isQueued ? PLACE_MS : HEARTBEAT_MS, ends);
    if (!isQueued && jobs.events.since(job.id, sent).length === 0) yield ':\n\n';
  }
}

function format(type: string, data: unknown, id?: number): string {
  const name = id === undefined ? '' : `id: ${id}\n`;
  return `${name}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}
