/**
 * Bytes in Redis, named by their SHA-256: a hash of parts, numbered from 0, so that neither a process nor a command ever
 * has all of them. Scripts count who needs them (see scripts); what nobody needs expires.
 */
import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Redis } from 'ioredis';
import { EgressoError } from '../../../errors.ts';
import type { StoredBytes } from '../job.ts';
import type { BlobStore, HeldBytes } from '../job-store.ts';
import { orUnavailable, PREFIX } from './connection.ts';
import { UNNEEDED_SECONDS } from './lua/acceptance.ts';
import type { MemoryShare } from './memory-share.ts';
import type { ScriptRunner } from './script-runner.ts';

/** A part is sent and answered within the time limit of a command, on a slow network too. */
const PART_BYTES = 2 ** 20;

export class RedisBlobs implements BlobStore {
  readonly #redis: Redis;
  readonly #scripts: ScriptRunner;
  readonly #bodyShare: MemoryShare;

  constructor(redis: Redis, scripts: ScriptRunner, bodyShare: MemoryShare) {
    this.#redis = redis;
    this.#scripts = scripts;
    this.#bodyShare = bodyShare;
  }

  /** Held for as long as unneeded bytes are kept. */
  async write(kind: 'body' | 'plan', chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<HeldBytes> {
    const incoming = `${PREFIX}:incoming:${randomUUID()}`;
    const digest = createHash('sha256');
    let size = 0;
    let count = 0;
    try {
      for await (const part of inParts(chunks)) {
        if (kind === 'body') await this.#bodyShare.take(part.byteLength);
        digest.update(part);
        size += part.byteLength;
        await this.#writePart(incoming, count++, part);
      }
      const hash = digest.digest('hex');
      await this.#scripts.run('egressoKeep', incoming, hash, size);
      return { hash, size, [Symbol.dispose]: () => {} };
    } catch (error) {
      // Else it expires.
      await this.#redis.del(incoming).catch(() => {});
      throw error;
    }
  }

  async read({ hash, size }: StoredBytes): Promise<SharedArrayBuffer> {
    const shared = new SharedArrayBuffer(size);
    let at = 0;
    for await (const part of this.#parts({ hash, size })) {
      new Uint8Array(shared).set(part, at);
      at += part.byteLength;
    }
    return shared;
  }

  async stream(stored: StoredBytes): Promise<Readable> {
    return Readable.from(this.#parts(stored), { objectMode: false });
  }

  async discard(): Promise<void> {}

  async #writePart(key: string, number: number, part: Buffer): Promise<void> {
    const written = this.#redis.hset(key, number, part);
    await orUnavailable(Promise.all([written, this.#redis.expire(key, UNNEEDED_SECONDS)]));
  }

  async *#parts({ hash, size }: StoredBytes): AsyncGenerator<Buffer> {
    for (let at = 0; at < size; at += PART_BYTES) {
      const part = await orUnavailable(this.#redis.hgetBuffer(`${PREFIX}:blob:${hash}`, String(at / PART_BYTES)));
      if (part?.byteLength !== Math.min(PART_BYTES, size - at)) {
        throw new EgressoError('JOB_DATA_LOST', `the bytes of ${hash} are gone`);
      }
      yield part;
    }
  }
}

/** All of the same size but the last, which may be empty where all are. */
async function* inParts(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Buffer> {
  const part = Buffer.allocUnsafe(PART_BYTES);
  let filled = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.byteLength; ) {
      const taken = chunk.subarray(at, at + PART_BYTES - filled);
      part.set(taken, filled);
      filled += taken.byteLength;
      at += taken.byteLength;
      if (filled < PART_BYTES) continue;
      yield part;
      filled = 0;
    }
  }
  if (filled > 0) yield part.subarray(0, filled);
}
