/** Makes every decision of an audit log again, and compares bit for bit. */
import { EgressoError } from '../../errors.ts';
import { type Decided, DecisionMaker } from '../decision/decide.ts';
import type { Reallocation } from '../decision/reallocator.ts';
import type { ManagerState } from '../decision/state.ts';
import { type AuditRecord, NO_RECORD, sha256 } from './record.ts';

export interface ReplayReport {
  readonly tickCount: number;
  readonly changeCount: number;
  /** Lines, from 1, whose decision or state comes out otherwise. */
  readonly differences: readonly number[];
}

/**
 * `lines` of a log, in order. The optimizer's answers are those of the log: what a clock ended would come out otherwise.
 * Errors: FORMAT_INVALID for lines that are no records, or that do not follow upon each other.
 */
export async function replayAudit(lines: AsyncIterable<string> | Iterable<string>): Promise<ReplayReport> {
  let previous = NO_RECORD;
  let at = 0;
  let maker: DecisionMaker | null = null;
  let state: ManagerState | null = null;
  let answers: Reallocation[] = [];
  const report = { tickCount: 0, changeCount: 0, differences: [] as number[] };
  for await (const line of lines) {
    at++;
    const record = parseRecord(line, at);
    if (record.previous !== previous) throw notALog(at, 'does not follow upon the record before');
    previous = sha256(line);
    if (record.kind === 'start') {
      if (record.version !== 1) throw notALog(at, `is of version ${String(record.version)}, not 1`);
      maker = new DecisionMaker(record.limits, record.settings, async () => {
        return answers.shift() ?? { fits: null, moves: [] };
      });
      state = record.state;
      continue;
    }
    if (maker === null || state === null) throw notALog(at, 'comes before a record of a start');
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
  return report;
}

function parseRecord(line: string, at: number): AuditRecord {
  try {
    const record: unknown = JSON.parse(line);
    const isRecord = typeof record === 'object' && record !== null && 'kind' in record && 'previous' in record;
    if (isRecord && (record.kind === 'start' || record.kind === 'tick')) return record as AuditRecord;
  } catch {
    // Told below.
  }
  throw notALog(at, 'is no record of an audit log');
}

function notALog(at: number, what: string): EgressoError {
  return new EgressoError('FORMAT_INVALID', `line ${at} ${what}`, [{ pointer: `/${at - 1}`, message: what }]);
}
