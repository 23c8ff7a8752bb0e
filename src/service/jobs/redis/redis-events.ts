/** Events of jobs, told to all processes, which forget them by themselves: who runs a job may be another one, or dead. */
import type { Redis } from 'ioredis';
import { hasEnded, type Job } from '../job.ts';
import { type JobEvent, JobEvents } from '../job-events.ts';
import { PREFIX } from './connection.ts';

const CHANNEL = `${PREFIX}:events`;
/** Events of a job that has ended are kept for those who listened. */
const LAST_EVENTS_MS = 10_000;
/** Of a job of which nothing is heard any more, its record is enough. */
const SILENT_MS = 600_000;

interface Message {
  readonly job: string;
  readonly event: JobEvent;
}

export class RedisEvents extends JobEvents {
  readonly #redis: Redis;
  readonly #forgetting = new Map<string, NodeJS.Timeout>();

  /** `subscriber` is a connection that does nothing else but listen. */
  constructor(redis: Redis, subscriber: Redis, now: () => number) {
    super(now);
    this.#redis = redis;
    // A subscription is taken up again by itself after a lost connection.
    subscriber.subscribe(CHANNEL).catch(() => {});
    subscriber.on('message', (channel: string, text: string) => {
      if (channel !== CHANNEL) return;
      const { job, event } = JSON.parse(text) as Message;
      this.keep(job, event);
      this.#forgetLater(job, event);
    });
  }

  /** Kept when it comes back, in the order in which Redis has it. What cannot be told is replaced by the next. */
  override publish(job: string, type: JobEvent['type'], data: unknown): void {
    const message: Message = { job, event: { id: this.nextId(job), type, data } };
    this.#redis.publish(CHANNEL, JSON.stringify(message)).catch(() => {});
  }

  override forget(job: string): void {
    clearTimeout(this.#forgetting.get(job));
    this.#forgetting.delete(job);
    super.forget(job);
  }

  #forgetLater(job: string, { type, data }: JobEvent): void {
    clearTimeout(this.#forgetting.get(job));
    const isLast = type === 'state' && hasEnded(data as Job);
    const timer = setTimeout(() => this.forget(job), isLast ? LAST_EVENTS_MS : SILENT_MS);
    this.#forgetting.set(job, timer.unref());
  }
}
