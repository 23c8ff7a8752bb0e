/** Makes every decision of an audit log again, and compares bit for bit. */
import { EgressoError } from '../../errors.ts';
import { type Decided, DecisionMaker } from '../decision/decide.ts';
import type { Reallocation } from '../decision/reallocator.ts';
import type { ManagerState } from '../decision/state.ts';
import { parseState } from '../decision/state-schema.ts';
import { type AuditRecord, NO_RECORD, sha256 } from './record.ts';

const KINDS: readonly unknown[] = ['start', 'tick', 'end'];

export interface ReplayReport {
  readonly tickCount: number;
  readonly changeCount: number;
  /** Lines, from 1, whose decision or state comes out otherwise. */
  readonly differences: readonly number[];
  /** Digest of the record that the first one follows upon, in a file before; null where it is the first of all. */
  readonly follows: string | null;
}

/**
 * `lines` of a log, in order, from a start of a process or of a file on; `place`: how faults call a line. The optimizer's answers
 * are those of the log: what a clock ended would come out otherwise.
 * Errors: FORMAT_INVALID for lines that are no records, or that do not follow upon each other, for a state that is none, and where
 * there is no line.
 */
export async function replayAudit(
  lines: AsyncIterable<string> | Iterable<string>,
  place: (at: number) => string = (at) => `line ${at}`,
): Promise<ReplayReport> {
  const notALog = (at: number, what: string): EgressoError => {
    return new EgressoError('FORMAT_INVALID', `${place(at)} ${what}`, [{ pointer: `/${at - 1}`, message: what }]);
  };
  let follows: string | null = null;
  let previous: string | null = null;
  let at = 0;
  let maker: DecisionMaker | null = null;
  let state: ManagerState | null = null;
  let answers: Reallocation[] = [];
  const report = { tickCount: 0, changeCount: 0, differences: [] as number[] };
  for await (const line of lines) {
    at++;
    const record = parseRecord(line);
    if (record === null) throw notALog(at, 'is no record of an audit log');
    if (previous === null) follows = record.previous === NO_RECORD ? null : record.previous;
    else if (record.previous !== previous) throw notALog(at, 'does not follow upon the record before');
    previous = sha256(line);
    if (record.kind === 'start') {
      if (record.version !== 1) throw notALog(at, `is of version ${String(record.version)}, not 1`);
      maker = new DecisionMaker(record.limits, record.settings, async () => {
        return answers.shift() ?? { fits: null, moves: [] };
      });
      state = parseState(record.state, `the start in ${place(at)}`);
      continue;
    }
    if (maker === null || state === null) throw notALog(at, 'comes before a record of a start');
    if (record.kind === 'end') {
      maker = null;
      continue;
    }
    answers = [...record.decision.reallocations];
    const { observation, withdrawal } = record;
    const again: Decided =
      withdrawal === null ? await maker.decide(state, observation) : maker.withdrawAll(state, observation, withdrawal);
    state = again.state;
    const isEqual =
      JSON.stringify(again.decision) === JSON.stringify(record.decision) &&
      sha256(JSON.stringify(state)) === record.stateHash;
    if (!isEqual) report.differences.push(at);
    report.tickCount++;
    report.changeCount += again.decision.changes.length;
  }
  if (at === 0) throw new EgressoError('FORMAT_INVALID', 'there is no whole record of an audit log');
  return { ...report, follows };
}

function parseRecord(line: string): AuditRecord | null {
  try {
    const record: unknown = JSON.parse(line);
    const isRecord = typeof record === 'object' && record !== null && 'kind' in record && 'previous' in record;
    return isRecord && KINDS.includes(record.kind) ? (record as AuditRecord) : null;
  } catch {
    return null;
  }
}
