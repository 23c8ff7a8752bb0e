/**
 * Whether the manager decides: turned by its API, and by `egresso withdraw` in another process. In a file it outlasts whoever turned it,
 * so that a manager that is started again stays as it was told to.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { EgressoError } from '../errors.ts';

/** `paused`: nothing is decided, leases run out. `withdrawn`: besides, what is announced is taken back at once. */
export type PausePosition = 'running' | 'paused' | 'withdrawn';

export interface PauseSwitch {
  position: PausePosition;
}

/** A file that is there while the manager does not decide; what it says is the position. */
export class PauseFile implements PauseSwitch {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** A file that says something else pauses too. */
  get position(): PausePosition {
    try {
      return readFileSync(this.#path, 'utf8').trim() === 'withdrawn' ? 'withdrawn' : 'paused';
    } catch {
      return 'running';
    }
  }

  /** Errors: FILE_UNREADABLE. */
  set position(position: PausePosition) {
    try {
      if (position === 'running') rmSync(this.#path, { force: true });
      else writeFileSync(this.#path, `${position}\n`);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new EgressoError('FILE_UNREADABLE', `${this.#path}: ${reason}`);
    }
  }
}
