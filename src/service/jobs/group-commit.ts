/**
 * Group commit: writes that come in one turn of the event loop share one transaction, and one wait for the disk.
 *
 * The database is synchronous: a write waits for the disk once, whoever else is in the group.
 */
import type { DatabaseSync } from 'node:sqlite';
import { EgressoError } from '../../errors.ts';
import { storageFault } from './storage-fault.ts';

interface Waiting {
  readonly run: () => void;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

export class GroupCommit {
  readonly #database: DatabaseSync;
  #waiting: Waiting[] = [];

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /**
   * Resolves when what `write` has written is durable. A `write` that refuses throws an EgressoError before it has written
   * anything; any other error undoes the whole group.
   */
  write<T>(write: () => T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    let result: T;
    const run = (): void => {
      result = write();
    };
    if (this.#waiting.length === 0) setImmediate(() => this.flush());
    this.#waiting.push({ run, done: () => resolve(result), failed: reject });
    return promise;
  }

  /** Writes what waits, without waiting for the turn of the event loop to end. */
  flush(): void {
    const group = this.#waiting;
    this.#waiting = [];
    if (group.length === 0) return;
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      const accepted = group.filter(accepts);
      this.#database.exec('COMMIT');
      for (const { done } of accepted) done();
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      const fault = storageFault(error);
      for (const { failed } of group) failed(fault);
    }
  }
}

function accepts({ run, failed }: Waiting): boolean {
  try {
    run();
    return true;
  } catch (error) {
    if (!(error instanceof EgressoError)) throw error;
    failed(error);
    return false;
  }
}
