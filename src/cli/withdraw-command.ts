/** `egresso withdraw` and `egresso watchdog`: plain BGP again, on demand or when the manager is gone. */
import { existsSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import { EgressoError } from '../errors.ts';
import { readText } from '../formats/input.ts';
import type { Announcer } from '../manager/announcer/announcer.ts';
import type { GobgpOwner } from '../manager/announcer/gobgp-announcer.ts';
import type { ManagerConfig } from '../manager/config.ts';
import type { ManagerState } from '../manager/decision/state.ts';
import { beat } from '../manager/heartbeat.ts';
import { isManagerFolder, type ManagerFiles, managerFiles } from '../manager/manager-files.ts';
import { formatSeconds } from './numbers.ts';
import { pausedReport } from './paused-report.ts';
import { type Session, write } from './session.ts';

/** Ticks that the manager may miss. */
const MISSED_TICKS = 3;
/** A tick is heard of so much of a tick late at most. */
const LOOK_TICKS = 0.05;
/** Where the daemon does not answer it is asked again after so many. */
const RETRY_TICKS = 0.5;
/** While it is gone: what comes back (a daemon that was stopped, an old process) is taken out again after so many. */
const RECHECK_TICKS = 10;
/** What a tick had under way when the switch was turned is there by then. */
const UNDER_WAY_MS = 1000;

export function withdrawCommand(session: Session): Command {
  return new Command('withdraw')
    .description('Take every override out of BGP, at once, and pause the manager.')
    .argument('<config>', 'configuration of run')
    .option('--data <dir>', 'that of run', process.env.EGRESSO_DATA ?? 'egresso-data')
    .action((path: string, { data }: { readonly data: string }) => withdrawAndPause(path, data, session));
}

async function withdrawAndPause(path: string, data: string, session: Session): Promise<void> {
  const config = await readConfig(path);
  const files = managerFiles(data);
  const isManaged = isManagerFolder(data);
  // First, so that no tick puts back what is withdrawn.
  const fault = isManaged ? await pause(files) : null;
  // Of others too: whoever gives this command wants plain BGP.
  const owner = { ...(await ownerOf(files)), scope: 'all' } as const;
  await withAnnouncer(config, owner, async (announcer) => {
    await announcer.withdrawAll(await announcedPrefixes(files));
    await delay(UNDER_WAY_MS);
    await announcer.keep(new Set());
  });
  await write(session.stderr, 'All overrides are withdrawn.\n');
  if (fault !== null) throw fault;
  if (!isManaged) {
    const reason = existsSync(data) ? `no manager has kept anything in ${data}` : `there is no folder ${data}`;
    const advice = `a manager that runs puts its own back at its next tick: name its folder with --data`;
    throw new EgressoError('USAGE', `${reason}, so that no manager is paused; ${advice}`);
  }
  await write(session.stderr, pausedReport(files));
}

/** Why the manager could not be paused, or null. */
async function pause(files: ManagerFiles): Promise<unknown> {
  const { PauseFile } = await import('../manager/pause-switch.ts');
  try {
    new PauseFile(files.pause).position = 'withdrawn';
    return null;
  } catch (error) {
    return error;
  }
}

export function watchdogCommand(session: Session): Command {
  return new Command('watchdog')
    .description('Take every override out of BGP when the manager has missed three ticks. Runs beside it.')
    .argument('<config>', 'configuration of run')
    .option('--data <dir>', 'that of run', process.env.EGRESSO_DATA ?? 'egresso-data')
    .action((path: string, { data }: { readonly data: string }) => watch(path, data, session));
}

async function watch(path: string, data: string, session: Session): Promise<void> {
  const config = await readConfig(path);
  const files = managerFiles(data);
  const interrupted = new AbortController();
  const listening = session.onInterrupt(() => interrupted.abort());
  await loadBefore();
  // On a clock that no one sets: what counts is that the file changes. Every tick is kept before it is announced.
  let [lastKept, heardAt] = ['', performance.now()];
  let dueAt = heardAt + MISSED_TICKS * config.tickMs;
  // One for as long as the manager is gone: the table is large, and read whole once.
  let announcer: Announcer | null = null;
  try {
    while (!interrupted.signal.aborted) {
      beat(files.watchdog);
      const kept = versionOf(files.state);
      const now = performance.now();
      if (kept !== lastKept) {
        [lastKept, heardAt, dueAt] = [kept, now, now + MISSED_TICKS * config.tickMs];
        announcer = await closed(announcer);
      }
      if (now > dueAt) {
        announcer ??= await openAnnouncer(config, await ownerOf(files));
        const isWithdrawn = await withdrawAll(announcer, files);
        if (!isWithdrawn) announcer = await closed(announcer);
        dueAt = now + (isWithdrawn ? RECHECK_TICKS : RETRY_TICKS) * config.tickMs;
        const outcome = isWithdrawn ? 'all overrides are withdrawn' : 'GoBGP does not answer';
        // Nobody may read it; that is no reason to end.
        await write(session.stderr, `No tick for ${formatSeconds(now - heardAt)}: ${outcome}.\n`).catch(() => {});
      }
      const waitMs = Math.min(LOOK_TICKS * config.tickMs, Math.max(0, dueAt - performance.now()));
      await delay(waitMs, undefined, { signal: interrupted.signal }).catch(() => {});
    }
  } finally {
    listening[Symbol.dispose]();
    await closed(announcer);
  }
}

/** What a withdrawal runs, while there is time: a busy machine takes a second to load it. */
async function loadBefore(): Promise<void> {
  await Promise.all([
    import('../manager/announcer/gobgp-announcer.ts'),
    import('../manager/instance.ts'),
    import('../manager/state-file.ts'),
  ]);
}

/** It would try again by itself what failed, also when the manager is there again. */
async function closed(announcer: Announcer | null): Promise<null> {
  await announcer?.[Symbol.asyncDispose]();
  return null;
}

/** Equal for what has not been written since, and for all that cannot be looked at. */
function versionOf(path: string): string {
  try {
    const { mtimeMs, ino } = statSync(path);
    return `${mtimeMs} ${ino}`;
  } catch {
    return '';
  }
}

async function withdrawAll(announcer: Announcer, files: ManagerFiles): Promise<boolean> {
  try {
    await announcer.withdrawAll(await announcedPrefixes(files));
    return true;
  } catch {
    return false;
  }
}

/** A state that cannot be read is one of which nothing is known. */
async function lastState(files: ManagerFiles): Promise<ManagerState> {
  const [{ loadState }, { INITIAL_STATE }] = await Promise.all([
    import('../manager/state-file.ts'),
    import('../manager/decision/state.ts'),
  ]);
  try {
    return loadState(files.state);
  } catch {
    return INITIAL_STATE;
  }
}

async function announcedPrefixes(files: ManagerFiles): Promise<string[]> {
  const { overrides } = await lastState(files);
  return overrides.map(({ prefix }) => prefix);
}

async function readConfig(path: string): Promise<ManagerConfig> {
  const { parseManagerConfig } = await import('../manager/config.ts');
  const config = parseManagerConfig(await readText(path), path);
  if (config.gobgp === undefined) throw new EgressoError('USAGE', `${path} has no gobgp: nothing was ever announced`);
  return config;
}

async function withAnnouncer(
  config: ManagerConfig,
  owner: GobgpOwner,
  work: (announcer: Announcer) => Promise<void>,
): Promise<void> {
  const announcer = await openAnnouncer(config, owner);
  try {
    await work(announcer);
  } finally {
    await announcer[Symbol.asyncDispose]();
  }
}

/** One that withdraws only. */
async function openAnnouncer(config: ManagerConfig, owner: GobgpOwner): Promise<Announcer> {
  const { gobgpAnnouncer } = await import('../manager/announcer/gobgp-announcer.ts');
  return gobgpAnnouncer(config, owner, () => false);
}

/** Whose paths are those of the folder. One whose mark cannot be read may have announced whatever is there. */
async function ownerOf({ instance }: ManagerFiles): Promise<GobgpOwner> {
  const { loadInstance, UNMARKED } = await import('../manager/instance.ts');
  try {
    return { instance: loadInstance(instance) ?? UNMARKED, scope: 'own' };
  } catch {
    return { instance: UNMARKED, scope: 'all' };
  }
}
