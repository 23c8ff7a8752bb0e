/**
 * Who gets in: as many requests as there are places, threads and queue together, and no more than fit into memory.
 *
 * A request is looked at twice: when its head has come, so that no body is sent in vain, and when its body has come. Only
 * then it takes a place: a client that is slow to send its body keeps nobody out.
 */
import { EgressoError } from '../../errors.ts';
import type { Caller } from '../access/caller.ts';
import type { MediaType } from '../media-type.ts';
import { BusyError } from './busy-error.ts';
import { type RequestWeight, requestWeight } from './request-weight.ts';

export interface AdmissionOptions {
  /** Takes one of the places; throws where there is none. */
  readonly takePlace: () => Disposable;
  /** Requests that run at one time. */
  readonly threads: number;
  /** For all requests together. */
  readonly memoryBytes: number;
  /** What has a thread, those that came in elsewhere too: jobs, from disk. */
  readonly running?: () => readonly RunningBody[];
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number;
}

export interface RunningBody {
  readonly body: SharedArrayBuffer;
  readonly bodyType: MediaType;
}

interface Admitted {
  readonly caller: Caller;
  readonly weight: RequestWeight;
  readonly body: SharedArrayBuffer | undefined;
}

/** Weight of the newest request in the mean of how long they stay. */
const NEWEST = 0.2;
const LONGEST_RETRY_SECONDS = 60;

export class Admission {
  readonly #options: Required<AdmissionOptions>;
  readonly #admitted = new Set<Admitted>();
  #arrivingBytes = 0;
  #meanStayMs = 0;

  constructor({ now = () => performance.now(), running = () => [], ...options }: AdmissionOptions) {
    this.#options = { now, running, ...options };
  }

  get limitBytes(): number {
    return this.#options.memoryBytes;
  }

  /** Estimated memory of all that is admitted or arriving, bytes. */
  get memoryBytes(): number {
    return this.#memoryWith([]);
  }

  /**
   * Says before the body comes whether the request would be admitted if the body were here. Nothing is taken.
   *
   * Errors: as `admit`.
   */
  expect(caller: Caller, weight: RequestWeight): void {
    this.#refuse(caller, weight);
    this.#place()[Symbol.dispose]();
  }

  /** Counts the bytes of a body while it arrives. Errors: SERVICE_BUSY. */
  arriving(): Arrival {
    let held = 0;
    return {
      add: (bytes) => {
        held += bytes;
        this.#arrivingBytes += bytes;
        if (this.memoryBytes > this.#options.memoryBytes) throw this.#busy('the memory of the service is taken');
      },
      [Symbol.dispose]: () => {
        this.#arrivingBytes -= held;
        held = 0;
      },
    };
  }

  /**
   * Takes a place and memory until they are given back.
   *
   * @param body by which its run is known again.
   *
   * Errors: BODY_TOO_LARGE for what would never fit, MEMORY_LIMITED, SERVICE_BUSY, SERVICE_UNAVAILABLE.
   */
  admit(caller: Caller, weight: RequestWeight, body?: SharedArrayBuffer): Disposable {
    this.#refuse(caller, weight);
    const place = this.#place();
    const admitted = { caller, weight, body };
    const { now } = this.#options;
    const since = now();
    this.#admitted.add(admitted);
    const leave = (): void => {
      if (!this.#admitted.delete(admitted)) return;
      place[Symbol.dispose]();
      this.#meanStayMs += NEWEST * (now() - since - this.#meanStayMs);
    };
    return { [Symbol.dispose]: leave };
  }

  #refuse(caller: Caller, weight: RequestWeight): void {
    const { memoryBytes } = this.#options;
    const needed = weight.bodyBytes + weight.workingBytes;
    const limit = Math.min(memoryBytes, caller.memoryBytes);
    if (needed > limit) {
      const message = `the request would take about ${shown(needed)} of memory; it may have ${shown(limit)}`;
      throw new EgressoError('BODY_TOO_LARGE', message);
    }
    const own = [...this.#admitted].filter((other) => other.caller.id === caller.id);
    const held = own.reduce((sum, other) => sum + other.weight.bodyBytes + other.weight.workingBytes, 0);
    if (held + needed > caller.memoryBytes) {
      const message = `the requests of key ${caller.id} take about ${shown(held)} of the ${shown(caller.memoryBytes)} that they may have`;
      throw new BusyError('MEMORY_LIMITED', message, this.#retryAfterSeconds());
    }
    if (this.#memoryWith([weight]) > memoryBytes) throw this.#busy('the memory of the service is taken');
  }

  /** All bodies, and the work on as many of the heaviest as can run at one time. */
  #memoryWith(more: readonly RequestWeight[]): number {
    const admitted = [...this.#admitted].map(({ weight }) => weight);
    const weights = [...admitted, ...this.#elsewhere(), ...more];
    const bodies = weights.reduce((sum, { bodyBytes }) => sum + bodyBytes, this.#arrivingBytes);
    const heaviest = weights.map(({ workingBytes }) => workingBytes).sort((a, b) => b - a);
    return heaviest.slice(0, this.#options.threads).reduce((sum, bytes) => sum + bytes, bodies);
  }

  /** What runs and was not admitted here. */
  #elsewhere(): RequestWeight[] {
    const own = new Set([...this.#admitted].map(({ body }) => body));
    const others = this.#options.running().filter(({ body }) => !own.has(body));
    return others.map(({ body, bodyType }) => requestWeight(body.byteLength, bodyType));
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

function shown(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
