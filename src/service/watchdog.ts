/**
 * Decides when a thread has to be ended: it was cancelled, or its time limit has passed, and it gives no sign of life.
 *
 * A thread gives signs of life wherever the optimizer asks whether to go on. Some steps between them take time that grows
 * with the model (setting up, the check of the plan), so the silence that is allowed grows with the body.
 */
import type { TaskState } from './task-state.ts';

export interface WatchdogLimits {
  /** Silence of a thread that should have ended, ms. */
  readonly silenceMs: number;
  /** More silence for each MB of the body, ms. */
  readonly silencePerMegabyteMs: number;
}

export const WATCHDOG_LIMITS: WatchdogLimits = { silenceMs: 1000, silencePerMegabyteMs: 250 };

/** Of the allowed silence: for a thread that still answers but does not end, and for decoding and encoding without a cancel. */
const PATIENCE = 30;

export class Watchdog {
  readonly #state: TaskState;
  readonly #silenceMs: number;
  #pulse = -1;
  /** When the pulse was last seen to change. */
  #heardAt = 0;
  #stageSince = 0;
  #stage = '';
  #overdueSince: number | null = null;

  constructor(state: TaskState, bodyBytes: number, limits: WatchdogLimits = WATCHDOG_LIMITS) {
    this.#state = state;
    this.#silenceMs = limits.silenceMs + (limits.silencePerMegabyteMs * bodyBytes) / 1e6;
  }

  /** Why the thread has to be ended, null where it has not. To be asked about ten times a second. */
  verdict(now: number): 'time' | 'cancelled' | null {
    this.#listen(now);
    if (this.#state.stage === 'waiting') return null;
    const { isCancelled, stage, end } = this.#state;
    const isOverdue = isCancelled || (stage === 'solving' && now > end);
    const reason = isCancelled ? 'cancelled' : 'time';
    if (!isOverdue) {
      this.#overdueSince = null;
      const isStuck = stage !== 'solving' && now - this.#stageSince > PATIENCE * this.#silenceMs;
      return isStuck ? reason : null;
    }
    this.#overdueSince ??= now;
    // Encoding a plan asks nobody; it is straight and ends by itself.
    const patience = stage === 'encoding' ? PATIENCE : 1;
    const isSilent = now - Math.max(this.#overdueSince, this.#heardAt) > patience * this.#silenceMs;
    return isSilent || now - this.#overdueSince > PATIENCE * this.#silenceMs ? reason : null;
  }

  #listen(now: number): void {
    const { pulse, stage } = this.#state;
    if (pulse !== this.#pulse) this.#heardAt = now;
    this.#pulse = pulse;
    if (stage !== this.#stage) this.#stageSince = now;
    this.#stage = stage;
  }
}
