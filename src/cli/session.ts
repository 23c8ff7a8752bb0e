/** What a command sees of the process it runs in; tests hand in streams of their own. */
import { writeSync } from 'node:fs';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { EgressoError } from '../errors.ts';

export interface Session {
  readonly stdin: Readable;
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  /** What the command ends with, unless it throws. */
  exitCode: number;
  /**
   * `stop` is called on the first interrupt (SIGINT, SIGTERM, or SIGHUP of a terminal that is gone). Without a `stop`, and on the
   * second interrupt, the process ends at once; the latter says `undone` on stderr, which is what `stop` was not given the time for.
   */
  onInterrupt(stop: () => void, undone?: string): Disposable;
}

/** Exit code of a command whose run was interrupted. */
export const EXIT_INTERRUPTED = 130;

/** npm hands a signal on to a child that the terminal has told already; one press is one interrupt. */
const ONE_PRESS_MS = 300;

export function processSession(): Session {
  // Errors of a stream also reach `write`; without a listener they would end the process with a stack trace.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const { stdin, stdout, stderr } = process;
  return { stdin, stdout, stderr, exitCode: 0, onInterrupt: catchSignals() };
}

function catchSignals(): Session['onInterrupt'] {
  let stop: (() => void) | null = null;
  let lastWords = '';
  let stoppedAt = Number.NEGATIVE_INFINITY;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (performance.now() - stoppedAt < ONE_PRESS_MS) return;
      if (stop === null) {
        sayAtOnce(lastWords);
        process.exit(128 + constants.signals[signal]);
      }
      stoppedAt = performance.now();
      stop();
      stop = null;
    });
  }
  return (listener, undone = '') => {
    stop = listener;
    lastWords = undone;
    return {
      [Symbol.dispose]() {
        stop = null;
        lastWords = '';
      },
    };
  };
}

/** The process ends before a stream would have written it. Who does not read holds up nothing. */
function sayAtOnce(text: string): void {
  try {
    writeSync(process.stderr.fd, text);
  } catch {
    // A pipe that is full, or that nobody reads any more.
  }
}

/**
 * Writes all of a text. A reader that has gone away (`egresso … | head`) is no fault: what it did not want is dropped.
 *
 * @throws EgressoError FILE_UNREADABLE
 */
export function write(stream: Writable, text: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      const code = error && 'code' in error ? error.code : null;
      if (!error || code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED') resolve();
      else reject(new EgressoError('FILE_UNREADABLE', `the output cannot be written: ${error.message}`));
    });
  });
}
