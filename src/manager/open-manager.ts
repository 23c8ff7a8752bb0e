/** From a configuration to a manager that runs: which collectors, which announcer, which clock. */
import { isAbsolute, join } from 'node:path';
import { EgressoError } from '../errors.ts';
import { type Announcer, DRY_RUN } from './announcer/announcer.ts';
import { AuditFile } from './audit/audit-file.ts';
import type { AuditRecorder } from './audit/recorder.ts';
import type { Collectors, RouteCollector } from './collectors/collector.ts';
import { type Recording, readRecording } from './collectors/recording.ts';
import { replayCollectors } from './collectors/replay.ts';
import { type ManagerConfig, UNITS } from './config.ts';
import { DecisionMaker } from './decision/decide.ts';
import { COMPARED_SHARE } from './decision/plausibility.ts';
import { pointLimits } from './decision/settings.ts';
import { INITIAL_STATE } from './decision/state.ts';
import { FolderLock } from './folder-lock.ts';
import type { GobgpClient } from './gobgp/client.ts';
import { hasBeaten } from './heartbeat.ts';
import { drawInstance, keepInstance } from './instance.ts';
import { ManagedRun } from './managed-run.ts';
import { Manager } from './manager.ts';
import type { ManagerFiles } from './manager-files.ts';
import { Observer } from './observer.ts';
import { PauseFile, type PauseSwitch } from './pause-switch.ts';
import { recordedTicks, restMs } from './recorded-ticks.ts';
import { BudgetedSolver } from './solver/budgeted-solver.ts';
import { SolverThread } from './solver/solver-thread.ts';
import { loadState, saveState } from './state-file.ts';

export interface RunOptions {
  /** Folder that relative paths of the configuration are in. */
  readonly folder: string;
  /** Paths of what is kept; null for nothing. */
  readonly files: ManagerFiles | null;
  readonly isAnnouncing: boolean;
}

/** It looks many times in each, unless it is waiting for gobgpd. */
const WATCHDOG_TICKS = 2;
const NO_AUDIT: AuditRecorder = { append: () => {} };

/**
 * Errors: those of files; USAGE where a recording should be announced; WORKER_DIED where no solver starts; SERVICE_UNAVAILABLE
 * where a source cannot be reached, or another manager has the folder.
 */
export async function openManager(config: ManagerConfig, options: RunOptions): Promise<ManagedRun> {
  const { folder, files, isAnnouncing } = options;
  if (isAnnouncing && config.gobgp === undefined) throw new EgressoError('USAGE', '--announce needs gobgp');
  if (isAnnouncing && config.replay !== undefined) throw new EgressoError('USAGE', 'a recording cannot be announced');
  const inFolder = (path: string): string => (isAbsolute(path) ? path : join(folder, path));
  const limits = pointLimits(config.points, config.decision);
  const points = limits.map(({ id }) => id);
  const recording = config.replay === undefined ? null : await readRecording(inFolder(config.replay), points);
  const stack = new AsyncDisposableStack();
  try {
    const thread = stack.use(new SolverThread());
    // Beside all that follows.
    void thread.load();
    const isSimulated = recording !== null || !isAnnouncing;
    if (files !== null) stack.use(new FolderLock(files.lock));
    // A dry run neither turns the switch of a manager that announces, nor leaves it a state.
    const kept = isSimulated ? null : files;
    const instance = isAnnouncing ? markOf(kept?.instance) : null;
    const client = config.gobgp === undefined ? null : stack.use(await openClient(config.gobgp.address));
    const collectors = await openCollectors(config, points, recording, inFolder, client, instance);
    for (const collector of Object.values(collectors)) stack.use(collector);
    const pauseSwitch: PauseSwitch = kept === null ? { position: 'running' } : new PauseFile(kept.pause);
    const mayAnnounce = (): boolean => pauseSwitch.position === 'running';
    const announcer =
      instance === null ? DRY_RUN : await openAnnouncer(config, instance, mayAnnounce, client, collectors.routes);
    stack.use(announcer);
    const audit = files === null ? NO_AUDIT : stack.use(openAudit(files.audit, config));
    if (!(await thread.load())) throw new EgressoError('WORKER_DIED', 'the thread of the solver cannot be started');
    const settings = config.decision;
    const solver = new BudgetedSolver(thread, {
      limitMs: config.solveLimitMs,
      // A recording waits.
      budgetMs: config.solveBudgetMs ?? (recording === null ? config.tickMs / 2 : Number.POSITIVE_INFINITY),
    });
    const manager = new Manager({
      observer: new Observer(collectors, {
        points,
        bitsPerUnit: UNITS[config.unit],
        timeConstantMs: config.timeConstantMs,
        samplingRates: points.map((id) => samplingRateAt(config, id)),
        idleLoads: limits.map(({ capacity }) => COMPARED_SHARE * capacity),
        mostLoads: limits.map(({ capacity }) => settings.maxUtilization * capacity),
        flowLagMs: settings.flowLagMs,
        prefixCount: config.prefixCount,
      }),
      maker: new DecisionMaker(limits, settings, solver.reallocate),
      solver,
      settings,
      limits,
      audit,
      announcer,
      pauseSwitch,
      isSimulated,
      state: kept === null ? INITIAL_STATE : loadState(kept.state),
      save: (state) => {
        if (kept !== null) saveState(kept.state, state);
      },
    });
    const isWatched = (): boolean => files !== null && hasBeaten(files.watchdog, WATCHDOG_TICKS * config.tickMs);
    const recorded = recording === null ? null : recordedTicks(recording.moments, config.tickMs, restMs(settings));
    return new ManagedRun(manager, config.tickMs, recorded, isSimulated, stack.move(), isWatched);
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

function openAudit(path: string, { auditLimit, auditKeep }: ManagerConfig): AuditFile {
  return new AuditFile(path, { limit: auditLimit, keep: auditKeep ?? null });
}

function samplingRateAt({ points, samplingRate }: ManagerConfig, id: string): number {
  return points.find((point) => point.id === id)?.samplingRate ?? samplingRate;
}

/** One channel for all that is asked of gobgpd. Loaded here: a recording needs neither gRPC nor SNMP. */
async function openClient(address: string): Promise<GobgpClient> {
  const { GobgpClient } = await import('./gobgp/client.ts');
  return new GobgpClient(address);
}

async function openCollectors(
  config: ManagerConfig,
  points: readonly string[],
  recording: Recording | null,
  inFolder: (path: string) => string,
  client: GobgpClient | null,
  instance: number | null,
): Promise<Collectors> {
  if (recording !== null) return replayCollectors(recording, points, UNITS[config.unit]);
  const { liveCollectors } = await import('./collectors/live.ts');
  return liveCollectors(config, points, inFolder, client, instance);
}

/** Of what is announced; kept in the folder where there is one. */
function markOf(path: string | undefined): number {
  return path === undefined ? drawInstance() : keepInstance(path);
}

/** What the table held of a process before is known once the collector has read it: it is read once for both. */
async function openAnnouncer(
  config: ManagerConfig,
  instance: number,
  mayAnnounce: () => boolean,
  client: GobgpClient | null,
  routes: RouteCollector,
): Promise<Announcer> {
  const { gobgpAnnouncer } = await import('./announcer/gobgp-announcer.ts');
  const announcer = gobgpAnnouncer(config, { instance, scope: 'own' }, mayAnnounce, client ?? undefined);
  routes.onOwn((prefixes) => announcer.found(prefixes));
  return announcer;
}
