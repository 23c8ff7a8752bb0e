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
    const own = `${path}.${process.pid}`;
    try {
      writeFileSync(own, JSON.stringify({ pid: process.pid, mark: processMark(process.pid) }), { mode: 0o644 });
      for (let attempt = 1; !(isLinked(own, path) || takesOver(own, path)); attempt++) {
        if (attempt === ATTEMPTS) throw new EgressoError('FILE_UNREADABLE', `${path} cannot be taken over`);
      }
    } catch (error) {
      if (error instanceof EgressoError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new EgressoError('FILE_UNREADABLE', `${path}: ${reason}`);
    } finally {
      rmSync(own, { force: true });
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.#path, { force: true });
  }
}

/** By a link, which is there with its content or not at all. */
function isLinked(own: string, path: string): boolean {
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** One process at a time looks whether the holder is gone, and then stands in its place: the file is never away in between. */
function takesOver(own: string, path: string): boolean {
  refuseHeld(path);
  const turn = `${path}.turn`;
  if (!isLinked(own, turn)) {
    refuseHeld(turn);
    // Of one that was killed in its turn; where none is there any more, that one is done.
    if (readHolder(turn) !== null) rmSync(turn, { force: true });
    return false;
  }
  try {
    refuseHeld(path);
    renameSync(own, path);
    return true;
  } finally {
    rmSync(turn, { force: true });
  }
}

/** Throws where a process that is there holds the file. */
function refuseHeld(path: string): void {
  const holder = readHolder(path);
  if (holder === null || processMark(holder.pid) !== holder.mark) return;
  throw new EgressoError('SERVICE_UNAVAILABLE', `${path}: process ${holder.pid} runs a manager in this folder`);
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
