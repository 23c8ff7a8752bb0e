/** The loop: one tick is FIG. 6, observe, decide, log, announce. The clock and everything that acts are passed in. */
import { EgressoError } from '../errors.ts';
import { type AnnouncedPath, type Announcer, desiredPaths } from './announcer/announcer.ts';
import { type StartRecord, sha256 } from './audit/record.ts';
import type { AuditRecorder } from './audit/recorder.ts';
import type { RoutesStatus } from './collectors/collector.ts';
import { withOverrides } from './counterfactual.ts';
import type { Decided, DecisionMaker } from './decision/decide.ts';
import type { ChangeReason, Decision } from './decision/decision.ts';
import { type Observation, UNSEEN } from './decision/observation.ts';
import type { DecisionSettings, PointLimits } from './decision/settings.ts';
import type { ManagerState } from './decision/state.ts';
import type { Observer, TelemetryCounts } from './observer.ts';
import type { PauseSwitch } from './pause-switch.ts';
import type { BudgetedSolver } from './solver/budgeted-solver.ts';
import { within } from './within.ts';

export interface ManagerParts {
  readonly observer: Pick<Observer, 'observe' | 'isLearned' | 'onLoss' | 'counts' | 'routes'>;
  readonly maker: DecisionMaker;
  /** What the maker asks. */
  readonly solver: Pick<BudgetedSolver, 'startTick' | 'lostCount'>;
  readonly settings: DecisionSettings;
  readonly limits: readonly PointLimits[];
  readonly audit: AuditRecorder;
  readonly announcer: Announcer;
  readonly pauseSwitch: PauseSwitch;
  /** Nothing follows what is decided: loads are recomputed under our own moves. */
  readonly isSimulated: boolean;
  /** Where the last process left off. */
  readonly state: ManagerState;
  /** Keeps the state for the next process; called before anything is announced. */
  save(state: ManagerState): void;
}

/** Of a tick, for the announcer, which goes on by itself: at its start it reads a whole table. */
const ANNOUNCEMENT_WAIT_MS = 5000;

export interface ManagerCounts extends TelemetryCounts {
  /** Calls of the announcer that failed; they are made up for. */
  readonly failedAnnouncements: number;
  /** Threads of the solver that died, or did not answer in time, and were replaced. */
  readonly lostSolvers: number;
}

export interface TickResult {
  readonly decision: Decision;
  /** As measured, before loads are recomputed. */
  readonly measured: Observation;
  readonly telemetry: ManagerCounts;
}

/** Why nothing is decided: it is paused, or waits for the first table of routes. */
export type IdleReason = 'paused' | 'routes';

export class Manager {
  readonly #parts: ManagerParts;
  #state: ManagerState;
  #isStopped = false;
  /** By `stop`: the daemon may be asked several times to take out what was decided once. */
  #takenBack: TickResult | null = null;
  #pending: Promise<unknown> = Promise.resolve();
  #announced: readonly AnnouncedPath[] = [];
  #isSecuring = false;
  /** Times that everything was taken back: a tick that one has overtaken is dropped, neither logged nor acted on. */
  #withdrawalCount = 0;

  constructor(parts: ManagerParts) {
    this.#parts = parts;
    this.#state = parts.state;
    parts.audit.append(this.#start(), () => this.#start());
    parts.observer.onLoss(() => this.#secureSoon());
  }

  get state(): ManagerState {
    return this.#state;
  }

  get isPaused(): boolean {
    return this.#isStopped || this.#parts.pauseSwitch.position !== 'running';
  }

  get routes(): RoutesStatus {
    return this.#parts.observer.routes;
  }

  get idleReason(): IdleReason | null {
    if (this.isPaused) return 'paused';
    return this.routes.state === 'whole' ? null : 'routes';
  }

  get counts(): ManagerCounts {
    const { observer, announcer, solver } = this.#parts;
    return { ...observer.counts, failedAnnouncements: announcer.failureCount, lostSolvers: solver.lostCount };
  }

  /** Ticks are not decided until `resume`; overrides end with their leases. */
  pause(): void {
    const { pauseSwitch } = this.#parts;
    if (pauseSwitch.position === 'running') pauseSwitch.position = 'paused';
  }

  resume(): void {
    this.#parts.pauseSwitch.position = 'running';
  }

  /** Null where nothing was decided: while paused, or where it was overtaken. One tick at a time: calls wait for each other. */
  tick(atMs: number): Promise<TickResult | null> {
    return this.#inTurn(() => (this.isPaused ? this.#rest(atMs) : this.#run(atMs)));
  }

  /**
   * The kill switch: takes everything back and pauses, at once, whatever a tick is waiting for. Errors: SERVICE_UNAVAILABLE where the
   * daemon does not answer, which is asked again every second; FILE_UNREADABLE where it cannot be noted.
   */
  async withdrawAll(atMs: number): Promise<TickResult> {
    let fault: unknown = null;
    try {
      this.#parts.pauseSwitch.position = 'withdrawn';
    } catch (error) {
      fault = error;
    }
    const { result, done } = this.#takeBack(atMs, 'operator');
    await done;
    if (fault !== null) throw fault;
    return result;
  }

  /**
   * The end: what is announced is taken back, and the state says so. Null where there was no override. Errors: SERVICE_UNAVAILABLE,
   * then it may be called again.
   */
  async stop(atMs: number): Promise<TickResult | null> {
    this.#isStopped = true;
    if (this.#state.overrides.length > 0 && !this.#parts.isSimulated) {
      const { result, done } = this.#takeBack(atMs, 'operator');
      this.#takenBack = result;
      await done;
    } else await this.#withdrawAnnounced();
    return this.#takenBack;
  }

  /** While paused: telemetry is taken in all the same. */
  async #rest(atMs: number): Promise<TickResult | null> {
    if (this.#isStopped) return null;
    const ended = await this.#endLeases(atMs);
    if (ended === null) await this.#parts.observer.observe(atMs, []);
    return ended;
  }

  /** Where nothing is decided, what was announced has its end all the same. */
  async #endLeases(atMs: number): Promise<TickResult | null> {
    const { pauseSwitch } = this.#parts;
    const { overrides } = this.#state;
    // Somebody else has turned the switch, maybe while no manager was there.
    const isToWithdraw = pauseSwitch.position === 'withdrawn' && overrides.length > 0;
    const isOver = overrides.some(({ leaseUntilMs }) => leaseUntilMs <= atMs);
    if (!isToWithdraw && !isOver) return null;
    const { result, done } = this.#takeBack(atMs, isToWithdraw ? 'operator' : 'lease-expired');
    await within(done.catch(goOn), ANNOUNCEMENT_WAIT_MS);
    return result;
  }

  async #run(atMs: number): Promise<TickResult | null> {
    const { observer, maker, solver, announcer, isSimulated } = this.#parts;
    const withdrawalCount = this.#withdrawalCount;
    const { overrides, released = [] } = this.#state;
    const changed = [...overrides, ...released].map(({ prefix }) => prefix);
    const measured = await observer.observe(atMs, changed);
    if (measured === null) return this.#awaitRoutes(atMs);
    const observation = isSimulated ? withOverrides(measured, this.#state.overrides) : measured;
    solver.startTick();
    const decided = await maker.decide(this.#state, observation);
    if (this.isPaused || this.#withdrawalCount !== withdrawalCount) return null;
    this.#note(decided, observation, null);
    const { state, decision } = decided;
    // Routes may have gone since they were looked at.
    this.#announced = desiredPaths(state.overrides, observation).filter((path) => this.#isLearned(path));
    // Nothing is put in by routes that nobody has told in this tick: the daemon may be another one by now.
    const isAdding = decision.activity !== 'frozen' && observation.routesAtMs === atMs;
    const applied = announcer.apply(this.#announced, { atMs, isAdding });
    await within(applied, ANNOUNCEMENT_WAIT_MS);
    return { decision, measured, telemetry: this.counts };
  }

  /** The first table is being read: what a process before has announced stays, until its leases end, and the watchdog hears of us. */
  async #awaitRoutes(atMs: number): Promise<TickResult | null> {
    if (this.isPaused) return null;
    const ended = await this.#endLeases(atMs);
    if (ended === null) this.#parts.save(this.#state);
    return ended;
  }

  /** Told and noted at once; `done` when the daemon has said so. */
  #takeBack(atMs: number, reason: ChangeReason): { readonly result: TickResult; readonly done: Promise<void> } {
    const done = this.#withdrawAnnounced();
    // Where it cannot be noted either, nobody waits for it.
    done.catch(() => {});
    const observation = { ...UNSEEN, atMs };
    const decided = this.#parts.maker.withdrawAll(this.#state, observation, reason);
    this.#note(decided, observation, reason);
    return { result: { decision: decided.decision, measured: observation, telemetry: this.counts }, done };
  }

  #withdrawAnnounced(): Promise<void> {
    this.#withdrawalCount++;
    this.#announced = [];
    return this.#parts.announcer.withdrawAll(this.#state.overrides.map(({ prefix }) => prefix));
  }

  /** How things stand, for whoever makes the decisions again from here. */
  #start(): StartRecord {
    const { settings, limits } = this.#parts;
    return { kind: 'start', version: 1, settings, limits, state: this.#state };
  }

  /** On disk, before it is acted on. */
  #note({ state, decision }: Decided, observation: Observation, withdrawal: ChangeReason | null): void {
    const { audit, save } = this.#parts;
    const stateHash = sha256(JSON.stringify(state));
    audit.append({ kind: 'tick', observation, withdrawal, decision, stateHash }, () => this.#start());
    this.#state = state;
    save(state);
  }

  /** Routes go in crowds; one look at the end of the crowd is enough. */
  #secureSoon(): void {
    if (this.#isSecuring || this.#announced.length === 0) return;
    this.#isSecuring = true;
    setImmediate(() => {
      this.#isSecuring = false;
      this.#secure();
    });
  }

  /** Between two ticks, and while one waits: what rests on a route that is gone is withdrawn. The next tick decides, and logs it. */
  #secure(): void {
    const kept = this.#announced.filter((path) => this.#isLearned(path));
    if (kept.length === this.#announced.length) return;
    this.#announced = kept;
    this.#parts.announcer.keep(new Set(kept.map(({ prefix }) => prefix))).catch(() => {});
  }

  #isLearned({ prefix, point, nextHop }: AnnouncedPath): boolean {
    return this.#parts.observer.isLearned(prefix, point, nextHop);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#pending.then(work, work);
    this.#pending = turn.catch(() => {});
    return turn;
  }
}

/** The announcer tries again by itself what a daemon did not take. */
function goOn(error: unknown): void {
  if (!(error instanceof EgressoError)) throw error;
}
