/** Bytes in files named by their SHA-256, in one directory. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { type FileHandle, open, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { EgressoError } from '../../errors.ts';
import type { StoredBytes } from './job.ts';
import type { BlobStore, HeldBytes } from './job-store.ts';
import { storageFault } from './storage-fault.ts';

const INCOMING = 'incoming-';
/** Bytes of a body after which the reserve is looked at again. */
const CHECKED_BYTES = 8 * 2 ** 20;
/** At one time. */
const READ_BYTES = 2 ** 20;
const FEW_FILES = new Set(['EMFILE', 'ENFILE']);

export class FileBlobs implements BlobStore {
  readonly #directory: string;
  readonly #reserveBytes: number;
  readonly #isNeeded: (hash: string) => boolean;
  readonly #held = new Map<string, number>();

  /** Makes the directory where there is none; forgets what a process left that died between a file and its job. */
  constructor(directory: string, reserveBytes: number, isNeeded: (hash: string) => boolean) {
    this.#directory = directory;
    this.#reserveBytes = reserveBytes;
    this.#isNeeded = isNeeded;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(directory)) {
      if (name.startsWith(INCOMING)) rmSync(join(directory, name), { force: true });
      else this.#removeUnneeded(name);
    }
  }

  async write(kind: 'body' | 'plan', chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<HeldBytes> {
    const incoming = join(this.#directory, `${INCOMING}${randomUUID()}`);
    let held: HeldBytes | undefined;
    try {
      if (kind === 'body') await this.#checkReserve();
      const stored = await writeDurably(incoming, kind === 'body' ? this.#withinReserve(chunks) : chunks);
      if (kind === 'body') await this.#checkReserve();
      // From here to the rename nothing is awaited: nobody can remove the file in between.
      held = this.#hold(stored);
      renameSync(incoming, this.#path(stored.hash));
      await syncDirectory(this.#directory);
      return held;
    } catch (error) {
      held?.[Symbol.dispose]();
      rmSync(incoming, { force: true });
      throw storageFault(error);
    }
  }

  /** Errors: JOB_DATA_LOST where the file is gone, cannot be read, or is not what was written; trying again would not help. */
  async read({ hash, size }: StoredBytes): Promise<SharedArrayBuffer> {
    const shared = new SharedArrayBuffer(size);
    try {
      const file = await open(this.#path(hash));
      try {
        if ((await fill(new Uint8Array(shared), file)) !== hash) throw new Error('the file is not what was written');
      } finally {
        await file.close();
      }
    } catch (error) {
      throw unreadable(error);
    }
    return shared;
  }

  async stream({ hash }: StoredBytes): Promise<Readable> {
    try {
      return (await open(this.#path(hash))).createReadStream();
    } catch (error) {
      throw unreadable(error);
    }
  }

  async discard(hash: string): Promise<void> {
    this.#removeUnneeded(hash);
  }

  #removeUnneeded(hash: string): void {
    if (!this.#held.has(hash) && !this.#isNeeded(hash)) rmSync(this.#path(hash), { force: true });
  }

  /** Bodies that arrive at the same time must not take it either. */
  async *#withinReserve(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let unchecked = 0;
    for await (const chunk of chunks) {
      unchecked += chunk.byteLength;
      if (unchecked > CHECKED_BYTES) {
        await this.#checkReserve();
        unchecked = 0;
      }
      yield chunk;
    }
  }

  async #checkReserve(): Promise<void> {
    const { bavail, bsize } = await statfs(this.#directory);
    if (bavail * bsize >= this.#reserveBytes) return;
    const message = `less than ${this.#reserveBytes} bytes of disk are free, which are kept for plans`;
    throw new EgressoError('STORAGE_UNAVAILABLE', message);
  }

  #hold(stored: StoredBytes): HeldBytes {
    const { hash } = stored;
    this.#held.set(hash, (this.#held.get(hash) ?? 0) + 1);
    let isHeld = true;
    const release = (): void => {
      if (!isHeld) return;
      isHeld = false;
      const others = (this.#held.get(hash) as number) - 1;
      if (others === 0) this.#held.delete(hash);
      else this.#held.set(hash, others);
    };
    return { ...stored, [Symbol.dispose]: release };
  }

  #path(hash: string): string {
    return join(this.#directory, hash);
  }
}

/** Later a process that has too many files open may read; nothing else mends itself. */
function unreadable(error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (FEW_FILES.has(code ?? '')) return storageFault(error);
  return new EgressoError('JOB_DATA_LOST', `what was kept cannot be read again: ${code ?? message}`);
}

/** Reads as many bytes; returns their hash. In slices: neither reading nor hashing keeps others waiting. */
async function fill(bytes: Uint8Array, file: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  const slice = new Uint8Array(Math.min(bytes.byteLength, READ_BYTES));
  for (let at = 0; at < bytes.byteLength; ) {
    const { bytesRead } = await file.read(slice, 0, Math.min(slice.byteLength, bytes.byteLength - at), at);
    if (bytesRead === 0) throw new Error(`the file has ${at} bytes instead of ${bytes.byteLength}`);
    const read = slice.subarray(0, bytesRead);
    hash.update(read);
    bytes.set(read, at);
    at += bytesRead;
  }
  return hash.digest('hex');
}

async function writeDurably(
  path: string,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<StoredBytes> {
  const file = await open(path, 'wx', 0o600);
  try {
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of chunks) {
      hash.update(chunk);
      size += chunk.byteLength;
      await file.writeFile(chunk);
    }
    await file.sync();
    return { hash: hash.digest('hex'), size };
  } finally {
    await file.close();
  }
}

/** A rename is durable when its directory is. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
