/** Bytes in Redis, named by their SHA-256. Scripts count who needs them (see scripts); what nobody needs expires. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Redis } from 'ioredis';
import type { StoredBytes } from '../job.ts';
import type { BlobStore, HeldBytes } from '../job-store.ts';
import { orUnavailable, PREFIX } from './connection.ts';
import type { ScriptRunner } from './script-runner.ts';
import { UNNEEDED_SECONDS } from './scripts.ts';

const CHUNK_BYTES = 2 ** 20;

export class RedisBlobs implements BlobStore {
  readonly #redis: Redis;
  readonly #scripts: ScriptRunner;

  constructor(redis: Redis, scripts: ScriptRunner) {
    this.#redis = redis;
    this.#scripts = scripts;
  }

  /** Held for as long as unneeded bytes are kept. */
  async write(_kind: 'body' | 'plan', chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<HeldBytes> {
    const parts: Uint8Array[] = [];
    for await (const chunk of chunks) parts.push(chunk);
    const bytes = Buffer.concat(parts);
    const hash = createHash('sha256').update(bytes).digest('hex');
    const written = await orUnavailable(this.#redis.set(keyOf(hash), bytes, 'EX', UNNEEDED_SECONDS, 'NX'));
    if (written === null) await this.#scripts.run('egressoTouch', hash);
    return { hash, size: bytes.byteLength, [Symbol.dispose]: () => {} };
  }

  async read({ hash, size }: StoredBytes): Promise<SharedArrayBuffer> {
    const shared = new SharedArrayBuffer(size);
    let at = 0;
    for await (const chunk of this.#chunks({ hash, size })) {
      new Uint8Array(shared).set(chunk, at);
      at += chunk.byteLength;
    }
    return shared;
  }

  async stream(stored: StoredBytes): Promise<Readable> {
    return Readable.from(this.#chunks(stored), { objectMode: false });
  }

  async discard(): Promise<void> {}

  async *#chunks({ hash, size }: StoredBytes): AsyncGenerator<Buffer> {
    for (let at = 0; at < size; at += CHUNK_BYTES) {
      const end = Math.min(size, at + CHUNK_BYTES);
      const chunk = await orUnavailable(this.#redis.getrangeBuffer(keyOf(hash), at, end - 1));
      if (chunk.byteLength !== end - at) throw new Error(`the bytes of ${hash} are gone`);
      yield chunk;
    }
  }
}

function keyOf(hash: string): string {
  return `${PREFIX}:blob:${hash}`;
}
