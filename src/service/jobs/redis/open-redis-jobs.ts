/** Jobs in Redis: of a process that takes requests, and of one that runs jobs. */
import type { Redis } from 'ioredis';
import { EgressoError } from '../../../errors.ts';
import type { SolverPool } from '../../pool.ts';
import type { Job, JobState } from '../job.ts';
import type { JobGate } from '../job-gate.ts';
import type { JobRunner } from '../job-runner.ts';
import { JobService } from '../job-service.ts';
import { BullRunner } from './bull-runner.ts';
import { checkUrl, connect, connectPatiently, disconnect, RedisClock } from './connection.ts';
import { MemoryShare } from './memory-share.ts';
import { Outbox } from './outbox.ts';
import { RedisBlobs } from './redis-blobs.ts';
import { RedisEvents } from './redis-events.ts';
import { RedisJobStore } from './redis-job-store.ts';
import { RemoteRunner } from './remote-runner.ts';
import { ScriptRunner } from './script-runner.ts';
import { toldOnce } from './told-faults.ts';

export interface RedisJobOptions {
  /** Such as redis://127.0.0.1:6379. */
  readonly url: string;
  readonly retentionMs: number;
  readonly queuedJobs: number;
  readonly losses: number;
  readonly onFault: (error: unknown) => void;
  readonly onChange: (job: Job) => void;
  readonly onItems: (state: JobState, count: number) => void;
}

/** Of the memory of Redis. */
const BODY_SHARE = 0.8;

/** Takes jobs; other processes run them. Errors: USAGE. */
export function openRedisJobs(options: RedisJobOptions): JobService {
  return open(
    toldOnceIn(options),
    ({ redis }) =>
      () =>
        new RemoteRunner(redis),
  );
}

export interface RedisWorkerOptions extends RedisJobOptions {
  readonly gate?: JobGate;
}

/** Runs jobs of all processes, as many at one time as the pool has threads. Errors: USAGE. */
export function openRedisWorker(pool: SolverPool, { gate, ...given }: RedisWorkerOptions): JobService {
  const options = toldOnceIn(given);
  const { url, onFault } = options;
  return open(options, (parts) => (onChange) => {
    const patient = connectPatiently(url, onFault);
    parts.connections.push(patient);
    return new BullRunner({ ...parts, pool, patient, onFault, onChange, ...(gate && { gate }) });
  });
}

interface Parts {
  readonly redis: Redis;
  readonly subscriber: Redis;
  readonly store: RedisJobStore;
  readonly blobs: RedisBlobs;
  readonly events: RedisEvents;
  readonly now: () => number;
  /** Closed at the end. */
  readonly connections: Redis[];
}

/** One memory of what was told, for all who tell. */
function toldOnceIn(options: RedisJobOptions): RedisJobOptions {
  return { ...options, onFault: toldOnce(options.onFault) };
}

function open(
  options: RedisJobOptions,
  runner: (parts: Parts) => (onChange: (job: Job) => void) => JobRunner,
): JobService {
  const { url, retentionMs, queuedJobs, losses, onFault, onChange, onItems } = options;
  checkUrl(url);
  const redis = connect(url, onFault);
  const subscriber = connectPatiently(url, onFault);
  const connections = [redis, subscriber, connectPatiently(url, onFault)];
  const clock = new RedisClock(redis);
  const scripts = new ScriptRunner(redis);
  const outbox = new Outbox(redis, connections[2], onFault);
  const bodyShare = new MemoryShare(redis, BODY_SHARE);
  const store = new RedisJobStore({ redis, scripts, outbox, bodyShare, queuedJobs, losses });
  const blobs = new RedisBlobs(redis, scripts, bodyShare);
  const events = new RedisEvents(redis, subscriber, clock.now);
  const parts = { redis, subscriber, store, blobs, events, now: clock.now, connections };
  redis.once('ready', () => void checkDurability(redis, onFault));
  return new JobService({
    ...{ store, blobs, events, retentionMs, onFault, onChange, onItems, now: clock.now },
    reachable: new Promise<void>((resolve) => redis.once('ready', resolve)).then(() => clock.set()),
    runner: runner(parts),
    async onClose() {
      clock.close();
      await outbox.close();
      await Promise.all(connections.map(disconnect));
    },
  });
}

/** Redis may be set so that an accepted job does not outlive it. */
async function checkDurability(redis: Redis, onFault: (error: unknown) => void): Promise<void> {
  try {
    const settings = (await redis.config('GET', 'append*')) as string[];
    const settingOf = (name: string) => settings[settings.indexOf(name) + 1];
    if (settingOf('appendonly') === 'yes' && settingOf('appendfsync') === 'always') return;
    const message =
      'Redis does not put every write on disk (appendonly yes, appendfsync always): its death may lose accepted jobs';
    onFault(new EgressoError('STORAGE_UNAVAILABLE', message));
  } catch {
    // Managed services hide their settings.
  }
}
