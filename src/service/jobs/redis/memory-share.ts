/** How much of the memory of Redis bodies may fill: what is left is for plans, without which no job could end. */
import type { Redis } from 'ioredis';
import { EgressoError } from '../../../errors.ts';
import { orUnavailable } from './connection.ts';

const LOOK_MS = 250;

export class MemoryShare {
  readonly #redis: Redis;
  readonly #share: number;
  /** Bytes that bodies may still take. */
  #left: Promise<number> = Promise.resolve(Number.POSITIVE_INFINITY);
  #lookedAt = Number.NEGATIVE_INFINITY;

  /** @param share of `maxmemory`, above which bodies are refused. Without a `maxmemory` none is. */
  constructor(redis: Redis, share: number) {
    this.#redis = redis;
    this.#share = share;
  }

  /** Whether so many bytes may come. Errors: STORAGE_UNAVAILABLE. */
  async check(bytes: number): Promise<void> {
    if (performance.now() - this.#lookedAt > LOOK_MS) {
      this.#lookedAt = performance.now();
      this.#left = orUnavailable(this.#look());
      // Told to those who wait for it.
      this.#left.catch(() => {});
    }
    if (bytes <= (await this.#left)) return;
    const message = `the memory of Redis is taken but for ${Math.round(100 * (1 - this.#share))} %, which are kept for plans`;
    throw new EgressoError('STORAGE_UNAVAILABLE', message);
  }

  async #look(): Promise<number> {
    const text = await this.#redis.info('memory');
    const bytesOf = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(text)?.[1] ?? 0);
    const most = bytesOf('maxmemory');
    return most === 0 ? Number.POSITIVE_INFINITY : this.#share * most - bytesOf('used_memory');
  }
}
