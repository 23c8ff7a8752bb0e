/** The lines of several files, any of them maybe gzip, as those of one log. */
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { EgressoError } from '../../errors.ts';
import { readChunks } from '../../formats/input.ts';

export class LogFiles {
  readonly #paths: readonly string[];
  /** Lines before the first of each file that has been begun. */
  readonly #before: number[] = [];

  /** In their order. */
  constructor(paths: readonly string[]) {
    this.#paths = paths;
  }

  /** Once. Errors: FILE_UNREADABLE; FORMAT_INVALID for gzip data that is damaged. */
  async *lines(): AsyncGenerator<string> {
    let count = 0;
    for (const path of this.#paths) {
      this.#before.push(count);
      const input = Readable.from(readChunks(path));
      const lines = createInterface({ input });
      let fault: unknown = null;
      input.once('error', (error) => {
        fault = error;
        lines.close();
      });
      for await (const line of lines) {
        count++;
        yield line;
      }
      if (fault !== null) throw fault;
    }
  }

  /** Of a line that was given, from 1 over all files. */
  place(at: number): string {
    if (this.#paths.length === 1) return `line ${at}`;
    const k = this.#before.findLastIndex((before) => before < at);
    return `${basename(this.#paths[k])} line ${at - this.#before[k]}`;
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
