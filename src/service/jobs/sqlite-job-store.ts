/** Jobs in SQLite, of one process: what is durable is so in the write-ahead log. */
import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { EgressoError } from '../../errors.ts';
import { GroupCommit } from './group-commit.ts';
import { hasEnded, type Job, type JobDraft, type Outcome } from './job.ts';
import type { Verdict } from './job-gate.ts';
import { jobOf } from './job-row.ts';
import type { ClaimingStore, ItemCounts, JobQuery, LiveCounts, Removed, Submission } from './job-store.ts';
import { JobTable } from './job-table.ts';
import { Statements } from './statements.ts';

export interface StoreLimits {
  /** Jobs that may wait. */
  readonly queuedJobs: number;
  /** Bytes of bodies and plans beyond which no job is accepted. */
  readonly diskBytes: number;
  /** Times that the process may die while it runs a job. */
  readonly losses: number;
}

/** Removed at one time: a sweep must not keep others waiting. */
const SWEEP_COUNT = 200;
const USED_FOR_MS = 1000;
const NEXT = `SELECT * FROM job WHERE state = 'queued' AND owner NOT IN (SELECT value FROM json_each(?)) ORDER BY priority DESC, coalesce(line, seq), seq LIMIT 1`;
const PLACE = `SELECT (SELECT count(*) FROM job WHERE state = 'queued' AND (priority > own.priority
  OR priority = own.priority AND (coalesce(line, seq), seq) < (coalesce(own.line, own.seq), own.seq))) AS place
  FROM job AS own WHERE id = ? AND state = 'queued'`;
const PAGE = `SELECT * FROM job WHERE batch IS NULL AND operation = ?1 AND (?2 IS NULL OR owner = ?2)
  AND (?3 IS NULL OR state = ?3) AND (?4 IS NULL OR seq < (SELECT seq FROM job WHERE id = ?4)) ORDER BY seq DESC LIMIT ?5`;
/** Equal bytes, which are kept once, count as often as they are needed, but for those of a batch and its items. */
const USED = `SELECT coalesce(sum(CASE WHEN state NOT IN ('queued', 'running') THEN coalesce(planSize, 0)
  WHEN batch IS NULL THEN bodySize ELSE 0 END), 0) AS used FROM job`;
const QUEUED_COUNT = `SELECT count(*) AS count FROM job WHERE state = 'queued'`;
const RUNNING_COUNT = `SELECT count(*) AS count FROM job WHERE state = 'running' AND itemCount IS NULL`;
const OLD = `SELECT id FROM job WHERE endedAt < ?1 AND batch IS NULL ORDER BY endedAt LIMIT ${SWEEP_COUNT}`;

export class SqliteJobStore implements ClaimingStore {
  readonly #database: DatabaseSync;
  readonly #limits: StoreLimits;
  readonly #commits: GroupCommit;
  readonly #statements: Statements;
  readonly #table: JobTable;
  #used = 0;
  #usedUntil = 0;

  /** Puts jobs that ran when the last process ended back in line. The database is its own from now on. */
  constructor(database: DatabaseSync, limits: StoreLimits, now: number) {
    this.#database = database;
    this.#limits = limits;
    this.#commits = new GroupCommit(database);
    this.#statements = new Statements(database);
    this.#table = new JobTable(this.#statements);
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
      this.#used += draft.body.size;
      return { job: this.#table.insert(draft), isNew: true };
    });
  }

  async find(id: string): Promise<Job | null> {
    return this.#table.get(id) ?? null;
  }

  async list({ operation, owner, state, before, limit }: JobQuery): Promise<Job[]> {
    return this.#statements.all(PAGE, operation, owner ?? null, state ?? null, before ?? null, limit).map(jobOf);
  }

  async queuePlace(id: string): Promise<number | null> {
    return (this.#statements.one(PLACE, id)?.place as number | undefined) ?? null;
  }

  async counts(): Promise<LiveCounts> {
    const one = (sql: string): number => this.#statements.one(sql)?.count as number;
    return { queued: one(QUEUED_COUNT), running: one(RUNNING_COUNT) };
  }

  async claim(now: number, verdictOn: (job: Job) => Verdict = () => 'begin'): Promise<Job | null> {
    if (this.#next(verdictOn) === null) return null;
    return this.#commits.write(() => {
      const id = this.#next(verdictOn);
      if (id === null) return null;
      this.#statements.run(
        `UPDATE job SET state = 'running', attempt = attempt + 1, startedAt = ? WHERE id = ?`,
        now,
        id,
      );
      return this.#table.get(id) as Job;
    });
  }

  release(attempt: Job): Promise<void> {
    return this.#commits.write(() => {
      if (this.#isLatest(attempt)) this.#statements.run(`UPDATE job SET state = 'queued' WHERE id = ?`, attempt.id);
    });
  }

  finish(attempt: Job, outcome: Outcome): Promise<Job | null> {
    return this.#commits.write(() => {
      if (!this.#isLatest(attempt)) return null;
      return this.#table.end(this.#table.get(attempt.id) as Job, outcome);
    });
  }

  split(attempt: Job, names: readonly string[], now: number): Promise<Job | null> {
    return this.#commits.write(() => {
      if (!this.#isLatest(attempt)) return null;
      const { id: batch, owner, priority, deadline, body, bodyType, createdAt } = attempt;
      const shared = { owner, priority, deadline, body, bodyType, createdAt, idempotencyKey: null, batch } as const;
      names.forEach((name, item) => {
        this.#table.insert({ ...shared, id: randomUUID(), operation: 'solve', item, name });
      });
      this.#statements.run('UPDATE job SET itemCount = ? WHERE id = ?', names.length, batch);
      const split = this.#table.get(batch) as Job;
      return split.cancelRequested ? this.#table.cancel(batch, now) : split;
    });
  }

  async itemCounts(batch: string): Promise<ItemCounts> {
    const rows = this.#statements.all('SELECT state, count(*) AS count FROM job WHERE batch = ? GROUP BY state', batch);
    const counts = { queued: 0, running: 0, done: 0, failed: 0, cancelled: 0 };
    return { ...counts, ...Object.fromEntries(rows.map(({ state, count }) => [state, count])) };
  }

  async endedItems(batch: string, after: number, limit: number): Promise<Job[]> {
    const sql = 'SELECT * FROM job WHERE batch = ? AND endedSeq > ? ORDER BY endedSeq LIMIT ?';
    return this.#statements.all(sql, batch, after, limit).map(jobOf);
  }

  async runningItems(batch: string): Promise<Job[]> {
    return this.#statements.all(`SELECT * FROM job WHERE batch = ? AND state = 'running'`, batch).map(jobOf);
  }

  requestCancel(id: string, now: number): Promise<Job | null> {
    return this.#commits.write(() => {
      const job = this.#table.get(id) ?? null;
      return job === null || hasEnded(job) ? job : this.#table.cancel(id, now);
    });
  }

  async failOverdue(now: number): Promise<Job[]> {
    const overdue = `SELECT 1 FROM job WHERE state = 'queued' AND deadline <= ? LIMIT 1`;
    if (this.#statements.one(overdue, now) === undefined) return [];
    return this.#commits.write(() => this.#table.endOverdue(now));
  }

  async removeEnded(before: number): Promise<Removed> {
    if (this.#statements.one(OLD, before) === undefined) return { count: 0, hashes: [] };
    return this.#commits.write(() => {
      const ids = this.#statements.all(OLD, before).map(({ id }) => id as string);
      const remove = 'DELETE FROM job WHERE id = ?1 OR batch = ?1 RETURNING planHash';
      const removed = ids.flatMap((id) => this.#statements.all(remove, id));
      const hashes = removed.map(({ planHash }) => planHash).filter((hash) => hash !== null);
      return { count: removed.length, hashes: hashes as string[] };
    });
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

  /** The first in line that may begin, of those whose owners have not been passed over. */
  #next(verdictOn: (job: Job) => Verdict): string | null {
    const passed: string[] = [];
    for (;;) {
      const row = this.#statements.one(NEXT, JSON.stringify(passed));
      if (row === undefined) return null;
      const job = jobOf(row);
      const verdict = verdictOn(job);
      if (verdict === 'begin') return job.id;
      if (verdict === 'wait') return null;
      passed.push(job.owner);
    }
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
    const queued = this.#statements.one(`SELECT count(*) AS count FROM job WHERE state = 'queued' AND batch IS NULL`);
    if ((queued?.count as number) >= queuedJobs) {
      throw new EgressoError('SERVICE_BUSY', `${queuedJobs} jobs are waiting, which is the limit`);
    }
    if (performance.now() >= this.#usedUntil) {
      this.#used = this.#statements.one(USED)?.used as number;
      this.#usedUntil = performance.now() + USED_FOR_MS;
    }
    if (this.#used + bodyBytes > diskBytes) {
      const message = `jobs take ${this.#used} bytes of disk, and may take ${diskBytes}; those that have ended are forgotten in time`;
      throw new EgressoError('STORAGE_UNAVAILABLE', message);
    }
  }
}
