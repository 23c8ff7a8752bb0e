/** The line in which jobs wait in SQLite: who is next, and how long it is. */
import type { Job } from './job.ts';
import type { Verdict } from './job-gate.ts';
import { jobOf } from './job-row.ts';
import type { LiveCounts } from './job-store.ts';
import type { Statements } from './statements.ts';

/** Items of batches that may wait before another batch is split. */
const WAITING_ITEMS = 100_000;
const NEXT = `SELECT * FROM job WHERE state = 'queued' AND owner NOT IN (SELECT value FROM json_each(?1))
  AND (operation = 'solve' OR ?2) AND (deadline IS NULL OR deadline > ?3) ORDER BY priority DESC, coalesce(line, seq), seq LIMIT 1`;
const PLACE = `SELECT (SELECT count(*) FROM job WHERE state = 'queued' AND priority > own.priority)
  + (SELECT count(*) FROM job WHERE state = 'queued' AND priority = own.priority
    AND (coalesce(line, seq), seq) < (coalesce(own.line, own.seq), own.seq)) AS place
  FROM job AS own WHERE id = ? AND state = 'queued'`;
/** By their indexes: jobs and batches, and items. */
const RUNNING_COUNT = `SELECT (SELECT count(*) FROM job WHERE batch IS NULL AND operation IN ('solve', 'batch') AND state = 'running'
  AND itemCount IS NULL) + (SELECT count(*) FROM job WHERE state = 'running' AND batch IS NOT NULL) AS count`;

export class JobLine {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /** The first that may begin, in time and of those whose owners have not been passed over; null where there is none. */
  next(now: number, verdictOn: (job: Job) => Verdict): Job | null {
    const passed: string[] = [];
    const maySplit = this.#waiting().items < WAITING_ITEMS ? 1 : 0;
    for (;;) {
      const row = this.#statements.one(NEXT, JSON.stringify(passed), maySplit, now);
      if (row === undefined) return null;
      const job = jobOf(row);
      const verdict = verdictOn(job);
      if (verdict === 'begin') return job;
      if (verdict === 'wait') return null;
      passed.push(job.owner);
    }
  }

  /** How many go before a job; null where it does not wait. */
  place(id: string): number | null {
    return (this.#statements.one(PLACE, id)?.place as number | undefined) ?? null;
  }

  /** Jobs that wait, without items of batches. */
  get length(): number {
    return this.#waiting().jobs;
  }

  counts(): LiveCounts {
    const { jobs, items } = this.#waiting();
    return { queued: jobs + items, running: this.#statements.one(RUNNING_COUNT)?.count as number };
  }

  #waiting(): { readonly jobs: number; readonly items: number } {
    const total = this.#statements.one('SELECT waiting, waitingItems FROM total');
    return { jobs: total?.waiting as number, items: total?.waitingItems as number };
  }
}
