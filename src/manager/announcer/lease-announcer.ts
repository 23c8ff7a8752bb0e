/**
 * Keeps what a daemon announces equal to what is desired: a difference at each tick against what the daemon says that it
 * holds, of all prefixes after every failure and at the start, so that neither a restart here nor one there leaves or loses
 * an override. Leases end by a timer
 * of its own: a loop that hangs does not keep its overrides alive.
 */
import { EgressoError } from '../../errors.ts';
import type { AnnouncedPath, Announcer } from './announcer.ts';
import { contentOf, pathDifference } from './difference.ts';
import type { Speaker } from './speaker.ts';

export interface Timer {
  now(): number;
  /** Calls back once after `ms`; disposing it calls it off. */
  after(ms: number, call: () => void): Disposable;
}

export class LeaseAnnouncer implements Announcer {
  readonly #speaker: Speaker;
  readonly #timer: Timer;
  readonly #prefixLimit: number;
  /** Null: to be read from the daemon. */
  #acknowledged: Map<string, string> | null = null;
  #leases = new Map<string, number>();
  #alarm: Disposable | null = null;
  #pending: Promise<unknown> = Promise.resolve();
  failureCount = 0;

  constructor(speaker: Speaker, timer: Timer, prefixLimit: number) {
    this.#speaker = speaker;
    this.#timer = timer;
    this.#prefixLimit = prefixLimit;
  }

  /** Errors: INTERNAL where more is desired than the prefix limit; then everything is withdrawn. */
  apply(desired: readonly AnnouncedPath[]): Promise<void> {
    return this.#inTurn(async () => {
      if (desired.length > this.#prefixLimit) {
        await this.#reconcile([]);
        throw new EgressoError('INTERNAL', `${desired.length} overrides are over the limit of ${this.#prefixLimit}`);
      }
      this.#leases = new Map(desired.map(({ prefix, leaseUntilMs }) => [prefix, leaseUntilMs]));
      await this.#reconcile(desired);
      this.#setAlarm();
    });
  }

  /** Errors: SERVICE_UNAVAILABLE. */
  withdrawAll(): Promise<void> {
    return this.#inTurn(async () => {
      this.#acknowledged = null;
      this.#leases.clear();
      for (const prefix of (await this.#speaker.own()).keys()) await this.#speaker.withdraw(prefix);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#alarm?.[Symbol.dispose]();
    await this.#pending;
    this.#speaker[Symbol.dispose]();
  }

  /** A daemon that does not answer is asked again at the next tick. */
  async #reconcile(desired: readonly AnnouncedPath[]): Promise<void> {
    try {
      // A daemon that was restarted between two ticks has forgotten what it acknowledged.
      const acknowledged = await this.#speaker.own(
        this.#acknowledged === null ? undefined : [...this.#acknowledged.keys()],
      );
      this.#acknowledged = null;
      const { announce, withdraw } = pathDifference(desired, acknowledged);
      // Room first: what is withdrawn may rest on a route that is gone.
      for (const prefix of withdraw) await this.#speaker.withdraw(prefix);
      await this.#speaker.announce(announce);
      this.#acknowledged = new Map(desired.map((path) => [path.prefix, contentOf(path)]));
    } catch (error) {
      if (!(error instanceof EgressoError)) throw error;
      this.failureCount++;
    }
  }

  #setAlarm(): void {
    this.#alarm?.[Symbol.dispose]();
    this.#alarm = null;
    if (this.#leases.size === 0) return;
    const next = Math.min(...this.#leases.values());
    this.#alarm = this.#timer.after(Math.max(0, next - this.#timer.now()), () => void this.#endLeases());
  }

  #endLeases(): Promise<void> {
    return this.#inTurn(async () => {
      const now = this.#timer.now();
      const ended = [...this.#leases].filter(([, until]) => until <= now).map(([prefix]) => prefix);
      for (const prefix of ended) {
        try {
          await this.#speaker.withdraw(prefix);
          this.#leases.delete(prefix);
          this.#acknowledged?.delete(prefix);
        } catch {
          this.failureCount++;
          this.#acknowledged = null;
          this.#alarm = this.#timer.after(RETRY_MS, () => void this.#endLeases());
          return;
        }
      }
      this.#setAlarm();
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#pending.then(work, work);
    this.#pending = turn.catch(() => {});
    return turn;
  }
}

const RETRY_MS = 1000;
