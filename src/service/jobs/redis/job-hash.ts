/** A job as a hash in Redis: all fields are text, none is empty text. */
import type { Job, JobDraft } from '../job.ts';

const NUMBERS = [
  'priority',
  'deadline',
  'createdAt',
  'startedAt',
  'endedAt',
  'attempt',
  'item',
  'itemCount',
  'endedSeq',
];

export type JobHash = Readonly<Record<string, string>>;

export function hashOf({ body, ...plain }: JobDraft): JobHash {
  const fields = { ...plain, bodyHash: body.hash, bodySize: body.size };
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value === null ? '' : String(value)]));
}

/** Undefined where there is none. */
export function jobOfHash(hash: JobHash): Job | undefined {
  if (hash.id === undefined) return undefined;
  const { bodyHash, bodySize, planHash, planSize, summary, fault, cancelRequested, seq, losses, holder, ...plain } =
    hash;
  const job = {
    ...EMPTY,
    ...Object.fromEntries(Object.entries(plain).map(([name, text]) => [name, valueOfField(name, text)])),
    cancelRequested: cancelRequested === '1',
    body: { hash: bodyHash, size: Number(bodySize) },
    plan: planHash ? { hash: planHash, size: Number(planSize) } : null,
    summary: summary ? JSON.parse(summary) : null,
    fault: fault ? JSON.parse(fault) : null,
  };
  return job as unknown as Job;
}

const EMPTY = { startedAt: null, endedAt: null, attempt: 0, itemCount: null, endedSeq: null };

function valueOfField(name: string, text: string): string | number | null {
  if (text === '') return null;
  return NUMBERS.includes(name) ? Number(text) : text;
}
