/**
 * Who gets in: as many requests as there are places, threads and queue together, and no more than fit into memory.
 *
 * A request is looked at twice: when its head has come, so that no body is sent in vain, and when its body has come. Only
 * then it takes a place: a client that is slow to send its body keeps nobody out.
 */
import { EgressoError } from '../../errors.ts';
import type { Caller } from '../../http/access/caller.ts';
import { BusyError } from './busy-error.ts';
import type { RequestWeight } from './request-weight.ts';

export interface AdmissionOptions {
  /** Takes one of the places; throws where there is none. */
  readonly takePlace: () => Disposable;
  /** Requests that run at one time. */
  readonly threads: number;
  /** For all requests together. */
  readonly memoryBytes: number;
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number;
}

/** Whose memory it is. */
export type Holder = Pick<Caller, 'id' | 'memoryBytes'>;

interface Admitted {
  readonly holder: Holder;
  readonly weight: RequestWeight;
}

/** Weight of the newest request in the mean of how long they stay. */
const NEWEST = 0.2;
const LONGEST_RETRY_SECONDS = 60;
const TAKEN = 'the memory of the service is taken';

export type Obstacle = 'size' | 'holder' | 'all';

export class Admission {
  readonly #options: Required<AdmissionOptions>;
  readonly #admitted = new Set<Admitted>();
  /** Of bodies, by the id of who sends them. */
  readonly #arriving = new Map<string, number>();
  #meanStayMs = 0;
  #onRoom: () => void = () => {};

  constructor({ now = () => performance.now(), ...options }: AdmissionOptions) {
    this.#options = { now, ...options };
  }

  get limitBytes(): number {
    return this.#options.memoryBytes;
  }

  /** Estimated memory of all that is admitted or arriving, bytes. */
  get memoryBytes(): number {
    return this.#memoryWith([]);
  }

  /** `listener` is told whenever memory was given back. */
  onRoom(listener: () => void): void {
    this.#onRoom = listener;
  }

  /**
   * Says before the body comes whether the request would be admitted if the body were here. Nothing is taken.
   *
   * Errors: as `admit`.
   */
  expect(caller: Holder, weight: RequestWeight): void {
    this.#refuse(caller, weight);
    this.#place()[Symbol.dispose]();
  }

  /** Counts the bytes of a body while it arrives. Errors: MEMORY_LIMITED, SERVICE_BUSY. */
  arriving(caller: Holder): Arrival {
    let held = 0;
    const count = (bytes: number): void => {
      held += bytes;
      const left = this.#arrivingOf(caller) + bytes;
      if (left === 0) this.#arriving.delete(caller.id);
      else this.#arriving.set(caller.id, left);
    };
    return {
      add: (bytes) => {
        count(bytes);
        if (this.#heldBy(caller) > caller.memoryBytes) throw this.#limited(caller);
        if (this.memoryBytes > this.#options.memoryBytes) throw this.#busy(TAKEN);
      },
      [Symbol.dispose]: () => {
        count(-held);
        this.#onRoom();
      },
    };
  }

  /**
   * Takes a place and memory until they are given back.
   *
   * Errors: BODY_TOO_LARGE for what would never fit, MEMORY_LIMITED, SERVICE_BUSY, SERVICE_UNAVAILABLE.
   */
  admit(caller: Holder, weight: RequestWeight): Disposable {
    this.#refuse(caller, weight);
    const place = this.#place();
    const { now } = this.#options;
    const since = now();
    const memory = this.hold(caller, weight);
    let isHeld = true;
    const leave = (): void => {
      if (!isHeld) return;
      isHeld = false;
      place[Symbol.dispose]();
      this.#meanStayMs += NEWEST * (now() - since - this.#meanStayMs);
      memory[Symbol.dispose]();
    };
    return { [Symbol.dispose]: leave };
  }

  /** Takes memory, there or not, without a place: of a job, which has one of its own. */
  hold(holder: Holder, weight: RequestWeight): Disposable {
    const admitted = { holder, weight };
    this.#admitted.add(admitted);
    const leave = (): void => {
      if (this.#admitted.delete(admitted)) this.#onRoom();
    };
    return { [Symbol.dispose]: leave };
  }

  /** What keeps a weight from being taken: nothing, its holder's memory, that of all, or that it is more than either ever is. */
  obstacle(holder: Holder, { bodyBytes, workingBytes }: RequestWeight): Obstacle | null {
    const { memoryBytes } = this.#options;
    const needed = bodyBytes + workingBytes;
    if (needed > this.mostFor(holder)) return 'size';
    if (this.#heldBy(holder) + needed > holder.memoryBytes) return 'holder';
    return this.#memoryWith([{ bodyBytes, workingBytes }]) > memoryBytes ? 'all' : null;
  }

  /** Memory that one request may take where no other is, bytes. */
  mostFor({ memoryBytes }: Holder): number {
    return Math.min(memoryBytes, this.#options.memoryBytes);
  }

  #refuse(caller: Holder, weight: RequestWeight): void {
    switch (this.obstacle(caller, weight)) {
      case 'size':
        throw tooHeavy(weight, this.mostFor(caller));
      case 'holder':
        throw this.#limited(caller);
      case 'all':
        throw this.#busy(TAKEN);
    }
  }

  #limited({ id, memoryBytes }: Holder): BusyError {
    const held = shown(this.#heldBy({ id }));
    const message = `the requests of key ${id} take about ${held} of the ${shown(memoryBytes)} that they may have`;
    return new BusyError('MEMORY_LIMITED', message, this.#retryAfterSeconds());
  }

  #arrivingOf({ id }: Pick<Holder, 'id'>): number {
    return this.#arriving.get(id) ?? 0;
  }

  #heldBy({ id }: Pick<Holder, 'id'>): number {
    const own = [...this.#admitted].filter(({ holder }) => holder.id === id);
    return own.reduce((sum, { weight }) => sum + weight.bodyBytes + weight.workingBytes, this.#arrivingOf({ id }));
  }

  /** All bodies, and the work on as many of the heaviest as can run at one time. */
  #memoryWith(more: readonly RequestWeight[]): number {
    const weights = [...[...this.#admitted].map(({ weight }) => weight), ...more];
    const arriving = [...this.#arriving.values()].reduce((sum, bytes) => sum + bytes, 0);
    const bodies = weights.reduce((sum, { bodyBytes }) => sum + bodyBytes, arriving);
    const heaviest = weights.map(({ workingBytes }) => workingBytes).sort((a, b) => b - a);
    return heaviest.slice(0, this.#options.threads).reduce((sum, bytes) => sum + bytes, bodies);
  }

  #place(): Disposable {
    try {
      return this.#options.takePlace();
    } catch (error) {
      if (error instanceof EgressoError && error.code === 'SERVICE_BUSY') throw this.#busy(error.message);
      throw error;
    }
  }

  #busy(reason: string): BusyError {
    return new BusyError('SERVICE_BUSY', reason, this.#retryAfterSeconds());
  }

  /** After as long as requests stay, those that are here now are gone. */
  #retryAfterSeconds(): number {
    return Math.min(LONGEST_RETRY_SECONDS, Math.max(1, Math.ceil(this.#meanStayMs / 1000)));
  }
}

/** A body that is arriving; it counts until it is disposed of. */
export interface Arrival extends Disposable {
  add(bytes: number): void;
}

/** It would never fit. */
export function tooHeavy({ bodyBytes, workingBytes }: RequestWeight, limit: number): EgressoError {
  const message = `the request would take about ${shown(bodyBytes + workingBytes)} of memory; it may have ${shown(limit)}`;
  return new EgressoError('BODY_TOO_LARGE', message);
}

function shown(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
