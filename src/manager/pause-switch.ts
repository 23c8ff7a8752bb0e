/**
 * Whether the manager decides: turned by its API, and by `egresso withdraw` in another process. In a file it outlasts whoever turned it,
 * so that a manager that is started again stays as it was told to.
 */
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { EgressoError } from '../errors.ts';

/** `paused`: nothing is decided, leases run out. `withdrawn`: besides, what is announced is taken back at once. */
export type PausePosition = 'running' | 'paused' | 'withdrawn';

export interface PauseSwitch {
  position: PausePosition;
}

/** A file that is there while the manager does not decide; what it says is the position. */
export class PauseFile implements PauseSwitch {
  readonly #path: string;
  /** What could not be written: it holds in this process. */
  #held: PausePosition | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  /** A file that says something else, or cannot be read, pauses too. */
  get position(): PausePosition {
    if (this.#held !== null) return this.#held;
    try {
      return readFileSync(this.#path, 'utf8').trim() === 'withdrawn' ? 'withdrawn' : 'paused';
    } catch (error) {
      return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'running' : 'paused';
    }
  }

  /** Errors: FILE_UNREADABLE; a pause holds all the same, in this process. */
  set position(position: PausePosition) {
    try {
      if (position === 'running') rmSync(this.#path, { force: true });
      else {
        this.#held = position;
        writeFileSync(this.#path, `${position}\n`);
        // Whoever turned it, the manager has to read it, maybe as another user.
        chmodSync(this.#path, 0o644);
      }
      this.#held = null;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new EgressoError('FILE_UNREADABLE', `${this.#path}: ${reason}`);
    }
  }
}
