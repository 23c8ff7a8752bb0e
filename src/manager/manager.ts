/** The loop: one tick is FIG. 6, observe, decide, log, announce. The clock and everything that acts are passed in. */
import { type AnnouncedPath, type Announcer, desiredPaths } from './announcer/announcer.ts';
import { sha256 } from './audit/record.ts';
import type { AuditRecorder } from './audit/recorder.ts';
import { withOverrides } from './counterfactual.ts';
import type { DecisionMaker } from './decision/decide.ts';
import type { ChangeReason, Decision } from './decision/decision.ts';
import type { Observation } from './decision/observation.ts';
import type { DecisionSettings, PointLimits } from './decision/settings.ts';
import type { ManagerState } from './decision/state.ts';
import type { Observer, TelemetryCounts } from './observer.ts';
import type { PauseSwitch } from './pause-switch.ts';

export interface ManagerParts {
  readonly observer: Pick<Observer, 'observe' | 'isLearned' | 'onLoss' | 'counts'>;
  readonly maker: DecisionMaker;
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

export interface TickResult {
  readonly decision: Decision;
  readonly state: ManagerState;
  /** As measured, before loads are recomputed. */
  readonly measured: Observation;
  readonly telemetry: TelemetryCounts;
}

export class Manager {
  readonly #parts: ManagerParts;
  #state: ManagerState;
  #isStopped = false;
  #pending: Promise<unknown> = Promise.resolve();
  #announced: readonly AnnouncedPath[] = [];
  #isSecuring = false;

  constructor(parts: ManagerParts) {
    this.#parts = parts;
    this.#state = parts.state;
    const { settings, limits, state } = parts;
    parts.audit.append({ kind: 'start', version: 1, settings, limits, state });
    parts.observer.onLoss(() => void this.#secure());
  }

  get state(): ManagerState {
    return this.#state;
  }

  get isPaused(): boolean {
    return this.#isStopped || this.#parts.pauseSwitch.position !== 'running';
  }

  /** Ticks are not decided until `resume`; overrides end with their leases. */
  pause(): void {
    const { pauseSwitch } = this.#parts;
    if (pauseSwitch.position === 'running') pauseSwitch.position = 'paused';
  }

  resume(): void {
    this.#parts.pauseSwitch.position = 'running';
  }

  /** Null while paused. One tick at a time: calls wait for each other. */
  tick(atMs: number): Promise<TickResult | null> {
    return this.#inTurn(async () => {
      if (!this.isPaused) return this.#run(atMs, null);
      // Somebody else has turned the switch, maybe while no manager was there.
      const isToWithdraw = !this.#isStopped && this.#parts.pauseSwitch.position === 'withdrawn';
      return isToWithdraw && this.#state.overrides.length > 0 ? this.#takeBack(atMs) : null;
    });
  }

  /** The kill switch: takes everything back, without waiting for telemetry to be believed, and pauses. */
  withdrawAll(atMs: number): Promise<TickResult> {
    this.#parts.pauseSwitch.position = 'withdrawn';
    return this.#inTurn(() => this.#takeBack(atMs));
  }

  async #takeBack(atMs: number): Promise<TickResult> {
    await this.#parts.announcer.withdrawAll();
    return this.#run(atMs, 'operator');
  }

  /** The end: nothing renews leases from now on, so that nothing is left announced. */
  stop(): Promise<void> {
    this.#isStopped = true;
    return this.#inTurn(() => {
      this.#announced = [];
      return this.#parts.announcer.withdrawAll();
    });
  }

  async #run(atMs: number, withdrawal: ChangeReason | null): Promise<TickResult> {
    const { observer, maker, audit, announcer, isSimulated, save } = this.#parts;
    const overridden = this.#state.overrides.map(({ prefix }) => prefix);
    const measured = await observer.observe(atMs, overridden);
    const observation = isSimulated ? withOverrides(measured, this.#state.overrides) : measured;
    const { state, decision } =
      withdrawal === null
        ? await maker.decide(this.#state, observation)
        : maker.withdrawAll(this.#state, observation, withdrawal);
    audit.append({ kind: 'tick', observation, withdrawal, decision, stateHash: sha256(JSON.stringify(state)) });
    this.#state = state;
    save(state);
    this.#announced = desiredPaths(state.overrides, observation);
    // The switch may have been turned while it was decided.
    if (withdrawal !== null || !this.isPaused) await announcer.apply(this.#announced);
    return { decision, state, measured, telemetry: observer.counts };
  }

  /** Between two ticks: what rests on a route that is gone is withdrawn at once. The next tick decides, and logs it. */
  async #secure(): Promise<void> {
    // Routes go in crowds; one look at the end of the crowd is enough.
    if (this.#isSecuring || this.#announced.length === 0) return;
    this.#isSecuring = true;
    await this.#inTurn(async () => {
      this.#isSecuring = false;
      const { observer, announcer } = this.#parts;
      const kept = this.#announced.filter(({ prefix, point }) => observer.isLearned(prefix, point));
      if (kept.length === this.#announced.length) return;
      this.#announced = kept;
      await announcer.apply(kept);
    }).catch(() => {});
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#pending.then(work, work);
    this.#pending = turn.catch(() => {});
    return turn;
  }
}
