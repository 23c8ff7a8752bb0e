/** Jobs in Redis, for many processes. How durable they are is that of Redis: with `appendfsync always`, on disk. */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { EgressoError } from '../../../errors.ts';
import { hasEnded, type Job, type JobDraft, type JobState, type Outcome } from '../job.ts';
import type { ItemCounts, JobQuery, JobStore, LiveCounts, Removed, Submission } from '../job-store.ts';
import { orUnavailable, PREFIX } from './connection.ts';
import { hashOf, type JobHash, jobOfHash } from './job-hash.ts';
import { SLICE } from './lua/ends.ts';
import type { MemoryShare } from './memory-share.ts';
import type { Outbox } from './outbox.ts';
import type { ScriptRunner } from './script-runner.ts';

export interface RedisStoreParts {
  readonly redis: Redis;
  readonly scripts: ScriptRunner;
  /** Hands accepted jobs to the queue. */
  readonly outbox: Outbox;
  readonly bodyShare: MemoryShare;
  /** Jobs that may wait. */
  readonly queuedJobs: number;
  /** Times that a process may die while it runs a job. */
  readonly losses: number;
}

/** Jobs looked at together. */
const PAGE = 200;

export class RedisJobStore implements JobStore {
  readonly #parts: RedisStoreParts;

  constructor(parts: RedisStoreParts) {
    this.#parts = parts;
  }

  async expect({ idempotencyKey }: Pick<JobDraft, 'owner' | 'idempotencyKey'>, bodyBytes: number): Promise<void> {
    // It may name a job that is there.
    if (idempotencyKey !== null) return;
    const { redis, queuedJobs, bodyShare } = this.#parts;
    await bodyShare.check(bodyBytes);
    if ((await orUnavailable(redis.scard(`${PREFIX}:waiting`))) >= queuedJobs) throw lineIsFull(queuedJobs);
  }

  async submit(draft: JobDraft): Promise<Submission> {
    const { scripts, queuedJobs, outbox } = this.#parts;
    const [what, id] = await scripts.run('egressoSubmit', JSON.stringify(hashOf(draft)), queuedJobs);
    if (what === 'full') throw lineIsFull(queuedJobs);
    if (what === 'gone') throw new EgressoError('STORAGE_UNAVAILABLE', 'the body took too long to be kept');
    if (what === 'reused') {
      const message = `the idempotency key came with another body before: it names job ${id}`;
      throw new EgressoError('IDEMPOTENCY_KEY_REUSED', message);
    }
    const job = await this.#get(id);
    // It is accepted whether or not the queue hears of it now.
    if (what === 'new') await outbox.hand([job]).catch(() => {});
    return { job, isNew: what === 'new' };
  }

  /** Of an item that has not ended its batch is asked too: all items are cancelled as soon as that is, and marked in slices. */
  async find(id: string): Promise<Job | null> {
    const { redis } = this.#parts;
    const job = jobOfHash(await orUnavailable(redis.hgetall(`${PREFIX}:job:${id}`))) ?? null;
    if (job === null || job.batch === null || job.cancelRequested || hasEnded(job)) return job;
    const batch = redis.hmget(`${PREFIX}:job:${job.batch}`, 'cancelRequested', 'state');
    const [cancelRequested, state] = await orUnavailable(batch);
    return { ...job, cancelRequested: cancelRequested === '1' || state === 'failed' };
  }

  async list({ operation, owner, state, before, limit }: JobQuery): Promise<Job[]> {
    const { redis } = this.#parts;
    const set = `${PREFIX}:jobs:${operation}${owner === undefined ? '' : `:${owner}`}`;
    const last = before === undefined ? null : await orUnavailable(redis.hget(`${PREFIX}:job:${before}`, 'seq'));
    if (before !== undefined && last === null) return [];
    const found: Job[] = [];
    for (let offset = 0; found.length < limit; offset += PAGE) {
      const highest = last === null ? '+inf' : `(${last}`;
      const ids = await orUnavailable(redis.zrevrangebyscore(set, highest, '-inf', 'LIMIT', offset, PAGE));
      if (ids.length === 0) break;
      const page = await this.#all(ids);
      found.push(...page.filter((job) => state === undefined || job.state === state));
    }
    return found.slice(0, limit);
  }

  queuePlace(id: string): Promise<number | null> {
    return orUnavailable(this.#parts.redis.zrank(`${PREFIX}:line`, id));
  }

  async counts(): Promise<LiveCounts> {
    const { redis } = this.#parts;
    const counted = [redis.zcard(`${PREFIX}:line`), redis.scard(`${PREFIX}:running`)];
    const [queued, running] = await orUnavailable(Promise.all(counted));
    return { queued, running };
  }

  /**
   * A new attempt of a job, for a process that the queue has given it; null where there is nothing to run.
   *
   * @param token of the lock by which it was given: claimed again with the same one, the job was not lost by anybody.
   */
  async claim(id: string, token: string, now: number): Promise<{ job: Job | null; ended: Job | null }> {
    const [what] = await this.#parts.scripts.run('egressoClaim', id, now, this.#parts.losses, token);
    if (what === 'no') return { job: null, ended: null };
    const job = await this.#get(id);
    return what === 'yes' ? { job, ended: null } : { job: null, ended: await this.#withItems(job, now) };
  }

  /** The process of an attempt lives, though another one was given its job: that was no loss. */
  async survived({ id, attempt }: Job): Promise<void> {
    await this.#parts.scripts.run('egressoSurvived', id, attempt);
  }

  async release({ id, attempt }: Job): Promise<void> {
    await this.#parts.scripts.run('egressoRelease', id, attempt);
  }

  async finish({ id, attempt }: Job, { endedAt, plan, summary, fault }: Outcome): Promise<Job | null> {
    const text = (value: object | null) => (value === null ? '' : JSON.stringify(value));
    const values = [plan?.hash ?? '', plan?.size ?? '', text(summary), text(fault)];
    const [done] = await this.#parts.scripts.run('egressoFinish', id, attempt, endedAt, ...values);
    return done === 'yes' ? this.#withItems(await this.#get(id), endedAt) : null;
  }

  /** In slices: a process that dies in between, or hears no answer, goes on with the next. */
  async split(attempt: Job, names: readonly string[], now: number): Promise<Job | null> {
    const { scripts, outbox } = this.#parts;
    const { id: batch, owner, priority, deadline, body, bodyType, createdAt } = attempt;
    const shared = { owner, priority, deadline, body, bodyType, createdAt, idempotencyKey: null, batch } as const;
    for (let made = 0; made < names.length; ) {
      const drafts = names.slice(made, made + SLICE).map((name, i) => {
        return hashOf({ ...shared, id: randomUUID(), operation: 'solve', item: made + i, name });
      });
      const values = [batch, attempt.attempt, now, JSON.stringify(drafts), names.length];
      const [answer] = await scripts.run('egressoSplit', ...values);
      if (answer === 'no') return null;
      made = Number(answer);
      // Many items take a while; the first are run meanwhile.
      void outbox.flush().catch(() => {});
    }
    return this.#get(batch);
  }

  async itemCounts(batch: string): Promise<ItemCounts> {
    const counted = await orUnavailable(this.#parts.redis.hgetall(`${PREFIX}:batch:${batch}:counts`));
    const count = (state: JobState): number => Number(counted[state] ?? 0);
    return {
      queued: count('queued'),
      running: count('running'),
      done: count('done'),
      failed: count('failed'),
      cancelled: count('cancelled'),
    };
  }

  async endedItems(batch: string, after: number, limit: number): Promise<Job[]> {
    const ids = this.#parts.redis.lrange(`${PREFIX}:batch:${batch}:ended`, after, after + limit - 1);
    return this.#all(await orUnavailable(ids));
  }

  async runningItems(batch: string): Promise<Job[]> {
    return (await this.#all(await this.#liveItems(batch))).filter(({ state }) => state === 'running');
  }

  /** Once it is written down that a batch is cancelled, none of its items begins; they end in slices. */
  async requestCancel(id: string, now: number): Promise<Job | null> {
    await this.#parts.scripts.run('egressoCancel', now, id);
    await this.#cancelItems(id, now);
    return this.find(id);
  }

  async failOverdue(now: number): Promise<Job[]> {
    return this.#all(await this.#parts.scripts.run('egressoFailOverdue', now));
  }

  async removeEnded(before: number): Promise<Removed> {
    const ids = await this.#parts.scripts.run('egressoRemoveEnded', before);
    return { count: ids.length, hashes: [] };
  }

  async close(): Promise<void> {}

  /** A batch that ends before all its items are made takes the others with it. */
  async #withItems(ended: Job, now: number): Promise<Job> {
    // Those that are left, where Redis is away, end when they are claimed, or when their batch is forgotten.
    if (ended.operation === 'batch') await this.#cancelItems(ended.id, now).catch(() => {});
    return ended;
  }

  async #cancelItems(batch: string, now: number): Promise<void> {
    const items = await this.#liveItems(batch);
    for (let at = 0; at < items.length; at += SLICE) {
      await this.#parts.scripts.run('egressoCancel', now, ...items.slice(at, at + SLICE));
    }
  }

  /** Those that have not ended. */
  #liveItems(batch: string): Promise<string[]> {
    return orUnavailable(this.#parts.redis.smembers(`${PREFIX}:batch:${batch}:live`));
  }

  async #get(id: string): Promise<Job> {
    const job = await this.find(id);
    if (job === null) throw new EgressoError('STORAGE_UNAVAILABLE', `job ${id} is gone`);
    return job;
  }

  async #all(ids: readonly string[]): Promise<Job[]> {
    if (ids.length === 0) return [];
    const pipeline = this.#parts.redis.pipeline();
    for (const id of ids) pipeline.hgetall(`${PREFIX}:job:${id}`);
    const answers = (await orUnavailable(pipeline.exec())) ?? [];
    const hashes = await orUnavailable(Promise.all(answers.map(resultOf)));
    return hashes.flatMap((hash) => jobOfHash(hash) ?? []);
  }
}

async function resultOf([error, hash]: [Error | null, unknown]): Promise<JobHash> {
  if (error !== null) throw error;
  return hash as JobHash;
}

function lineIsFull(limit: number): EgressoError {
  return new EgressoError('SERVICE_BUSY', `${limit} jobs are waiting, which is the limit`);
}
