/**
 * Keeps what a daemon announces equal to what is desired: a difference at each call against what the daemon says that it holds, so
 * that neither a restart here nor one there leaves or loses an override. What fails is tried again every second, and leases end
 * by the same timer: a loop that hangs, or is paused, keeps nothing alive.
 *
 * The whole table of the daemon is read once, for what a process before has left. From then on only prefixes are asked for that
 * were announced within the last hour: a daemon that was stopped may carry out what it was told long before.
 */
import { EgressoError } from '../../errors.ts';
import type { AnnouncedPath, Announcer } from './announcer.ts';
import { pathDifference } from './difference.ts';
import type { Speaker } from './speaker.ts';

export interface Timer {
  now(): number;
  /** Calls back once after `ms`; disposing it calls it off. */
  after(ms: number, call: () => void): Disposable;
}

const RETRY_MS = 1000;
const FORGET_MS = 3_600_000;
/** Timers do not count further. */
const MOST_MS = 2 ** 31 - 1;
/** Withdrawals that are on their way at a time. */
const WITHDRAWAL_COUNT = 64;

export class LeaseAnnouncer implements Announcer {
  readonly #speaker: Speaker;
  readonly #timer: Timer;
  readonly #prefixLimit: number;
  #desired: readonly AnnouncedPath[] = [];
  /** The daemon is not known to hold what is desired. */
  #isBehind = false;
  /** Whether the whole table was read. */
  #isSurveyed = false;
  /** Prefixes that the daemon may hold a path of ours for, and when they were last announced, or seen there. */
  readonly #touched = new Map<string, number>();
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
      const isTooMuch = desired.length > this.#prefixLimit;
      this.#desired = isTooMuch ? [] : desired;
      await this.#reconcile();
      if (isTooMuch) {
        throw new EgressoError('INTERNAL', `${desired.length} overrides are over the limit of ${this.#prefixLimit}`);
      }
    });
  }

  /** Errors: SERVICE_UNAVAILABLE; then it is tried again until it is done. */
  withdrawAll(known: readonly string[] = []): Promise<void> {
    return this.#inTurn(async () => {
      this.#desired = [];
      this.#isBehind = true;
      this.#isSurveyed = false;
      try {
        // At once what is known of: the table may be large.
        await this.#withdraw([...new Set([...known, ...this.#touched.keys()])]);
        await this.#withdraw([...(await this.#speaker.own()).keys()]);
        this.#isSurveyed = true;
        this.#isBehind = false;
      } catch (error) {
        this.failureCount++;
        throw error;
      } finally {
        this.#setAlarm();
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pending;
    this.#alarm?.[Symbol.dispose]();
    this.#speaker[Symbol.dispose]();
  }

  /** A daemon that does not answer is asked again. */
  async #reconcile(): Promise<void> {
    const desired = this.#desired;
    this.#isBehind = true;
    try {
      const held = await this.#speaker.own(this.#isSurveyed ? [...this.#touched.keys()] : undefined);
      this.#isSurveyed = true;
      this.#touch([...held.keys(), ...desired.map(({ prefix }) => prefix)]);
      const { announce, withdraw } = pathDifference(desired, held);
      // Room first: what is withdrawn may rest on a route that is gone.
      await this.#withdraw(withdraw);
      await this.#speaker.announce(announce);
      this.#isBehind = false;
    } catch (error) {
      if (!(error instanceof EgressoError)) throw error;
      this.failureCount++;
    } finally {
      this.#setAlarm();
    }
  }

  async #withdraw(prefixes: readonly string[]): Promise<void> {
    for (let from = 0; from < prefixes.length; from += WITHDRAWAL_COUNT) {
      const batch = prefixes.slice(from, from + WITHDRAWAL_COUNT);
      await Promise.all(batch.map((prefix) => this.#speaker.withdraw(prefix)));
    }
  }

  #touch(prefixes: readonly string[]): void {
    const now = this.#timer.now();
    for (const [prefix, atMs] of this.#touched) if (now - atMs > FORGET_MS) this.#touched.delete(prefix);
    for (const prefix of prefixes) this.#touched.set(prefix, now);
  }

  #setAlarm(): void {
    this.#alarm?.[Symbol.dispose]();
    this.#alarm = null;
    if (!this.#isBehind && this.#desired.length === 0) return;
    const now = this.#timer.now();
    const most = this.#isBehind ? RETRY_MS : MOST_MS;
    const next = this.#desired.reduce((least, { leaseUntilMs }) => Math.min(least, leaseUntilMs - now), most);
    this.#alarm = this.#timer.after(Math.max(0, next), () => void this.#wake().catch(() => this.failureCount++));
  }

  /** Without leases that are over. */
  #wake(): Promise<void> {
    return this.#inTurn(() => {
      const now = this.#timer.now();
      this.#desired = this.#desired.filter(({ leaseUntilMs }) => leaseUntilMs > now);
      return this.#reconcile();
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#pending.then(work, work);
    this.#pending = turn.catch(() => {});
    return turn;
  }
}
