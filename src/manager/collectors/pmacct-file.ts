/** What a pmacct daemon writes: a file that grows and is rotated, or a named pipe. */
import { createReadStream, type ReadStream, type Stats, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FlowBatch, FlowRecord } from '../telemetry/flow-batch.ts';
import type { VolumeCollector } from './collector.ts';
import { type Exporters, PmacctParser } from './pmacct.ts';

const CHUNK_BYTES = 2 ** 20;
/** A full table's records of a tick take a second to parse: they are read as they come, not in the tick. */
const READ_MS = 1000;

/** What was there before is history: a file is read from its end on. */
export function pmacctFile(path: string, exporters: Exporters): VolumeCollector {
  const status = statSync(path, { throwIfNoEntry: false });
  return status?.isFIFO() ? new PmacctPipe(path, exporters) : new PmacctLog(path, exporters, status);
}

abstract class PmacctSource implements VolumeCollector {
  protected readonly parser: PmacctParser;
  #takenAtMs = Number.NEGATIVE_INFINITY;

  constructor(exporters: Exporters) {
    this.parser = new PmacctParser(exporters);
  }

  get foreignCount(): number {
    return this.parser.foreignCount;
  }

  get malformedCount(): number {
    return this.parser.malformedCount;
  }

  async take(atMs: number): Promise<FlowBatch> {
    const { records, ageMs } = await this.read();
    const arrivedAtMs = Math.max(this.#takenAtMs, atMs - Math.max(0, ageMs));
    this.#takenAtMs = atMs;
    return { records, reports: this.parser.takeHeard().map((points) => ({ points, arrivedAtMs })) };
  }

  /** `ageMs`: since the last line came. Differences of one clock, so that it does not matter where that stands. */
  protected abstract read(): Promise<{ readonly records: FlowRecord[]; readonly ageMs: number }>;
  abstract [Symbol.asyncDispose](): Promise<void>;
}

class PmacctLog extends PmacctSource {
  readonly #path: string;
  /** Number of the file that was read last. */
  #inode: number | null;
  #position: number;
  /** Read, and not taken yet. */
  #records: FlowRecord[] = [];
  /** By the clock of the file. */
  #writtenAtMs: number | null = null;
  #reading: Promise<void> = Promise.resolve();
  readonly #timer: NodeJS.Timeout;

  /** `status`: of what is there already. */
  constructor(path: string, exporters: Exporters, status: Stats | undefined) {
    super(exporters);
    this.#path = path;
    this.#inode = status?.ino ?? null;
    this.#position = status?.size ?? 0;
    // What fails is tried again, and told by the next tick.
    this.#timer = setInterval(() => void this.#readOn().catch(() => {}), READ_MS).unref();
  }

  protected override async read(): Promise<{ records: FlowRecord[]; ageMs: number }> {
    await this.#readOn();
    const records = this.#records;
    this.#records = [];
    return { records, ageMs: this.#writtenAtMs === null ? 0 : Date.now() - this.#writtenAtMs };
  }

  /** One reading at a time: both would begin at the same place. */
  #readOn(): Promise<void> {
    const next = (): Promise<void> => this.#readNew();
    this.#reading = this.#reading.then(next, next);
    return this.#reading;
  }

  async #readNew(): Promise<void> {
    let file: Awaited<ReturnType<typeof open>>;
    try {
      file = await open(this.#path);
    } catch {
      // It may not be there yet, or be rotated just now; freshness tells when that lasts.
      return;
    }
    try {
      const { size, mtimeMs, ino } = await file.stat();
      this.#writtenAtMs = mtimeMs;
      if (ino !== this.#inode || size < this.#position) this.#begin(ino);
      const decoder = new TextDecoder();
      const buffer = new Uint8Array(CHUNK_BYTES);
      while (this.#position < size) {
        const { bytesRead } = await file.read(buffer, 0, Math.min(CHUNK_BYTES, size - this.#position), this.#position);
        if (bytesRead === 0) break;
        this.#position += bytesRead;
        const text = decoder.decode(buffer.subarray(0, bytesRead), { stream: true });
        for (const record of this.parser.push(text)) this.#records.push(record);
      }
    } finally {
      await file.close();
    }
  }

  /** Another file, or the same one emptied: what the one before ended with is no beginning of its first line. */
  #begin(inode: number): void {
    this.#inode = inode;
    this.#position = 0;
    this.parser.reset();
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#reading.catch(() => {});
  }
}

class PmacctPipe extends PmacctSource {
  readonly #stream: ReadStream;
  #records: FlowRecord[] = [];
  #newestAt = 0;

  constructor(path: string, exporters: Exporters) {
    super(exporters);
    // Open for both, so that a writer that goes away does not end the stream.
    this.#stream = createReadStream(path, { flags: 'r+', encoding: 'utf8' });
    this.#stream.on('data', (chunk) => {
      for (const record of this.parser.push(String(chunk))) this.#records.push(record);
      this.#newestAt = performance.now();
    });
    this.#stream.on('error', () => {});
  }

  protected override async read(): Promise<{ records: FlowRecord[]; ageMs: number }> {
    const records = this.#records;
    this.#records = [];
    return { records, ageMs: performance.now() - this.#newestAt };
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.#stream.destroy();
  }
}
