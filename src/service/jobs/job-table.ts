/** What becomes of jobs, as steps within a transaction. */
import type { SQLInputValue } from 'node:sqlite';
import { hasEnded, type Job, type JobDraft, type JobFault, LATE, LOST, type Outcome } from './job.ts';
import { endColumns, jobOf } from './job-row.ts';
import type { Statements } from './statements.ts';

const LIVE = `state IN ('queued', 'running')`;
/** To the end of the line: it may be the job that the process died of, and others come before that is tried again. */
const LOSE = `UPDATE job SET state = 'queued', losses = losses + 1, line = (SELECT max(seq) + 1 FROM job) WHERE id = ?`;
const END = `UPDATE job SET state = ?, endedAt = ?, planHash = ?, planSize = ?, summary = ?, fault = ?,
  endedSeq = (SELECT coalesce(max(other.endedSeq), 0) + 1 FROM job AS other WHERE other.batch = job.batch) WHERE id = ?`;

export class JobTable {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  get(id: string): Job | undefined {
    const row = this.#statements.one('SELECT * FROM job WHERE id = ?', id);
    return row === undefined ? undefined : jobOf(row);
  }

  insert({ body, ...plain }: JobDraft): Job {
    const columns = { ...plain, state: 'queued', bodyHash: body.hash, bodySize: body.size };
    const names = Object.keys(columns);
    const values: SQLInputValue[] = Object.values(columns);
    this.#statements.run(
      `INSERT INTO job (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
      ...values,
    );
    return this.get(plain.id) as Job;
  }

  /** A batch ends with its last item. */
  end({ id, batch, cancelRequested }: Job, { endedAt, plan, summary, fault }: Outcome): Job {
    const state = cancelRequested ? 'cancelled' : fault === null ? 'done' : 'failed';
    const columns = endColumns(plan, summary, cancelRequested ? null : fault);
    this.#statements.run(END, state, endedAt, ...columns, id);
    const parent = batch === null ? undefined : this.get(batch);
    if (parent !== undefined && !hasEnded(parent) && !this.#hasLiveItems(parent)) this.end(parent, endedWith(endedAt));
    return this.get(id) as Job;
  }

  /** Ends what waits, marks what runs; of a batch, each of its items. */
  cancel(id: string, now: number): Job {
    this.#statements.run('UPDATE job SET cancelRequested = 1 WHERE id = ?', id);
    const items = this.#statements.all(`SELECT id FROM job WHERE batch = ? AND ${LIVE}`, id);
    for (const item of items) this.cancel(item.id as string, now);
    const job = this.get(id) as Job;
    return job.state === 'queued' ? this.end(job, endedWith(now)) : job;
  }

  /** Ends waiting jobs whose deadline is over. */
  endOverdue(now: number): Job[] {
    const rows = this.#statements.all(`SELECT * FROM job WHERE state = 'queued' AND deadline <= ?`, now);
    return rows.map((row) => this.end(jobOf(row), endedWith(now, LATE)));
  }

  /** Puts jobs back in line that ran when the last process ended, so many times. */
  recover(now: number, losses: number): void {
    // A batch that was split runs in its items.
    for (const row of this.#statements.all(`SELECT * FROM job WHERE state = 'running' AND itemCount IS NULL`)) {
      const job = jobOf(row);
      if (job.cancelRequested) this.end(job, endedWith(now));
      else if ((row.losses as number) + 1 >= losses) this.end(job, endedWith(now, LOST));
      else this.#statements.run(LOSE, job.id);
    }
  }

  #hasLiveItems({ id }: Job): boolean {
    return this.#statements.one(`SELECT 1 FROM job WHERE batch = ? AND ${LIVE} LIMIT 1`, id) !== undefined;
  }
}

function endedWith(endedAt: number, fault: JobFault | null = null): Outcome {
  return { endedAt, plan: null, summary: null, fault };
}
