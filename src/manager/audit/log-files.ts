/** The lines of several files, as those of one log. */
import { createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { EgressoError } from '../../errors.ts';

export class LogFiles {
  readonly #paths: readonly string[];
  /** Lines before the first of each file that has been begun. */
  readonly #before: number[] = [];

  /** In their order. */
  constructor(paths: readonly string[]) {
    this.#paths = paths;
  }

  /** Once. Errors: FILE_UNREADABLE. */
  async *lines(): AsyncGenerator<string> {
    let count = 0;
    for (const path of this.#paths) {
      this.#before.push(count);
      const input = createReadStream(path);
      const lines = createInterface({ input });
      let fault: Error | null = null;
      input.once('error', (error) => {
        fault = error;
        lines.close();
      });
      for await (const line of lines) {
        count++;
        yield line;
      }
      if (fault !== null) throw new EgressoError('FILE_UNREADABLE', (fault as Error).message);
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
