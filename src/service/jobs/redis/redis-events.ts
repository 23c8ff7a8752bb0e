/** Events of jobs, told to all processes. */
import type { Redis } from 'ioredis';
import { type JobEvent, JobEvents } from '../job-events.ts';
import { PREFIX } from './connection.ts';

const CHANNEL = `${PREFIX}:events`;

interface Message {
  readonly job: string;
  readonly event: JobEvent;
}

export class RedisEvents extends JobEvents {
  readonly #redis: Redis;

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
    });
  }

  /** Kept when it comes back, in the order in which Redis has it. What cannot be told is replaced by the next. */
  override publish(job: string, type: JobEvent['type'], data: unknown): void {
    const message: Message = { job, event: { id: this.nextId(job), type, data } };
    this.#redis.publish(CHANNEL, JSON.stringify(message)).catch(() => {});
  }
}
