/** `egresso run`: the egress traffic manager. Without `--announce` it only says what it would do. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { EgressoError } from '../errors.ts';
import { readText } from '../formats/input.ts';
import type { KeySet } from '../http/access/key-set.ts';
import type { ManagerApi } from '../manager/api/server.ts';
import type { RunTotals } from '../manager/managed-run.ts';
import type { TickResult } from '../manager/manager.ts';
import { managerFiles } from '../manager/manager-files.ts';
import { faultReport } from './fault-report.ts';
import { readKeys } from './key-file.ts';
import { LiveOutput } from './live-output.ts';
import { formatCount, formatPercent } from './numbers.ts';
import { pausedReport } from './paused-report.ts';
import { endLine, RunTable, tickLine } from './run-table.ts';
import { EXIT_INTERRUPTED, type Session, write } from './session.ts';

const NOT_WATCHED =
  'No watchdog is there: if this process is killed, its overrides stay in BGP. Start egresso watchdog beside it.\n';

interface RunFlags {
  readonly data?: string;
  readonly announce?: true;
  readonly json?: true;
}

export function runCommand(session: Session): Command {
  return new Command('run')
    .description('Watch a network and keep its egress traffic balanced. Without --announce nothing is changed.')
    .argument('<config>', 'configuration (YAML or JSON), see docs/manager.md')
    .option('--data <dir>', 'where audit log and state are kept (default: nowhere, or egresso-data with --announce)')
    .option('--announce', 'act: put overrides into BGP')
    .option('--json', 'a line of JSON for each tick, on a terminal too')
    .action((path: string, flags: RunFlags) => runManager(path, flags, session));
}

async function runManager(path: string, flags: RunFlags, session: Session): Promise<void> {
  // Loaded here: no other command needs the manager.
  const [{ parseManagerConfig }, { openManager }, { apiGate, startApi }] = await Promise.all([
    import('../manager/config.ts'),
    import('../manager/open-manager.ts'),
    import('../manager/api/server.ts'),
  ]);
  const config = parseManagerConfig(await readText(path), path);
  const folder = join(path, '..');
  // Before anything is opened: a fault of the configuration changes nothing.
  const gate = config.api === undefined ? null : await apiGate(config.api.host, await apiKeys(config.api, folder));
  const data = flags.data ?? (flags.announce ? (process.env.EGRESSO_DATA ?? 'egresso-data') : null);
  if (data !== null) mkdirSync(data, { recursive: true });
  const files = data === null ? null : managerFiles(data);
  const run = await openManager(config, { folder, files, isAnnouncing: flags.announce === true });
  if (flags.announce && !run.isWatched()) await write(session.stderr, NOT_WATCHED);
  if (files !== null && run.manager.isPaused) await write(session.stderr, pausedReport(files));
  const interrupted = Promise.withResolvers<void>();
  const undone = flags.announce ? leftUndone(path, data, flags.json === true) : '';
  const listening = session.onInterrupt(() => interrupted.resolve(), undone);
  const isTerminal = session.stdout.isTTY === true && !flags.json;
  const table = isTerminal ? new RunTable(config.unit, flags.announce === true) : null;
  const shown = (result: TickResult): string => (table === null ? tickLine(result) : table.frame(result));
  const live = new LiveOutput(session.stdout);
  let api: ManagerApi | null = null;
  let takenBack: TickResult | null = null;
  try {
    if (config.api !== undefined && gate !== null) {
      api = await startApi(run, config.api, gate);
      await write(session.stderr, `egresso listens on ${api.url}\n`);
    }
    run.onIdle((tick) => {
      live.offer(() => (table === null ? `${JSON.stringify(tick)}\n` : table.idleFrame(tick)));
    });
    for await (const result of run.ticks(interrupted.promise)) {
      // A recording waits for whoever reads it; a network does not.
      if (run.isLive) live.offer(() => shown(result));
      else await write(session.stdout, shown(result));
    }
  } finally {
    await api?.[Symbol.asyncDispose]();
    // An interrupt that comes now does not cut off what is being withdrawn.
    takenBack = await run.end();
    listening[Symbol.dispose]();
  }
  if (run.wasInterrupted) {
    session.exitCode = EXIT_INTERRUPTED;
    const withdrawnCount = takenBack?.decision.changes.length ?? 0;
    const last = takenBack === null ? '' : shown(takenBack);
    await live.finish(table === null ? `${last}${endLine(withdrawnCount, run.totals)}` : last);
    const outcome = flags.announce ? `${formatCount(withdrawnCount, 'override')} withdrawn` : 'nothing was announced';
    await write(session.stderr, `Interrupted: ${outcome}.\n`);
  }
  await write(session.stderr, summary(run.totals));
}

/** Of a second interrupt, while the first one takes out what is announced. */
function leftUndone(path: string, data: string | null, json: boolean): string {
  const advice = `egresso withdraw ${path}${data === null ? '' : ` --data ${data}`} takes them out`;
  const fault = new EgressoError('INTERRUPTED', `ended at once: overrides may be left in BGP; ${advice}`);
  return faultReport(fault, { json, debug: false });
}

/** Those of the file that the configuration names, else of the environment. */
function apiKeys({ keys }: { readonly keys?: string }, folder: string): Promise<KeySet | undefined> {
  return readKeys(keys === undefined ? undefined : resolve(folder, keys), process.env.EGRESSO_KEYS);
}

function summary({ tickCount, moveCount, releaseCount, withdrawalCount, over, peak }: RunTotals): string {
  const changes = `${formatCount(moveCount, 'move')}, ${formatCount(releaseCount, 'release')}, ${formatCount(withdrawalCount, 'withdrawal')}`;
  const ticks = `${formatCount(tickCount, 'tick')}: ${changes}.\n`;
  const without = `Without moves: over a watermark in ${formatCount(over.without, 'tick')}, peak ${formatPercent(peak.without)}.\n`;
  const withMoves = `With them:     over a watermark in ${formatCount(over.with, 'tick')}, peak ${formatPercent(peak.with)}.\n`;
  return over.isSimulated ? `${ticks}${without}${withMoves}` : ticks;
}
