/** What becomes of jobs, as steps within a transaction. */
import { randomUUID } from 'node:crypto';
import type { SQLInputValue } from 'node:sqlite';
import { hasEnded, type Job, type JobDraft, type JobFault, LATE, LOST, type Outcome } from './job.ts';
import { endColumns, type JobRow, jobOf } from './job-row.ts';
import type { ItemCounts } from './job-store.ts';
import type { Statements } from './statements.ts';

/** Rows that are written at one time: nobody waits longer for a turn of the event loop than that takes, some milliseconds. */
export const SLICE = 200;
/** To the end of the line: it may be the job that the process died of, and others come before that is tried again. */
const LOSE = `UPDATE job SET state = 'queued', losses = losses + 1, line = (SELECT max(seq) + 1 FROM job) WHERE id = ?`;
const END = `UPDATE job SET state = ?, endedAt = ?, planHash = ?, planSize = ?, summary = ?, fault = ?,
  endedSeq = (SELECT coalesce(max(other.endedSeq), 0) + 1 FROM job AS other WHERE other.batch = job.batch) WHERE id = ?`;

const WAITING_ITEMS = `SELECT id FROM job WHERE batch = ? AND state = 'queued' ORDER BY seq LIMIT ?`;
const MARK_ITEMS = `UPDATE job SET cancelRequested = 1 WHERE batch = ? AND state = 'running'`;
const CANCEL_ITEM = `UPDATE job SET state = 'cancelled', cancelRequested = 1, endedAt = ?,
  endedSeq = (SELECT coalesce(max(other.endedSeq), 0) + 1 FROM job AS other WHERE other.batch = job.batch) WHERE id = ?`;
const OLD = 'SELECT id FROM job WHERE endedAt < ? AND batch IS NULL ORDER BY endedAt LIMIT 1';
const REMOVE_ITEMS = `DELETE FROM job WHERE seq IN (SELECT seq FROM job WHERE batch = ? LIMIT ${SLICE}) RETURNING planHash`;

export class JobTable {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  get(id: string): Job | undefined {
    const row = this.#statements.one('SELECT * FROM job WHERE id = ?', id);
    return row === undefined ? undefined : jobOf(row);
  }

  insert({ body, ...plain }: JobDraft): void {
    const columns = { ...plain, state: 'queued', bodyHash: body.hash, bodySize: body.size };
    const names = Object.keys(columns);
    const values: SQLInputValue[] = Object.values(columns);
    this.#statements.run(
      `INSERT INTO job (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
      ...values,
    );
  }

  /**
   * A batch ends with its last item. One that ends before all its items are made marks those that run; those that wait are
   * left to `cancelItems`.
   */
  end({ id, operation, batch, cancelRequested }: Job, { endedAt, plan, summary, fault }: Outcome): Job {
    const state = cancelRequested ? 'cancelled' : fault === null ? 'done' : 'failed';
    const columns = endColumns(plan, summary, cancelRequested ? null : fault);
    this.#statements.run(END, state, endedAt, ...columns, id);
    if (operation === 'batch') this.#statements.run(MARK_ITEMS, id);
    if (batch !== null) this.#endWithoutItems(batch, endedAt);
    return this.get(id) as Job;
  }

  /**
   * Makes items of a batch from where it was left, at most `SLICE` of them; the batch runs until they have ended.
   *
   * @returns whether more are to be made.
   */
  split(attempt: Job, names: readonly string[], now: number): boolean {
    const { id: batch, owner, priority, deadline, body, bodyType, createdAt } = attempt;
    const shared = { owner, priority, deadline, body, bodyType, createdAt, idempotencyKey: null, batch } as const;
    const counts = this.itemCounts(batch);
    const made = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const slice = names.slice(made, made + SLICE);
    slice.forEach((name, i) => {
      this.insert({ ...shared, id: randomUUID(), operation: 'solve', item: made + i, name });
    });
    const hasMore = made + slice.length < names.length;
    if (!hasMore) this.#statements.run('UPDATE job SET itemCount = ? WHERE id = ?', names.length, batch);
    if (this.#isCancelled(batch)) this.cancelItems(batch, now);
    // They may all have ended before the last was made.
    if (!hasMore) this.#endWithoutItems(batch, now);
    return hasMore;
  }

  /** Ends what waits, marks what runs. Items of a batch that wait are left to `cancelItems`. */
  cancel(id: string, now: number): Job {
    this.#statements.run('UPDATE job SET cancelRequested = 1 WHERE id = ?', id);
    this.#statements.run(MARK_ITEMS, id);
    const job = this.get(id) as Job;
    return job.state === 'queued' ? this.end(job, endedWith(now)) : job;
  }

  /** Ends items that wait, at most `SLICE` of them, and their batch where none is left; returns whether more wait. */
  cancelItems(batch: string, now: number): boolean {
    const rows = this.#statements.all(WAITING_ITEMS, batch, SLICE);
    if (rows.length === 0) return false;
    for (const { id } of rows) this.#statements.run(CANCEL_ITEM, now, id as string);
    this.#endWithoutItems(batch, now);
    return rows.length === SLICE;
  }

  /** Of an item whose batch was cancelled, or has failed before all of its items were made. */
  isDoomed({ batch }: Job): boolean {
    return batch !== null && this.#isCancelled(batch);
  }

  itemCounts(batch: string): ItemCounts {
    const rows = this.#statements.all('SELECT state, count FROM itemCount WHERE batch = ?', batch);
    const counts = { queued: 0, running: 0, done: 0, failed: 0, cancelled: 0 };
    return { ...counts, ...Object.fromEntries(rows.map(({ state, count }) => [state, count])) };
  }

  /** Ends waiting jobs whose deadline is over, some of them. */
  endOverdue(now: number): Job[] {
    const sql = `SELECT * FROM job WHERE state = 'queued' AND deadline <= ? ORDER BY deadline LIMIT ${SLICE}`;
    return this.#statements.all(sql, now).map((row) => this.end(jobOf(row), endedWith(now, LATE)));
  }

  hasOld(before: number): boolean {
    return this.#statements.one(OLD, before) !== undefined;
  }

  /** Forgets one job that ended before this time, or some items of a batch; null where there is none. */
  removeOld(before: number): JobRow[] | null {
    const old = this.#statements.one(OLD, before);
    if (old === undefined) return null;
    const id = old.id as string;
    const items = this.#statements.all(REMOVE_ITEMS, id);
    if (items.length === SLICE) return items;
    return [...items, ...this.#statements.all('DELETE FROM job WHERE id = ? RETURNING planHash', id)];
  }

  /** Puts jobs back in line that ran when the last process ended, so many times; ends what was cancelled. */
  recover(now: number, losses: number): void {
    // A batch that was split runs in its items.
    for (const row of this.#statements.all(`SELECT * FROM job WHERE state = 'running' AND itemCount IS NULL`)) {
      const job = jobOf(row);
      if (job.cancelRequested) this.end(job, endedWith(now));
      else if ((row.losses as number) + 1 >= losses) this.end(job, endedWith(now, LOST));
      else this.#statements.run(LOSE, job.id);
    }
    const live = `SELECT id FROM job WHERE id IN (SELECT DISTINCT batch FROM job WHERE state = 'queued' AND batch IS NOT NULL)`;
    const doomed = `${live} AND (cancelRequested = 1 OR state NOT IN ('queued', 'running'))`;
    for (const { id } of this.#statements.all(doomed)) while (this.cancelItems(id as string, now));
  }

  /** A batch whose items are made, and have ended. */
  #endWithoutItems(id: string, now: number): void {
    const batch = this.get(id);
    if (batch === undefined || batch.itemCount === null || hasEnded(batch)) return;
    const { queued, running } = this.itemCounts(id);
    if (queued + running === 0) this.end(batch, endedWith(now));
  }

  #isCancelled(id: string): boolean {
    const sql = `SELECT cancelRequested = 1 OR state = 'failed' AS isCancelled FROM job WHERE id = ?`;
    return this.#statements.one(sql, id)?.isCancelled === 1;
  }
}

function endedWith(endedAt: number, fault: JobFault | null = null): Outcome {
  return { endedAt, plan: null, summary: null, fault };
}
