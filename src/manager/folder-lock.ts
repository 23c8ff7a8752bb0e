/**
 * One manager to a folder: two that write the same log and state spoil both, and one that only looks would keep the watchdog of one
 * that is gone from biting. A file names the process; one that is left by a process that is gone is taken over.
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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
      if (holder !== null && isAlive(holder)) {
        throw new EgressoError('SERVICE_UNAVAILABLE', `${path}: process ${holder.pid} runs a manager in this folder`);
      }
      if (attempt === ATTEMPTS) throw new EgressoError('FILE_UNREADABLE', `${path} cannot be taken over`);
      this.#clear();
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.#path, { force: true });
  }

  /** By a link, which is there with its content or not at all. */
  #take(): boolean {
    const own = `${this.#path}.${process.pid}`;
    try {
      writeFileSync(own, JSON.stringify({ pid: process.pid, mark: processMark(process.pid) }), { mode: 0o644 });
      linkSync(own, this.#path);
      return true;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      throw unusable(this.#path, error);
    } finally {
      rmSync(own, { force: true });
    }
  }

  /** Another process may have taken it over since it was looked at: what is put aside is looked at again, and goes back if it is held. */
  #clear(): void {
    const aside = `${this.#path}.${process.pid}.left`;
    try {
      renameSync(this.#path, aside);
      const holder = readHolder(aside);
      if (holder !== null && isAlive(holder)) linkSync(aside, this.#path);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'EEXIST') throw unusable(this.#path, error);
    } finally {
      rmSync(aside, { force: true });
    }
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null;
}

function unusable(path: string, error: unknown): EgressoError {
  return new EgressoError('FILE_UNREADABLE', `${path}: ${error instanceof Error ? error.message : String(error)}`);
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

function isAlive({ pid, mark }: Holder): boolean {
  return processMark(pid) === mark;
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
