/** `egresso replay`: makes the decisions of an audit log again. */
import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { closedFiles } from '../manager/audit/closed-files.ts';
import { isFolder, LogFiles } from '../manager/audit/log-files.ts';
import { replayAudit } from '../manager/audit/replay.ts';
import { managerFiles } from '../manager/manager-files.ts';
import { formatCount } from './numbers.ts';
import { type Session, write } from './session.ts';

/** Exit code of a log that does not come out again. */
const EXIT_DIFFERENT = 3;

export function replayCommand(session: Session): Command {
  return new Command('replay')
    .description('Make every decision of an audit log again, and compare bit for bit.')
    .argument('<log...>', 'audit log of run: its --data folder, or files of it in their order')
    .option('--json', 'print the report as JSON')
    .action((paths: string[], flags: { readonly json?: true }) => replay(paths, flags.json === true, session));
}

async function replay(paths: readonly string[], json: boolean, session: Session): Promise<void> {
  const files = new LogFiles(paths.flatMap((path) => (isFolder(path) ? filesOf(path) : [path])));
  const report = await replayAudit(files.lines(), (at) => files.place(at));
  const { tickCount, changeCount, differences, follows } = report;
  if (differences.length > 0) session.exitCode = EXIT_DIFFERENT;
  const places = differences.map((at) => files.place(at));
  const equal = tickCount === 0 ? 'nothing to make again' : 'all come out again, bit for bit';
  const outcome = differences.length === 0 ? equal : `${places.join(', ')} come out otherwise`;
  const cutOff = files.cutOff === null ? null : files.place(files.cutOff);
  const before = follows === null ? '' : `Files before are left out: this one follows upon record ${follows}.\n`;
  const text = `${formatCount(tickCount, 'decision')} with ${formatCount(changeCount, 'change')}: ${outcome}\n${before}`;
  await write(session.stdout, json ? `${JSON.stringify({ ...report, places, cutOff })}\n` : text);
  if (cutOff !== null) await write(session.stderr, `The last record, ${cutOff}, was cut off: it was never acted on.\n`);
}

/** Those that are closed, and the one that is written. */
function filesOf(folder: string): string[] {
  const { audit } = managerFiles(folder);
  const closed = closedFiles(audit).map(({ path }) => path);
  return closed.length > 0 && !existsSync(audit) ? closed : [...closed, audit];
}
