/** A manager with its clock: that of a recording, unpaced, or that of the wall. */
import { setTimeout as delay, setImmediate as yieldToEvents } from 'node:timers/promises';
import { EgressoError } from '../errors.ts';
import type { RoutesStatus } from './collectors/collector.ts';
import type { Decision } from './decision/decision.ts';
import type { IdleReason, Manager, TickResult } from './manager.ts';
import { within } from './within.ts';

/** Ticks that `history` holds. */
const HISTORY_LENGTH = 1000;
/** A daemon that does not answer is asked this long, at the end, to take out what is announced. */
const STOP_LIMIT_MS = 10_000;
const STOP_RETRY_MS = 500;

export interface RunTotals {
  tickCount: number;
  moveCount: number;
  releaseCount: number;
  withdrawalCount: number;
  /** Releases that traffic did not follow. */
  stuckReleaseCount: number;
  /** Ticks in which a point was above its high watermark, as measured and with our moves. */
  readonly over: { isSimulated: boolean; without: number; with: number };
  /** Highest utilization. */
  readonly peak: { without: number; with: number };
}

/** A tick in which nothing was decided. */
export interface IdleTick {
  readonly idle: IdleReason;
  readonly atMs: number;
  readonly routes: RoutesStatus;
}

export class ManagedRun implements AsyncDisposable {
  readonly manager: Manager;
  readonly totals: RunTotals;
  /** Whether a watchdog is there, which takes out what a process that is killed leaves in BGP. */
  readonly isWatched: () => boolean;
  /** Decisions alone: what a tick has seen is large. */
  readonly history: Decision[] = [];
  readonly #tickMs: number;
  readonly #recorded: Iterable<number> | null;
  readonly #resources: AsyncDisposableStack;
  readonly #listeners = new Set<(result: TickResult) => void>();
  readonly #stopLimitMs: number;
  #tellIdle: (tick: IdleTick) => void = () => {};
  #isInterrupted = false;
  #stopping: Promise<TickResult | null> | null = null;
  #ending: Promise<TickResult | null> | null = null;

  /** `recorded`: times of the ticks of a recording, each taken once; null for the clock of the wall. */
  constructor(
    manager: Manager,
    tickMs: number,
    recorded: Iterable<number> | null,
    isSimulated: boolean,
    resources: AsyncDisposableStack,
    isWatched: () => boolean = () => false,
    stopLimitMs: number = STOP_LIMIT_MS,
  ) {
    this.#stopLimitMs = stopLimitMs;
    this.isWatched = isWatched;
    this.manager = manager;
    this.#tickMs = tickMs;
    this.#recorded = recorded;
    this.#resources = resources;
    this.totals = {
      tickCount: 0,
      moveCount: 0,
      releaseCount: 0,
      withdrawalCount: 0,
      stuckReleaseCount: 0,
      over: { isSimulated, without: 0, with: 0 },
      peak: { without: 0, with: 0 },
    };
  }

  /** On the clock of the wall. */
  get isLive(): boolean {
    return this.#recorded === null;
  }

  get wasInterrupted(): boolean {
    return this.#isInterrupted;
  }

  /** Now, on the clock of the ticks. */
  nowMs(): number {
    return this.isLive ? steadyNow() : this.manager.state.atMs + 1;
  }

  /** Called after each tick, also one that was asked for from outside. */
  subscribe(listener: (result: TickResult) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  /** Called after each tick that decided nothing. */
  onIdle(listener: (tick: IdleTick) => void): void {
    this.#tellIdle = listener;
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  async withdrawAll(): Promise<TickResult> {
    const result = await this.manager.withdrawAll(this.nowMs());
    this.#note(result);
    return result;
  }

  /** Until the recording, or the run, ends. Ticks that are late are left out, not made up for. */
  async *ticks(interrupted: Promise<void>): AsyncGenerator<TickResult> {
    const ended = interrupted.then(() => {
      this.#isInterrupted = true;
      // At once: a tick may wait for long for what does not answer. What comes of it is told at the end.
      this.#stopping = this.manager.stop(this.nowMs());
      this.#stopping.catch(() => {});
      return null;
    });
    const moments = this.#recorded === null ? wallClock(this.#tickMs, interrupted) : unpaced(this.#recorded);
    for await (const atMs of moments) {
      if (this.#isInterrupted) return;
      const result = await Promise.race([this.manager.tick(atMs), ended]);
      if (result === null) {
        if (this.#isInterrupted) return;
        const { idleReason: idle, routes } = this.manager;
        if (idle !== null) this.#tellIdle({ idle, atMs, routes });
        continue;
      }
      this.#note(result);
      yield result;
    }
  }

  /**
   * Withdraws what is announced, and tells it; null where there was no override. Once, however often it is called. Errors:
   * SERVICE_UNAVAILABLE where that did not succeed for some time: it is left there.
   */
  end(): Promise<TickResult | null> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  async #end(): Promise<TickResult | null> {
    try {
      const result = await this.#stop();
      if (result !== null) this.#note(result);
      return result;
    } finally {
      await this.#resources.disposeAsync();
    }
  }

  async #stop(): Promise<TickResult | null> {
    const end = performance.now() + this.#stopLimitMs;
    for (;;) {
      let fault: unknown = `GoBGP has not answered within ${this.#stopLimitMs / 1000} s`;
      const stopping = this.#stopping ?? this.manager.stop(this.nowMs());
      try {
        if (await within(stopping, end - performance.now())) return await stopping;
      } catch (error) {
        this.#stopping = null;
        await delay(STOP_RETRY_MS);
        if (performance.now() < end) continue;
        fault = error;
      }
      throw leftAnnounced(fault);
    }
  }

  #note(result: TickResult): void {
    const { totals } = this;
    const { decision, measured } = result;
    totals.tickCount++;
    for (const { action } of decision.changes) totals[`${action === 'withdraw' ? 'withdrawal' : action}Count`]++;
    totals.stuckReleaseCount += decision.stuck?.length ?? 0;
    const loads = new Map(measured.points.map(({ point, load }) => [point, load]));
    let [isOverWithout, isOverWith] = [false, false];
    for (const { point, load, high, capacity } of decision.points) {
      const without = loads.get(point) ?? 0;
      isOverWithout ||= without > high;
      isOverWith ||= (load ?? 0) > high;
      totals.peak.without = Math.max(totals.peak.without, without / capacity);
      totals.peak.with = Math.max(totals.peak.with, (load ?? 0) / capacity);
    }
    totals.over.without += Number(isOverWithout);
    totals.over.with += Number(isOverWith);
    this.history.push(decision);
    if (this.history.length > HISTORY_LENGTH) this.history.shift();
    for (const listener of this.#listeners) listener(result);
  }
}

async function* unpaced(times: Iterable<number>): AsyncGenerator<number> {
  for (const atMs of times) {
    yield atMs;
    // An interrupt is heard between two ticks.
    await yieldToEvents();
  }
}

async function* wallClock(tickMs: number, interrupted: Promise<void>): AsyncGenerator<number> {
  const ending = new AbortController();
  void interrupted.then(() => ending.abort());
  let due = performance.now();
  while (!ending.signal.aborted) {
    yield steadyNow();
    due = Math.max(due + tickMs, performance.now());
    await delay(Math.max(0, due - performance.now()), undefined, { signal: ending.signal }).catch(() => {});
  }
}

/** The wall's as it stood when the process was started, and what has gone by since: nobody sets it. */
function steadyNow(): number {
  return performance.timeOrigin + performance.now();
}

function leftAnnounced(error: unknown): EgressoError {
  const reason = error instanceof Error ? error.message : String(error);
  const advice = 'overrides may be left in BGP; egresso withdraw, or watchdog, takes them out';
  return new EgressoError('SERVICE_UNAVAILABLE', `${reason}; ${advice}`);
}
