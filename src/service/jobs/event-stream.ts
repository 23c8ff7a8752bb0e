/** The events of a job as a stream of server-sent events (HTML, 9.2). */
import { hasEnded, type Job } from './job.ts';
import type { JobService } from './job-service.ts';
import { jobView } from './job-view.ts';

const RECONNECT_MS = 1000;
/** Shorter than what proxies take for a dead connection. */
const HEARTBEAT_MS = 15_000;
/** How often the place in the queue is looked up. */
const PLACE_MS = 500;
const NEAR = 1000;

/** What a client knows: the state that was told last, and the progress. */
interface Known {
  readonly state: string;
  readonly progress: string;
}

/**
 * Ids say what is known of the job, and nothing of time: whoever answers, after whatever was missed, tells what is different.
 *
 * @param id of the last event, as the client has it; anything.
 */
function knownAt(id: string): Known {
  const [state, progress = ''] = id.split('/');
  return { state, progress };
}

/** Differs between any two states of a job. */
function stateOf({ state, attempt, cancelRequested }: Job): string {
  return `${state}.${attempt}${cancelRequested ? '.cancelled' : ''}`;
}

/** Whether a client that has seen this event knows how the job ended. */
export function knowsEnd(job: Job, lastId: string): boolean {
  return hasEnded(job) && knownAt(lastId).state === stateOf(job);
}

/**
 * From what the client knows to the end of the job. A client that reads slowly gets what is newest: nothing is stored
 * for it.
 */
export async function* eventStream(
  jobs: JobService,
  id: string,
  lastId: string,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const ends = AbortSignal.any([signal, jobs.closing]);
  const listener = jobs.events.listen(id);
  let { state, progress } = knownAt(lastId);
  let place: number | null = null;
  let heardAt = performance.now();
  const format = (type: string, data: unknown, isKnown = true): string => {
    heardAt = performance.now();
    const name = isKnown ? `id: ${progress === '' ? state : `${state}/${progress}`}\n` : '';
    return `${name}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
  };
  try {
    yield `retry: ${RECONNECT_MS}\n\n`;
    while (!ends.aborted) {
      const job = await jobs.find(id);
      if (job === null) return;
      if (stateOf(job) !== state) {
        [state, progress] = [stateOf(job), ''];
        yield format('state', jobView(job, null, null));
      }
      if (hasEnded(job)) return;
      const isQueued = job.state === 'queued';
      const now = isQueued ? await jobs.queuePlace(id) : null;
      if (now !== null && now !== place) yield format('queue', { place: now }, false);
      place = now;
      const latest = isQueued ? undefined : jobs.events.progress(id);
      if (latest !== undefined && String(latest.id) !== progress) {
        progress = String(latest.id);
        yield format('progress', latest.data);
      }
      // Far back in line it is counted more rarely.
      await listener.next(isQueued ? PLACE_MS * (1 + (now ?? 0) / NEAR) : HEARTBEAT_MS, ends);
      if (performance.now() - heardAt < HEARTBEAT_MS) continue;
      heardAt = performance.now();
      yield ':\n\n';
    }
  } finally {
    listener[Symbol.dispose]();
  }
}
