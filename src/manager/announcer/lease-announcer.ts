/**
 * Keeps what a daemon announces equal to what is desired: a difference at each call against what the daemon says that it holds, so
 * that neither a restart here nor one there leaves or loses an override. What fails is tried again every second, and leases end
 * by the same timer: a loop that hangs, or is paused, keeps nothing alive.
 *
 * The whole table of the daemon is read once, for what a process before has left, unless whoever has read it says what it found.
 * From then on only prefixes are asked for that were announced within the last hour: a daemon that was stopped may carry out what
 * it was told long before.
 */
import { EgressoError } from '../../errors.ts';
import type { AnnouncedPath, Announcer, Order } from './announcer.ts';
import { type PathDifference, pathDifference } from './difference.ts';
import type { Speaker } from './speaker.ts';

/** Of a clock that no one sets. */
export interface Timer {
  /** Milliseconds since some moment. */
  now(): number;
  /** Calls back once after `ms`; disposing it calls it off. */
  after(ms: number, call: () => void): Disposable;
}

export interface LeaseOptions {
  /** More paths than this are a fault of ours: everything is withdrawn. */
  readonly prefixLimit: number;
  /** Asked whenever something would be put in: a switch may have been turned since it was decided. */
  mayAnnounce(): boolean;
}

interface Leased {
  readonly path: AnnouncedPath;
  /** On the clock of the timer. */
  readonly until: number;
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
  readonly #options: LeaseOptions;
  /** As it was said last, not as a turn that waits began with: what is not desired any more is not put back. */
  #desired: readonly Leased[] = [];
  #isAdding = false;
  /** The daemon is not known to hold what is desired. */
  #isBehind = false;
  /** Whether the whole table was read. */
  #isSurveyed = false;
  /** Prefixes that the daemon may hold a path of ours for, and when they were last announced, or seen there. */
  readonly #touched = new Map<string, number>();
  #alarm: Disposable | null = null;
  #pending: Promise<unknown> = Promise.resolve();
  failureCount = 0;

  constructor(speaker: Speaker, timer: Timer, options: LeaseOptions) {
    this.#speaker = speaker;
    this.#timer = timer;
    this.#options = options;
  }

  /** Errors: INTERNAL where more is desired than the prefix limit; then everything is withdrawn. */
  apply(desired: readonly AnnouncedPath[], { atMs, isAdding }: Order): Promise<void> {
    const { prefixLimit } = this.#options;
    const now = this.#timer.now();
    const isTooMuch = desired.length > prefixLimit;
    this.#desired = isTooMuch ? [] : desired.map((path) => ({ path, until: now + path.leaseUntilMs - atMs }));
    this.#isAdding &&= isAdding;
    return this.#inTurn(async () => {
      this.#isAdding = isAdding;
      await this.#reconcile();
      if (isTooMuch) {
        throw new EgressoError('INTERNAL', `${desired.length} overrides are over the limit of ${prefixLimit}`);
      }
    });
  }

  keep(prefixes: ReadonlySet<string>): Promise<void> {
    this.#desired = this.#desired.filter(({ path }) => prefixes.has(path.prefix));
    return this.#inTurn(() => {
      this.#isAdding = false;
      return this.#reconcile();
    });
  }

  /** Errors: SERVICE_UNAVAILABLE; then it is tried again until it is done. */
  withdrawAll(known: readonly string[] = []): Promise<void> {
    this.#desired = [];
    this.#isAdding = false;
    this.#touch(known);
    // What is known of at once, beside whatever waits for an answer: the table may be large.
    const first = this.#withdraw([...this.#touched.keys()]);
    first.catch(() => {});
    return this.#inTurn(async () => {
      this.#isBehind = true;
      try {
        await first;
        await this.#withdraw([...(await this.#survey()).keys()]);
        this.#isBehind = false;
      } catch (error) {
        this.failureCount++;
        throw error;
      } finally {
        this.#setAlarm();
      }
    });
  }

  /** Somebody has read the whole table of the daemon; `prefixes`: of all paths of our own in it. */
  found(prefixes: readonly string[]): void {
    this.#touch(prefixes);
    this.#isSurveyed = true;
  }

  /** What is waited for is given up. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#speaker[Symbol.dispose]();
    await this.#pending;
    this.#alarm?.[Symbol.dispose]();
  }

  /**
   * A daemon that does not answer is asked again. What is desired may shrink while it is asked: it is looked at only once nothing
   * is waited for any more.
   */
  async #reconcile(): Promise<void> {
    this.#isBehind = true;
    try {
      const held = await this.#survey();
      // Room first: what is withdrawn may rest on a route that is gone.
      await this.#withdraw(this.#difference(held).withdraw);
      const { announce } = this.#difference(held);
      const wanted = this.#isAdding ? announce : announce.filter(({ prefix }) => held.has(prefix));
      this.#touch(this.#desired.map(({ path }) => path.prefix));
      if (this.#options.mayAnnounce()) await this.#speaker.announce(wanted);
      this.#isBehind = false;
    } catch (error) {
      if (!(error instanceof EgressoError)) throw error;
      this.failureCount++;
      // It may come back without the routes that these rest on: only a tick that has looked at them puts something in again.
      this.#isAdding = false;
    } finally {
      this.#setAlarm();
    }
  }

  /** What the daemon holds of ours. */
  async #survey(): Promise<ReadonlyMap<string, string>> {
    const held = await this.#speaker.own(this.#isSurveyed ? [...this.#touched.keys()] : undefined);
    this.#isSurveyed = true;
    this.#touch([...held.keys()]);
    return held;
  }

  #difference(held: ReadonlyMap<string, string>): PathDifference {
    const now = this.#timer.now();
    this.#desired = this.#desired.filter(({ until }) => until > now);
    const desired = this.#desired.map(({ path }) => path);
    return pathDifference(desired, held, (path) => this.#speaker.content(path));
  }

  async #withdraw(prefixes: readonly string[]): Promise<void> {
    for (let from = 0; from < prefixes.length; from += WITHDRAWAL_COUNT) {
      const batch = prefixes.slice(from, from + WITHDRAWAL_COUNT);
      await Promise.all(batch.map((prefix) => this.#speaker.withdraw(prefix)));
    }
  }

  #touch(prefixes: readonly string[]): void {
    const now = this.#timer.now();
    for (const [prefix, at] of this.#touched) if (now - at > FORGET_MS) this.#touched.delete(prefix);
    for (const prefix of prefixes) this.#touched.set(prefix, now);
  }

  #setAlarm(): void {
    this.#alarm?.[Symbol.dispose]();
    this.#alarm = null;
    if (!this.#isBehind && this.#desired.length === 0) return;
    const now = this.#timer.now();
    const most = this.#isBehind ? RETRY_MS : MOST_MS;
    const next = this.#desired.reduce((least, { until }) => Math.min(least, until - now), most);
    const wake = (): void => void this.#inTurn(() => this.#reconcile()).catch(() => this.failureCount++);
    this.#alarm = this.#timer.after(Math.max(0, next), wake);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#pending.then(work, work);
    this.#pending = turn.catch(() => {});
    return turn;
  }
}
