/** What a pmacct daemon writes: a file that grows and is rotated, or a named pipe. */
import { createReadStream, type ReadStream, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FlowRecord, VolumeCollector } from './collector.ts';
import { type Exporters, PmacctParser } from './pmacct.ts';

const CHUNK_BYTES = 2 ** 20;

/** What was there before is history: a file is read from its end on. */
export function pmacctFile(path: string, exporters: Exporters): VolumeCollector {
  const status = statSync(path, { throwIfNoEntry: false });
  return status?.isFIFO() ? new PmacctPipe(path, exporters) : new PmacctLog(path, exporters, status?.size ?? 0);
}

abstract class PmacctSource implements VolumeCollector {
  protected readonly parser: PmacctParser;
  #newestAtMs: number | null = null;

  constructor(exporters: Exporters) {
    this.parser = new PmacctParser(exporters);
  }

  get newestAtMs(): number | null {
    return this.#newestAtMs;
  }

  get malformedCount(): number {
    return this.parser.malformedCount;
  }

  async take(atMs: number): Promise<readonly FlowRecord[]> {
    const records = await this.records();
    // pmacct refuses intervals under a minute, so that lines count as of when they are read.
    if (records.length > 0) this.#newestAtMs = atMs;
    return records;
  }

  protected abstract records(): Promise<FlowRecord[]>;
  abstract [Symbol.asyncDispose](): Promise<void>;
}

class PmacctLog extends PmacctSource {
  readonly #path: string;
  #position: number;

  constructor(path: string, exporters: Exporters, position: number) {
    super(exporters);
    this.#path = path;
    this.#position = position;
  }

  protected override async records(): Promise<FlowRecord[]> {
    const records: FlowRecord[] = [];
    let file: Awaited<ReturnType<typeof open>>;
    try {
      file = await open(this.#path);
    } catch {
      // It may not be there yet, or be rotated just now; freshness tells when that lasts.
      return records;
    }
    try {
      const { size } = await file.stat();
      if (size < this.#position) this.#position = 0;
      const decoder = new TextDecoder();
      const buffer = new Uint8Array(CHUNK_BYTES);
      while (this.#position < size) {
        const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, this.#position);
        if (bytesRead === 0) break;
        this.#position += bytesRead;
        records.push(...this.parser.push(decoder.decode(buffer.subarray(0, bytesRead), { stream: true })));
      }
    } finally {
      await file.close();
    }
    return records;
  }

  override async [Symbol.asyncDispose](): Promise<void> {}
}

class PmacctPipe extends PmacctSource {
  readonly #stream: ReadStream;
  #records: FlowRecord[] = [];

  constructor(path: string, exporters: Exporters) {
    super(exporters);
    // Open for both, so that a writer that goes away does not end the stream.
    this.#stream = createReadStream(path, { flags: 'r+', encoding: 'utf8' });
    this.#stream.on('data', (chunk) => {
      for (const record of this.parser.push(String(chunk))) this.#records.push(record);
    });
    this.#stream.on('error', () => {});
  }

  protected override async records(): Promise<FlowRecord[]> {
    const records = this.#records;
    this.#records = [];
    return records;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.#stream.destroy();
  }
}
