/** `egresso replay`: makes the decisions of an audit log again. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Command } from 'commander';
import { EgressoError } from '../errors.ts';
import { replayAudit } from '../manager/audit/replay.ts';
import { formatCount } from './numbers.ts';
import { type Session, write } from './session.ts';

/** Exit code of a log that does not come out again. */
const EXIT_DIFFERENT = 3;

export function replayCommand(session: Session): Command {
  return new Command('replay')
    .description('Make every decision of an audit log again, and compare bit for bit.')
    .argument('<log>', 'audit log of run, audit.jsonl in its --data')
    .option('--json', 'print the report as JSON')
    .action((path: string, flags: { readonly json?: true }) => replay(path, flags.json === true, session));
}

async function replay(path: string, json: boolean, session: Session): Promise<void> {
  const file = createReadStream(path);
  const failed = new Promise<never>((_, reject) => {
    file.once('error', ({ message }) => reject(new EgressoError('FILE_UNREADABLE', message)));
  });
  const report = await Promise.race([replayAudit(createInterface({ input: file })), failed]);
  const { tickCount, changeCount, differences } = report;
  if (differences.length > 0) session.exitCode = EXIT_DIFFERENT;
  const outcome =
    differences.length === 0 ? 'all come out again, bit for bit' : `lines ${differences.join(', ')} come out otherwise`;
  const text = `${formatCount(tickCount, 'decision')} with ${formatCount(changeCount, 'change')}: ${outcome}\n`;
  await write(session.stdout, json ? `${JSON.stringify(report)}\n` : text);
}
