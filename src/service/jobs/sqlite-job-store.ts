/** Jobs in SQLite, of one process: what is durable is so in the write-ahead log. */
import type { DatabaseSync } from 'node:sqlite';
import { EgressoError } from '../../errors.ts';
import { GroupCommit } from './group-commit.ts';
import { hasEnded, type Job, type JobDraft, type Outcome } from './job.ts';
import type { Verdict } from './job-gate.ts';
import { JobLine } from './job-line.ts';
import { jobOf } from './job-row.ts';
import type { ClaimingStore, ItemCounts, JobQuery, LiveCounts, Removed, Submission } from './job-store.ts';
import { JobTable, SLICE } from './job-table.ts';
import { Statements } from './statements.ts';

export interface StoreLimits {
  /** Jobs that may wait. */
  readonly queuedJobs: number;
  /** Bytes of bodies, plans and the database beyond which no job is accepted. */
  readonly diskBytes: number;
  /** Times that the process may die while it runs a job. */
  readonly losses: number;
}

export class SqliteJobStore implements ClaimingStore {
  readonly #database: DatabaseSync;
  readonly #limits: StoreLimits;
  readonly #commits: GroupCommit;
  readonly #statements: Statements;
  readonly #table: JobTable;
  readonly #line: JobLine;

  /** Puts jobs that ran when the last process ended back in line. The database is its own from now on. */
  constructor(database: DatabaseSync, limits: StoreLimits, now: number) {
    this.#database = database;
    this.#limits = limits;
    this.#commits = new GroupCommit(database);
    this.#statements = new Statements(database);
    this.#table = new JobTable(this.#statements);
    this.#line = new JobLine(this.#statements);
    database.exec('BEGIN IMMEDIATE');
    this.#table.recover(now, limits.losses);
    database.exec('COMMIT');
  }

  async expect(
    { owner, idempotencyKey }: Pick<JobDraft, 'owner' | 'idempotencyKey'>,
    bodyBytes: number,
  ): Promise<void> {
    // A job that is there is told again.
    if (idempotencyKey === null || this.#named(owner, idempotencyKey) === undefined) this.#refuse(bodyBytes);
  }

  submit(draft: JobDraft): Promise<Submission> {
    return this.#commits.write(() => {
      const known = this.#byKey(draft);
      if (known !== undefined) return { job: known, isNew: false };
      this.#refuse(draft.body.size);
      this.#table.insert(draft);
      return { job: this.#table.get(draft.id) as Job, isNew: true };
    });
  }

  async find(id: string): Promise<Job | null> {
    return this.#table.get(id) ?? null;
  }

  async list({ operation, owner, state, before, limit }: JobQuery): Promise<Job[]> {
    // Each has its index.
    const filters = [
      ['operation = ?', operation],
      ['owner = ?', owner],
      ['state = ?', state],
      ['seq < (SELECT seq FROM job WHERE id = ?)', before],
    ].filter((filter): filter is [string, string] => filter[1] !== undefined);
    const where = filters.map(([sql]) => sql).join(' AND ');
    const page = `SELECT * FROM job WHERE batch IS NULL AND ${where} ORDER BY seq DESC LIMIT ?`;
    return this.#statements.all(page, ...filters.map(([, value]) => value), limit).map(jobOf);
  }

  async queuePlace(id: string): Promise<number | null> {
    return this.#line.place(id);
  }

  async counts(): Promise<LiveCounts> {
    return this.#line.counts();
  }

  async claim(now: number, verdictOn: (job: Job) => Verdict = () => 'begin'): Promise<Job | null> {
    if (this.#line.next(now, verdictOn) === null) return null;
    return this.#commits.write(() => {
      for (;;) {
        const next = this.#line.next(now, verdictOn);
        if (next === null) return null;
        if (this.#table.isDoomed(next)) this.#table.cancelItems(next.batch as string, now);
        else return this.#begin(next, now);
      }
    });
  }

  release(attempt: Job): Promise<void> {
    return this.#commits.write(() => {
      if (this.#isLatest(attempt)) this.#statements.run(`UPDATE job SET state = 'queued' WHERE id = ?`, attempt.id);
    });
  }

  async finish(attempt: Job, outcome: Outcome): Promise<Job | null> {
    const ended = await this.#commits.write(() => {
      if (!this.#isLatest(attempt)) return null;
      return this.#table.end(this.#table.get(attempt.id) as Job, outcome);
    });
    // Those that are left, where the disk is full, end as soon as one of them would be claimed.
    if (ended?.operation === 'batch') await this.#cancelItems(ended.id, outcome.endedAt).catch(() => {});
    return ended;
  }

  /** In slices, each in a turn of its own: a process that dies in between goes on with the next. */
  async split(attempt: Job, names: readonly string[], now: number): Promise<Job | null> {
    for (;;) {
      const step = await this.#commits.write(() => {
        if (!this.#isLatest(attempt) || this.#table.get(attempt.id)?.itemCount !== null) return null;
        return { hasMore: this.#table.split(attempt, names, now) };
      });
      if (step === null) return null;
      if (!step.hasMore) return this.#table.get(attempt.id) as Job;
    }
  }

  async itemCounts(batch: string): Promise<ItemCounts> {
    return this.#table.itemCounts(batch);
  }

  async endedItems(batch: string, after: number, limit: number): Promise<Job[]> {
    const sql = 'SELECT * FROM job WHERE batch = ? AND endedSeq > ? ORDER BY endedSeq LIMIT ?';
    return this.#statements.all(sql, batch, after, limit).map(jobOf);
  }

  async runningItems(batch: string): Promise<Job[]> {
    return this.#statements
      .all(`SELECT * FROM job INDEXED BY itemRunning WHERE batch = ? AND state = 'running'`, batch)
      .map(jobOf);
  }

  /** Once it is written down that a batch is cancelled, none of its items begins; they end in slices. */
  async requestCancel(id: string, now: number): Promise<Job | null> {
    const job = await this.#commits.write(() => {
      const found = this.#table.get(id) ?? null;
      return found === null || hasEnded(found) ? found : this.#table.cancel(id, now);
    });
    if (job?.operation !== 'batch' || !job.cancelRequested) return job;
    await this.#cancelItems(id, now);
    return this.find(id);
  }

  async failOverdue(now: number): Promise<Job[]> {
    const overdue = `SELECT 1 FROM job WHERE state = 'queued' AND deadline <= ? LIMIT 1`;
    if (this.#statements.one(overdue, now) === undefined) return [];
    return this.#commits.write(() => this.#table.endOverdue(now));
  }

  async removeEnded(before: number): Promise<Removed> {
    const hashes: string[] = [];
    let count = 0;
    if (!this.#table.hasOld(before)) return { count, hashes };
    await this.#commits.write(() => {
      while (count < SLICE) {
        const removed = this.#table.removeOld(before);
        if (removed === null) return;
        count += removed.length;
        hashes.push(...removed.flatMap(({ planHash }) => (planHash === null ? [] : [planHash as string])));
      }
    });
    return { count, hashes };
  }

  /** Whether some job needs these bytes: as its body while it has not ended, or as its plan. */
  needs(hash: string): boolean {
    const sql = `SELECT EXISTS (SELECT 1 FROM job WHERE bodyHash = ?1 AND state IN ('queued', 'running'))
      OR EXISTS (SELECT 1 FROM job WHERE planHash = ?1) AS isNeeded`;
    return this.#statements.one(sql, hash)?.isNeeded === 1;
  }

  async close(): Promise<void> {
    this.#commits.flush();
    this.#database.close();
  }

  async #cancelItems(batch: string, now: number): Promise<void> {
    while (await this.#commits.write(() => this.#table.cancelItems(batch, now)));
  }

  #begin({ id }: Job, now: number): Job {
    this.#statements.run(
      `UPDATE job SET state = 'running', attempt = attempt + 1, startedAt = ? WHERE id = ?`,
      now,
      id,
    );
    return this.#table.get(id) as Job;
  }

  #isLatest({ id, attempt }: Job): boolean {
    const job = this.#table.get(id);
    return job?.state === 'running' && job.attempt === attempt;
  }

  #byKey({ owner, idempotencyKey, body, bodyType, operation }: JobDraft): Job | undefined {
    if (idempotencyKey === null) return undefined;
    const known = this.#named(owner, idempotencyKey);
    if (known === undefined) return undefined;
    const isSame = known.body.hash === body.hash && known.bodyType === bodyType && known.operation === operation;
    if (isSame) return known;
    const message = `the idempotency key came with another body before: it names job ${known.id}`;
    throw new EgressoError('IDEMPOTENCY_KEY_REUSED', message);
  }

  #named(owner: string, idempotencyKey: string): Job | undefined {
    const row = this.#statements.one('SELECT * FROM job WHERE owner = ? AND idempotencyKey = ?', owner, idempotencyKey);
    return row === undefined ? undefined : jobOf(row);
  }

  #refuse(bodyBytes: number): void {
    const { queuedJobs, diskBytes } = this.#limits;
    if (this.#line.length >= queuedJobs) {
      throw new EgressoError('SERVICE_BUSY', `${queuedJobs} jobs are waiting, which is the limit`);
    }
    const used = (this.#statements.one('SELECT used FROM total')?.used as number) + this.#databaseBytes();
    if (used + bodyBytes <= diskBytes) return;
    const message = `jobs take ${used} bytes of disk, and may take ${diskBytes}; those that have ended are forgotten in time`;
    throw new EgressoError('STORAGE_UNAVAILABLE', message);
  }

  /** In use, without what was freed in it. */
  #databaseBytes(): number {
    const [pages, free, bytes] = ['page_count', 'freelist_count', 'page_size'].map(
      (name) => this.#statements.one(`PRAGMA ${name}`)?.[name] as number,
    );
    return (pages - free) * bytes;
  }
}
