/**
 * One manager to a folder: two that write the same log and state spoil both, and one that only looks would keep the watchdog of one
 * that is gone from biting. A file names the process; one that is left by a process that is gone is taken over.
 */
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { EgressoError } from '../errors.ts';

/** A file that goes just when it is read is looked for again. */
const ATTEMPTS = 3;

export class FolderLock implements Disposable {
  readonly #path: string;

  /** Errors: SERVICE_UNAVAILABLE where another process holds it; FILE_UNREADABLE. */
  constructor(path: string) {
    this.#path = path;
    for (let attempt = 1; !this.#take(); attempt++) {
      const holder = readHolder(path);
      if (holder !== null && processMark(holder.pid) === holder.mark) {
        throw new EgressoError('SERVICE_UNAVAILABLE', `${path}: process ${holder.pid} runs a manager in this folder`);
      }
      if (attempt === ATTEMPTS) throw new EgressoError('FILE_UNREADABLE', `${path} cannot be taken over`);
      rmSync(path, { force: true });
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.#path, { force: true });
  }

  #take(): boolean {
    try {
      const file = openSync(this.#path, 'wx', 0o644);
      writeSync(file, JSON.stringify({ pid: process.pid, mark: processMark(process.pid) }));
      closeSync(file);
      return true;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
      const reason = error instanceof Error ? error.message : String(error);
      throw new EgressoError('FILE_UNREADABLE', `${this.#path}: ${reason}`);
    }
  }
}

interface Holder {
  readonly pid: number;
  readonly mark: string;
}

function readHolder(path: string): Holder | null {
  try {
    const { pid, mark } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Holder>;
    return Number.isSafeInteger(pid) && typeof mark === 'string' ? { pid: pid as number, mark } : null;
  } catch {
    return null;
  }
}

/**
 * Tells a process from another that has its number later (in a container every first one is 1): when it was started, where /proc
 * says so (proc(5): stat, field 22). Empty for one that is not there, or has ended and not been waited for.
 */
function processMark(pid: number): string {
  try {
    const [state, ...fields] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return state === 'Z' || state === 'X' ? '' : `${fields[18]}`;
  } catch {
    return process.platform !== 'linux' && isThere(pid) ? 'there' : '';
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
