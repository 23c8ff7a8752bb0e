/**
 * What is told of jobs while they wait and run, to those who listen.
 *
 * A state is not kept: the record of the job has it, and its event says no more than that it is time to look. Every progress is
 * whole, it replaces the one before; the latest is kept while its job runs.
 */
import { EventEmitter } from 'node:events';
import type { RunProgress } from '../task.ts';
import type { Job } from './job.ts';
import { JobListener } from './job-listener.ts';

export interface JobEvent {
  /** Milliseconds since 1970, or one more than the last of the job. */
  readonly id: number;
  readonly type: 'state' | 'progress';
  /** A job, or a progress. */
  readonly data: unknown;
}

export interface ProgressEvent extends JobEvent {
  readonly data: RunProgress;
}

/** Of other processes the end of a job may not be heard: its progress must not be kept for ever. */
const MOST_KEPT = 10_000;

export class JobEvents {
  readonly #progress = new Map<string, ProgressEvent>();
  readonly #emitter = new EventEmitter<Record<string, []>>().setMaxListeners(0);
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The id of the next event of a job. */
  protected nextId(job: string): number {
    return Math.max(this.#now(), (this.#progress.get(job)?.id ?? 0) + 1);
  }

  publish(job: string, type: JobEvent['type'], data: unknown): void {
    this.keep(job, { id: this.nextId(job), type, data });
  }

  /** An event of this process, or of another. */
  protected keep(job: string, event: JobEvent): void {
    if (event.type === 'progress') {
      // The latest are the last.
      this.#progress.delete(job);
      this.#progress.set(job, event as ProgressEvent);
      if (this.#progress.size > MOST_KEPT) this.#progress.delete(this.#progress.keys().next().value as string);
    } else if ((event.data as Job).state !== 'running') this.#progress.delete(job);
    this.#emitter.emit(job);
  }

  /** The latest progress of a job that runs; undefined where none is known. */
  progress(job: string): ProgressEvent | undefined {
    return this.#progress.get(job);
  }

  /** Hears of every event of the job from now on, until it is disposed of. */
  listen(job: string): JobListener {
    const listener = new JobListener(() => this.#emitter.off(job, listener.tell));
    this.#emitter.on(job, listener.tell);
    return listener;
  }
}
