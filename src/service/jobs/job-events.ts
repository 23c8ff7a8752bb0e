/**
 * What is told of jobs while they wait and run, to those who listen.
 *
 * Every event is whole: it replaces the one before it of its type. Of each job the latest are kept, so that a client that
 * lost its connection goes on where it was. Ids grow with time, also over a restart.
 */
import { EventEmitter } from 'node:events';

export interface JobEvent {
  /** Milliseconds since 1970, or one more than the last of the job. */
  readonly id: number;
  readonly type: 'state' | 'progress';
  readonly data: unknown;
}

/** About a minute of progress. */
const KEPT_EVENTS = 256;

export class JobEvents {
  readonly #kept = new Map<string, JobEvent[]>();
  readonly #emitter = new EventEmitter<Record<string, []>>().setMaxListeners(0);
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The id of the next event of a job. */
  nextId(job: string): number {
    return Math.max(this.#now(), (this.#kept.get(job)?.at(-1)?.id ?? 0) + 1);
  }

  publish(job: string, type: JobEvent['type'], data: unknown): void {
    this.keep(job, { id: this.nextId(job), type, data });
  }

  /** An event of this process, or of another. */
  protected keep(job: string, event: JobEvent): void {
    const kept = this.#kept.get(job) ?? [];
    kept.push(event);
    if (kept.length > KEPT_EVENTS) kept.shift();
    this.#kept.set(job, kept);
    this.#emitter.emit(job);
  }

  /** Those that are kept, after the one with this id. */
  since(job: string, id: number): readonly JobEvent[] {
    return this.#kept.get(job)?.filter((event) => event.id > id) ?? [];
  }

  /** The latest of a type; undefined where none is kept. */
  latest(job: string, type: JobEvent['type']): JobEvent | undefined {
    return this.#kept.get(job)?.findLast((event) => event.type === type);
  }

  /** Resolves at the next event of the job, after `milliseconds`, or when `signal` aborts. */
  async next(job: string, milliseconds: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, milliseconds);
    this.#emitter.once(job, resolve);
    const stop = (): void => resolve();
    signal.addEventListener('abort', stop);
    await promise;
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    this.#emitter.off(job, resolve);
  }

  /** Of a job that has ended: its end is in its record. */
  forget(job: string): void {
    this.#kept.delete(job);
    this.#emitter.emit(job);
  }
}
