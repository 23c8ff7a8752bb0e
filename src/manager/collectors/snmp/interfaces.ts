/**
 * Interface counters of all agents, read in a thread of its own: an answer that net-snmp cannot bear (a Report PDU, an endless
 * walk) costs the readings of a tick, which grow stale, and not the manager.
 */
import { extname } from 'node:path';
import type { InterfaceReading } from '../../decision/observation.ts';
import type { CounterTracker } from '../../telemetry/counter-tracker.ts';
import { WatchedThread } from '../../watched-thread.ts';
import type { InterfaceCollector } from '../collector.ts';
import type { SnmpInterface, SnmpOptions, SnmpReply, SnmpThreadData } from './messages.ts';

// The same module from source and from build/dist: the ending is that of this one.
const THREAD = new URL(`./thread${extname(import.meta.filename)}`, import.meta.url);

/** Names and counters are two requests, each is sent twice at most; the rest is for the walk and a busy machine. */
const TIMEOUTS_PER_READ = 6;

export class SnmpInterfaces implements InterfaceCollector {
  readonly #tracker: CounterTracker;
  readonly #thread: WatchedThread<null, SnmpReply>;
  readonly #limitMs: number;
  malformedCount = 0;

  constructor(interfaces: readonly SnmpInterface[], tracker: CounterTracker, options: SnmpOptions) {
    const data: SnmpThreadData = { interfaces, options };
    this.#tracker = tracker;
    this.#thread = new WatchedThread(THREAD, data);
    this.#limitMs = TIMEOUTS_PER_READ * options.timeoutMs;
  }

  get rebootCount(): number {
    return this.#tracker.rebootCount;
  }

  get lateCount(): number {
    return this.#tracker.lateCount;
  }

  get lostCount(): number {
    return this.#thread.lostCount;
  }

  /** An agent that does not answer leaves its readings as they are: they grow stale. */
  async read(atMs: number): Promise<readonly InterfaceReading[]> {
    await this.#thread.ask(null, this.#limitMs, ({ readings, malformedCount }) => {
      this.malformedCount += malformedCount;
      for (const { point, octets, upTime } of readings) this.#tracker.add(point, { atMs, octets, upTime });
    });
    return this.#tracker.readings();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread[Symbol.asyncDispose]();
  }
}
