/** Connections to Redis, and what its faults are called. */
import { Redis, type RedisOptions } from 'ioredis';
import { EgressoError } from '../../../errors.ts';

/** All keys: one hash slot, so that scripts work on a cluster too. */
export const PREFIX = '{egresso}';

const COMMAND_TIMEOUT_MS = 5000;
const MOST_RETRY_MS = 1000;

const shared: RedisOptions = { retryStrategy: (times) => Math.min(50 * times, MOST_RETRY_MS) };

/** For commands that fail at once where there is no connection. */
export function connect(url: string, onFault: (error: unknown) => void): Redis {
  const options = { ...shared, enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: COMMAND_TIMEOUT_MS };
  return new Redis(url, options).on('error', onFault);
}

/** For commands that wait: of a queue, of a subscription. */
export function connectPatiently(url: string, onFault: (error: unknown) => void): Redis {
  return new Redis(url, { ...shared, maxRetriesPerRequest: null }).on('error', onFault);
}

/** After the answers that are on their way. */
export async function disconnect(redis: Redis): Promise<void> {
  if (redis.status === 'ready') await redis.quit().catch(() => {});
  redis.disconnect();
}

/** Errors: STORAGE_UNAVAILABLE, after which nobody knows whether something was written. */
export async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof EgressoError) throw error;
    const { code, message = '' } = error as { code?: string; message?: string };
    // The first word of an answer of Redis is its kind: OOM, MISCONF, READONLY, LOADING.
    const kind = code ?? /^[A-Z]{2,}\b/.exec(message)?.[0] ?? 'no connection';
    throw new EgressoError('STORAGE_UNAVAILABLE', `the service cannot keep jobs now: Redis: ${kind}`);
  }
}

const CLOCK_INTERVAL_MS = 60_000;

/** The clock of Redis, which all processes share: of each of them the events of a job are in order. */
export class RedisClock {
  readonly #redis: Redis;
  readonly #timer: NodeJS.Timeout;
  #ahead = 0;

  constructor(redis: Redis) {
    this.#redis = redis;
    this.#timer = setInterval(() => void this.set(), CLOCK_INTERVAL_MS);
  }

  /** Milliseconds since 1970. */
  now = (): number => Date.now() + this.#ahead;

  async set(): Promise<void> {
    try {
      const sent = Date.now();
      const [seconds, microseconds] = await this.#redis.time();
      const there = Number(seconds) * 1000 + Number(microseconds) / 1000;
      this.#ahead = Math.round(there - (sent + Date.now()) / 2);
    } catch {
      // At the next turn.
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
