/** Jobs in SQLite, of one process: what is durable is so in the write-ahead log. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { EgressoError } from '../../errors.ts';
import { GroupCommit } from './group-commit.ts';
import { hasEnded, type Job, type JobDraft, type JobFault, type Outcome } from './job.ts';
import { endColumns, type JobRow, jobOf } from './job-row.ts';
import type { JobQuery, JobStore, Submission } from './job-store.ts';

export interface StoreLimits {
  /** Jobs that may wait. */
  readonly queuedJobs: number;
  /** Bytes of bodies and plans beyond which no job is accepted. */
  readonly diskBytes: number;
  /** Times that the process may die while it runs a job. */
  readonly losses: number;
}

/** To the end of the line: it may be the job that the process died of, and others come before that is tried again. */
const LOSE = `UPDATE job SET state = 'queued', losses = losses + 1, line = (SELECT max(seq) + 1 FROM job) WHERE id = ?`;
/** Removed at one time: a sweep must not keep others waiting. */
const SWEEP_COUNT = 500;

export class SqliteJobStore implements JobStore {
  readonly #database: DatabaseSync;
  readonly #limits: StoreLimits;
  readonly #commits: GroupCommit;
  readonly #statements = new Map<string, StatementSync>();
  #used = 0;
  #usedUntil = 0;

  /** Puts jobs that ran when the last process ended back in line. The database is its own from now on. */
  constructor(database: DatabaseSync, limits: StoreLimits, now: number) {
    this.#database = database;
    this.#limits = limits;
    this.#commits = new GroupCommit(database);
    this.#recover(now);
  }

  submit(draft: JobDraft): Promise<Submission> {
    return this.#commits.write(() => {
      const known = this.#byKey(draft);
      if (known !== undefined) return { job: known, isNew: false };
      this.#refuse(draft);
      const { body, ...plain } = draft;
      this.#insert({ ...plain, state: 'queued', bodyHash: body.hash, bodySize: body.size });
      return { job: this.#get(draft.id) as Job, isNew: true };
    });
  }

  async find(id: string): Promise<Job | null> {
    return this.#get(id) ?? null;
  }

  async list({ owner, state, before, limit }: JobQuery): Promise<Job[]> {
    const rows = this.#all(
      `SELECT * FROM job WHERE (?1 IS NULL OR owner = ?1) AND (?2 IS NULL OR state = ?2)
         AND (?3 IS NULL OR seq < (SELECT seq FROM job WHERE id = ?3)) ORDER BY seq DESC LIMIT ?4`,
      owner ?? null,
      state ?? null,
      before ?? null,
      limit,
    );
    return rows.map(jobOf);
  }

  async queuePlace(id: string): Promise<number | null> {
    const [row] = this.#all(
      `SELECT (SELECT count(*) FROM job WHERE state = 'queued' AND (priority > own.priority OR priority = own.priority
         AND (coalesce(line, seq), seq) < (coalesce(own.line, own.seq), own.seq))) AS place
       FROM job AS own WHERE id = ? AND state = 'queued'`,
      id,
    );
    return row === undefined ? null : (row.place as number);
  }

  async claim(now: number): Promise<Job | null> {
    const next = `SELECT id FROM job WHERE state = 'queued' ORDER BY priority DESC, coalesce(line, seq), seq LIMIT 1`;
    if (this.#all(next).length === 0) return null;
    return this.#commits.write(() => {
      const [row] = this.#all(
        `UPDATE job SET state = 'running', attempt = attempt + 1, startedAt = ? WHERE id = (${next}) RETURNING *`,
        now,
      );
      return row === undefined ? null : jobOf(row);
    });
  }

  async release({ id, attempt }: Job): Promise<void> {
    await this.#commits.write(() => {
      this.#run(`UPDATE job SET state = 'queued' WHERE id = ? AND attempt = ? AND state = 'running'`, id, attempt);
    });
  }

  finish({ id, attempt }: Job, outcome: Outcome): Promise<Job | null> {
    return this.#commits.write(() => {
      const job = this.#get(id);
      if (job?.state !== 'running' || job.attempt !== attempt) return null;
      return this.#end(job, outcome);
    });
  }

  requestCancel(id: string, now: number): Promise<Job | null> {
    return this.#commits.write(() => {
      const job = this.#get(id);
      if (job === undefined) return null;
      if (hasEnded(job)) return job;
      this.#run('UPDATE job SET cancelRequested = 1 WHERE id = ?', id);
      const marked = this.#get(id) as Job;
      return job.state === 'running' ? marked : this.#end(marked, endedWith(now, null));
    });
  }

  async failOverdue(now: number): Promise<Job[]> {
    const overdue = `SELECT * FROM job WHERE state = 'queued' AND deadline <= ?`;
    if (this.#all(`${overdue} LIMIT 1`, now).length === 0) return [];
    return this.#commits.write(() => this.#all(overdue, now).map((row) => this.#end(jobOf(row), endedWith(now, LATE))));
  }

  async removeEnded(before: number): Promise<Job[]> {
    const old = `SELECT seq FROM job WHERE endedAt < ? ORDER BY endedAt LIMIT ${SWEEP_COUNT}`;
    if (this.#all(old, before).length === 0) return [];
    return this.#commits.write(() => this.#all(`DELETE FROM job WHERE seq IN (${old}) RETURNING *`, before).map(jobOf));
  }

  /** Whether some job needs these bytes: as its body while it has not ended, or as its plan. */
  needs(hash: string): boolean {
    const [row] = this.#all(
      `SELECT EXISTS (SELECT 1 FROM job WHERE bodyHash = ?1 AND state IN ('queued', 'running')) OR
         EXISTS (SELECT 1 FROM job WHERE planHash = ?1) AS isNeeded`,
      hash,
    );
    return row.isNeeded === 1;
  }

  async close(): Promise<void> {
    this.#commits.flush();
    this.#statements.clear();
    this.#database.close();
  }

  #byKey({ owner, idempotencyKey, body, bodyType }: JobDraft): Job | undefined {
    if (idempotencyKey === null) return undefined;
    const [row] = this.#all('SELECT * FROM job WHERE owner = ? AND idempotencyKey = ?', owner, idempotencyKey);
    if (row === undefined) return undefined;
    const known = jobOf(row);
    if (known.body.hash === body.hash && known.bodyType === bodyType) return known;
    const message = `the idempotency key came with another body before: it names job ${known.id}`;
    throw new EgressoError('IDEMPOTENCY_KEY_REUSED', message);
  }

  #refuse({ body }: JobDraft): void {
    const { queuedJobs, diskBytes } = this.#limits;
    const [{ queued }] = this.#all(`SELECT count(*) AS queued FROM job WHERE state = 'queued'`);
    if ((queued as number) >= queuedJobs) {
      throw new EgressoError('SERVICE_BUSY', `${queuedJobs} jobs are waiting, which is the limit`);
    }
    const used = this.#usedBytes();
    if (used + body.size <= diskBytes) {
      this.#used += body.size;
      return;
    }
    const message = `jobs take ${used} bytes of disk, and may take ${diskBytes}; those that have ended are forgotten in time`;
    throw new EgressoError('STORAGE_UNAVAILABLE', message);
  }

  /** Equal bytes, which are kept once, count as often as they are needed. Looked up once a second: it reads all jobs. */
  #usedBytes(): number {
    if (performance.now() >= this.#usedUntil) {
      const [row] = this.#all(
        `SELECT coalesce(sum(CASE WHEN state IN ('queued', 'running') THEN bodySize ELSE coalesce(planSize, 0) END), 0)
           AS used FROM job`,
      );
      this.#used = row.used as number;
      this.#usedUntil = performance.now() + 1000;
    }
    return this.#used;
  }

  #recover(now: number): void {
    this.#database.exec('BEGIN IMMEDIATE');
    for (const row of this.#all(`SELECT * FROM job WHERE state = 'running'`)) {
      const job = jobOf(row);
      if (job.cancelRequested) this.#end(job, endedWith(now, null));
      else if ((row.losses as number) + 1 >= this.#limits.losses) this.#end(job, endedWith(now, LOST));
      else this.#run(LOSE, job.id);
    }
    this.#database.exec('COMMIT');
  }

  #end({ id, cancelRequested }: Job, { endedAt, plan, summary, fault }: Outcome): Job {
    const state = cancelRequested ? 'cancelled' : fault === null ? 'done' : 'failed';
    const columns = endColumns(plan, summary, cancelRequested ? null : fault);
    const [row] = this.#all(
      `UPDATE job SET state = ?, endedAt = ?, planHash = ?, planSize = ?, summary = ?, fault = ? WHERE id = ? RETURNING *`,
      ...[state, endedAt, columns.planHash, columns.planSize, columns.summary, columns.fault, id],
    );
    return jobOf(row);
  }

  #insert(columns: Record<string, SQLInputValue>): void {
    const names = Object.keys(columns);
    const places = names.map(() => '?').join(', ');
    this.#run(`INSERT INTO job (${names.join(', ')}) VALUES (${places})`, ...Object.values(columns));
  }

  #get(id: string): Job | undefined {
    const [row] = this.#all('SELECT * FROM job WHERE id = ?', id);
    return row === undefined ? undefined : jobOf(row);
  }

  #all(sql: string, ...values: SQLInputValue[]): JobRow[] {
    return this.#prepared(sql).all(...values) as JobRow[];
  }

  #run(sql: string, ...values: SQLInputValue[]): void {
    this.#prepared(sql).run(...values);
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

const LATE: JobFault = fault('DEADLINE_PASSED', 'the deadline passed before the job was started');
const LOST: JobFault = fault('ATTEMPTS_EXHAUSTED', 'the process died each time while it ran the job');

function fault(code: JobFault['code'], message: string): JobFault {
  return { code, message, errors: [], errorCount: 0 };
}

function endedWith(endedAt: number, fault: JobFault | null): Outcome {
  return { endedAt, plan: null, summary: null, fault };
}
