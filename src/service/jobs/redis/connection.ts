/** Connections to Redis, and what its faults are called. */
import { setTimeout as delay } from 'node:timers/promises';
import { Redis, type RedisOptions } from 'ioredis';
import { EgressoError } from '../../../errors.ts';
import { withoutCommand } from './told-faults.ts';

/** All keys. Its braces keep them in one hash slot, which BullMQ asks for. */
export const PREFIX = '{egresso}';

const COMMAND_TIMEOUT_MS = 5000;
const MOST_RETRY_MS = 1000;
const LAST_ANSWERS_MS = 1000;

const shared: RedisOptions = { retryStrategy: (times) => Math.min(50 * times, MOST_RETRY_MS) };

/** Errors: USAGE for what is no URL of a Redis; the client would take it for a host or a file, and try for ever. */
export function checkUrl(url: string): void {
  const protocol = URL.canParse(url) ? new URL(url).protocol : undefined;
  if (protocol === 'redis:' || protocol === 'rediss:') return;
  throw new EgressoError('USAGE', 'the URL of a Redis begins with redis:// or rediss://');
}

/** For commands that fail at once where there is no connection. */
export function connect(url: string, onFault: (error: unknown) => void): Redis {
  const options = { ...shared, enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: COMMAND_TIMEOUT_MS };
  return new Redis(url, options).on('error', onFault);
}

/** For commands that wait: of a queue, of a subscription. */
export function connectPatiently(url: string, onFault: (error: unknown) => void): Redis {
  return new PatientRedis(url, { ...shared, maxRetriesPerRequest: null }).on('error', onFault);
}

/** BullMQ makes copies of a connection and waits for them: without Redis for ever. They end with what they are copies of. */
class PatientRedis extends Redis {
  readonly #copies: Redis[] = [];

  override duplicate(options?: Partial<RedisOptions>): Redis {
    const copy = super.duplicate(options);
    this.#copies.push(copy);
    return copy;
  }

  override disconnect(reconnect = false): void {
    super.disconnect(reconnect);
    if (!reconnect) for (const copy of this.#copies) copy.disconnect();
  }
}

/**
 * Resolves when a queue or worker of BullMQ has begun, or has failed to for want of its connection, which is ended then: closed
 * before, it would tell its failure to nobody, and that ends the process.
 */
export async function settled(bull: { waitUntilReady(): Promise<unknown> }, connection: Redis): Promise<void> {
  const begun = bull.waitUntilReady().then(
    () => true,
    () => false,
  );
  if (await Promise.race([begun, delay(LAST_ANSWERS_MS, false, { ref: false })])) return;
  connection.disconnect();
  // Its copies fail each in its own time, and of one that was about to connect again nothing is heard.
  await delay(LAST_ANSWERS_MS);
}

/** After the answers that are on their way, where they come soon. */
export async function disconnect(redis: Redis): Promise<void> {
  const late = delay(LAST_ANSWERS_MS, undefined, { ref: false });
  if (redis.status === 'ready') await Promise.race([redis.quit(), late]).catch(() => {});
  redis.disconnect();
}

/** Kinds of answers of Redis that pass: full, loading, busy, not to be written to, not to be used by us. */
const PASSING = [
  ...['OOM', 'MISCONF', 'READONLY', 'LOADING', 'BUSY', 'NOREPLICAS', 'MASTERDOWN'],
  ...['NOAUTH', 'WRONGPASS', 'NOPERM', 'CLUSTERDOWN', 'TRYAGAIN'],
];

/**
 * Errors: STORAGE_UNAVAILABLE, after which nobody knows whether something was written. Answers that will always be the
 * same, such as those to a command that is wrong, are errors as they are.
 */
export async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof EgressoError) throw error;
    const { code, name, message = '' } = error as { code?: string; name?: string; message?: string };
    // The first word of an answer of Redis is its kind.
    const kind = /^[A-Z]{2,}\b/.exec(message)?.[0];
    if (name === 'ReplyError' && !PASSING.includes(kind ?? '')) throw withoutCommand(error);
    const reason = code ?? kind ?? 'no connection';
    throw new EgressoError('STORAGE_UNAVAILABLE', `the service cannot keep jobs now: Redis: ${reason}`);
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
