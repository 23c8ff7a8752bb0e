/** Runs the command: here, with streams of our own, or as a process of its own. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { run } from '../../src/cli/program.ts';
import type { Session } from '../../src/cli/session.ts';

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

export function fixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
}

export const EXAMPLE = fixture('patent-example-1.json');

export interface HereOptions {
  readonly input?: string | Uint8Array;
  /** Interrupts, once, when this stands on stderr, which is a terminal then. */
  readonly interruptOn?: RegExp;
}

/** In this process. */
export async function runHere(
  argv: readonly string[],
  { input = '', interruptOn }: HereOptions = {},
): Promise<Outcome> {
  let stop: (() => void) | null = null;
  const stdout = new PassThrough({ highWaterMark: 2 ** 26 });
  const isTTY = interruptOn !== undefined;
  const stderr = Object.assign(new PassThrough({ highWaterMark: 2 ** 26 }), { isTTY, columns: 200 });
  const said = text(stderr);
  stderr.on('data', (chunk: Buffer) => {
    if (!interruptOn?.test(chunk.toString())) return;
    stop?.();
    stop = null;
  });
  const session: Session = {
    stdin: Readable.from([Buffer.from(input)]),
    stdout,
    stderr,
    exitCode: 0,
    onInterrupt(listener) {
      stop = listener;
      return { [Symbol.dispose]: () => {} };
    },
  };
  const code = await run(argv, session);
  stdout.end();
  stderr.end();
  return { code, stdout: await text(stdout), stderr: await said };
}

export interface ProcessOptions {
  readonly input?: string | Uint8Array;
  readonly env?: NodeJS.ProcessEnv;
  /** Called with what stdout and stderr have said so far, whenever they say more. */
  readonly onOutput?: (soFar: { stdout: string; stderr: string }, kill: (signal: NodeJS.Signals) => void) => void;
}

export async function runProcess(argv: readonly string[], options: ProcessOptions = {}): Promise<Outcome> {
  const { input = '', env = {}, onOutput } = options;
  const data = mkdtempSync(join(tmpdir(), 'egresso-'));
  const child = spawn(process.execPath, [MAIN, ...argv], { env: { ...process.env, EGRESSO_DATA: data, ...env } });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      said[name] += chunk;
      onOutput?.(said, (signal) => child.kill(signal));
    });
  }
  // A command that fails before it reads closes its end first.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  rmSync(data, { recursive: true, force: true });
  return { code, ...said };
}

/** Lines of a stack trace: what a user must never see. */
export const STACK_TRACE = /^\s+at .+[:)]\d*/m;
