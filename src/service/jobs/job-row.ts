/** A job as a row of the database. */
import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import type { Job, StoredBytes } from './job.ts';

export type JobRow = Record<string, SQLOutputValue>;

export function jobOf(row: JobRow): Job {
  const { bodyHash, bodySize, planHash, planSize, summary, fault, cancelRequested, seq, line, losses, ...plain } = row;
  const columns = {
    ...plain,
    cancelRequested: cancelRequested === 1,
    body: { hash: bodyHash, size: bodySize },
    plan: planHash === null ? null : { hash: planHash, size: planSize },
    summary: parsed(summary),
    fault: parsed(fault),
  };
  return columns as unknown as Job;
}

/** What is written of how a job ended: planHash, planSize, summary, fault. */
export function endColumns(plan: StoredBytes | null, summary: object | null, fault: object | null): SQLInputValue[] {
  return [plan?.hash ?? null, plan?.size ?? null, textOf(summary), textOf(fault)];
}

function textOf(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value);
}

function parsed(text: SQLOutputValue): unknown {
  return text === null ? null : JSON.parse(text as string);
}
