/**
 * Hands accepted jobs to BullMQ. A job stands in the outbox from its acceptance until the queue has it, so that a process
 * that dies in between loses nothing; the queue takes an id once, however often it is handed over.
 */
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { orUnavailable, PREFIX, settled } from './connection.ts';

export const QUEUE_NAME = 'jobs';
/** BullMQ: 1 goes first. */
const MOST_URGENT = 9;
const FLUSH_INTERVAL_MS = 2000;
/** Jobs that wait or run are handed over again, in case the queue has lost them. */
const CHECK_INTERVAL_MS = 15_000;
const CHECKED_COUNT = 100;
const FLUSHED_COUNT = 250;

type Handed = { readonly id: string; readonly priority: number };

export class Outbox {
  readonly #redis: Redis;
  readonly #patient: Redis;
  readonly #queue: Queue;
  readonly #timers: NodeJS.Timeout[];
  #flushing: Promise<void> | undefined;

  /** `patient` is a connection of its own. */
  constructor(redis: Redis, patient: Redis, onFault: (error: unknown) => void) {
    this.#redis = redis;
    this.#patient = patient;
    const defaultJobOptions = { removeOnComplete: true, removeOnFail: true, attempts: 1 };
    this.#queue = new Queue(QUEUE_NAME, { connection: patient, prefix: PREFIX, defaultJobOptions });
    this.#queue.on('error', onFault);
    this.#timers = [
      setInterval(() => void this.flush().catch(() => {}), FLUSH_INTERVAL_MS),
      setInterval(() => void this.#check().catch(() => {}), CHECK_INTERVAL_MS),
    ];
  }

  async hand(jobs: readonly Handed[]): Promise<void> {
    if (jobs.length === 0) return;
    const bulk = jobs.map(({ id, priority }) => ({
      name: 'job',
      data: {},
      opts: { jobId: id, priority: MOST_URGENT - priority + 1 },
    }));
    await orUnavailable(this.#queue.addBulk(bulk));
    await orUnavailable(this.#redis.srem(`${PREFIX}:outbox`, ...jobs.map(({ id }) => id)));
  }

  /** All that stands in it, once at a time. */
  flush(): Promise<void> {
    this.#flushing ??= this.#handAll().finally(() => {
      this.#flushing = undefined;
    });
    return this.#flushing;
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await settled(this.#queue, this.#patient);
    await this.#queue.close().catch(() => {});
  }

  async #handAll(): Promise<void> {
    for (;;) {
      const ids = (await orUnavailable(this.#redis.srandmember(`${PREFIX}:outbox`, FLUSHED_COUNT))) as string[];
      if (ids.length === 0) return;
      await this.hand(await this.#withPriority(ids));
    }
  }

  async #check(): Promise<void> {
    const waiting = await this.#redis.zrange(`${PREFIX}:line`, 0, CHECKED_COUNT - 1);
    const running = (await this.#redis.srandmember(`${PREFIX}:running`, CHECKED_COUNT)) as string[];
    await this.hand(await this.#withPriority([...waiting, ...running]));
  }

  async #withPriority(ids: readonly string[]): Promise<Handed[]> {
    const pipeline = this.#redis.pipeline();
    for (const id of ids) pipeline.hget(`${PREFIX}:job:${id}`, 'priority');
    const answers = (await orUnavailable(pipeline.exec())) ?? [];
    return ids.map((id, i) => ({ id, priority: Number(answers[i][1] ?? 0) }));
  }
}
