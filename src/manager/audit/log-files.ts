/** The lines of several files, any of them maybe gzip, as those of one log. */
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { EgressoError } from '../../errors.ts';
import { readChunks } from '../../formats/input.ts';

const LINE_END = 0x0a;

export class LogFiles {
  readonly #paths: readonly string[];
  /** Lines before the first of each file that has been begun. */
  readonly #before: number[] = [];
  /** Number of a last line that a kill has cut off, once all lines were given; it is none of them. */
  cutOff: number | null = null;

  /** In their order. */
  constructor(paths: readonly string[]) {
    this.#paths = paths;
  }

  /** Once. Errors: FILE_UNREADABLE; FORMAT_INVALID for gzip data that is damaged. */
  async *lines(): AsyncGenerator<string> {
    let count = 0;
    for (const [k, path] of this.#paths.entries()) {
      this.#before.push(count);
      let isEnded = true;
      const input = Readable.from(
        watchingEnd(readChunks(path), (ended) => {
          isEnded = ended;
        }),
      );
      const lines = createInterface({ input });
      let fault: unknown = null;
      input.once('error', (error) => {
        fault = error;
        lines.close();
      });
      let held: string | null = null;
      for await (const line of lines) {
        if (held !== null) yield held;
        held = line;
        count++;
      }
      if (fault !== null) throw fault;
      if (held === null) continue;
      // In a file before the last, the next process would have dropped it.
      if (!isEnded && k === this.#paths.length - 1 && !isJson(held)) this.cutOff = count;
      else yield held;
    }
  }

  /** Of a line that was given, from 1 over all files. */
  place(at: number): string {
    if (this.#paths.length === 1) return `line ${at}`;
    const k = this.#before.findLastIndex((before) => before < at);
    return `${basename(this.#paths[k])} line ${at - this.#before[k]}`;
  }
}

async function* watchingEnd(chunks: AsyncIterable<Buffer>, tell: (isEnded: boolean) => void): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    if (chunk.length > 0) tell(chunk.at(-1) === LINE_END);
    yield chunk;
  }
}

/** No part of an object is. */
function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

/** Whether a path is that of a folder. Errors: FILE_UNREADABLE. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw new EgressoError('FILE_UNREADABLE', error instanceof Error ? error.message : String(error));
  }
}
