/** `egresso withdraw` and `egresso watchdog`: plain BGP again, on demand or when the manager is gone. */
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import { EgressoError } from '../errors.ts';
import { readText } from '../formats/input.ts';
import type { ManagerConfig } from '../manager/config.ts';
import { managerFiles } from './manager-files.ts';
import { formatSeconds } from './numbers.ts';
import { type Session, write } from './session.ts';

/** Ticks that the manager may miss. */
const MISSED_TICKS = 3;

export function withdrawCommand(session: Session): Command {
  return new Command('withdraw')
    .description('Take every override out of BGP, at once, and pause the manager.')
    .argument('<config>', 'configuration of run')
    .option('--data <dir>', 'that of run', process.env.EGRESSO_DATA ?? 'egresso-data')
    .action((path: string, { data }: { readonly data: string }) => withdrawAndPause(path, data, session));
}

async function withdrawAndPause(path: string, data: string, session: Session): Promise<void> {
  const config = await readConfig(path);
  // First, so that no tick puts back what is withdrawn. Without the folder there is no manager that announces from it.
  const { pause } = managerFiles(data);
  const isPaused = existsSync(data);
  if (isPaused) {
    const { PauseFile } = await import('../manager/pause-switch.ts');
    new PauseFile(pause).position = 'withdrawn';
  }
  await withdrawAll(config);
  const paused = `The manager is paused: POST /v1/manager/resume, or delete ${pause}.\n`;
  await write(session.stderr, `All overrides are withdrawn.\n${isPaused ? paused : ''}`);
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
  const { loadState } = await import('../manager/state-file.ts');
  const interrupted = new AbortController();
  const listening = session.onInterrupt(() => interrupted.abort());
  const startedMs = Date.now();
  let isWithdrawn = false;
  try {
    while (!interrupted.signal.aborted) {
      // Every tick is kept there before it is announced. A manager that was never seen has had its time since the start.
      const lastMs = Math.max(loadState(managerFiles(data).state).atMs, startedMs);
      const silentMs = Date.now() - lastMs;
      if (silentMs <= MISSED_TICKS * config.tickMs) isWithdrawn = false;
      else if (!isWithdrawn) {
        isWithdrawn = await withdrawAll(config).then(
          () => true,
          () => false,
        );
        const outcome = isWithdrawn ? 'all overrides are withdrawn' : 'GoBGP does not answer';
        await write(session.stderr, `No tick for ${formatSeconds(silentMs)}: ${outcome}.\n`);
      }
      await delay(config.tickMs / 2, undefined, { signal: interrupted.signal }).catch(() => {});
    }
  } finally {
    listening[Symbol.dispose]();
  }
}

async function readConfig(path: string): Promise<ManagerConfig> {
  const { parseManagerConfig } = await import('../manager/config.ts');
  const config = parseManagerConfig(await readText(path), path);
  if (config.gobgp === undefined) throw new EgressoError('USAGE', `${path} has no gobgp: nothing was ever announced`);
  return config;
}

async function withdrawAll(config: ManagerConfig): Promise<void> {
  const { gobgpAnnouncer } = await import('../manager/announcer/gobgp-announcer.ts');
  const announcer = gobgpAnnouncer(config);
  try {
    await announcer.withdrawAll();
  } finally {
    await announcer[Symbol.asyncDispose]();
  }
}
