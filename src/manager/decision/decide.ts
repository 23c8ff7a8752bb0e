/**
 * One tick of the decision maker (claims 9, 25 to 30): from a state and an observation to the next state and a decision.
 *
 * No clock, no randomness, no I/O: equal arguments, and equal answers of the optimizer, give equal bytes. In every tick:
 *
 * - at most `maxChanges` prefixes are moved or released; withdrawals for safety are not limited;
 * - a prefix is moved or released only `holdDownMs`, doubled for each failure, after its last change of any kind;
 * - a move goes to a point where the prefix is learned and which it does not fill beyond a watermark, over all moves together;
 * - while moves wait to be verified, in a tick that withdraws, and until every counter has measured an interval that began after the
 *   last change, nothing else is moved;
 * - overrides have leases, which only ticks with believable telemetry renew.
 */
import { calibrated } from './calibration.ts';
import { measuredPrefixes } from './candidates.ts';
import { Chooser } from './choice.ts';
import { remembered } from './classes/learning.ts';
import { profileOf } from './classes/profile.ts';
import { NO_MEMORY } from './classes/traffic-memory.ts';
import type { ChangeReason, Decision } from './decision.ts';
import { expectedLoads } from './expected-loads.ts';
import { finite, isMeasuredSince, type Observation } from './observation.ts';
import { apply, type Changed, renewLeases, withdraw, withdrawAll } from './overrides.ts';
import { Permission } from './permission.ts';
import { type TelemetryFault, telemetryFaults } from './plausibility.ts';
import type { Reallocator } from './reallocator.ts';
import { unsafeOverrides } from './safety.ts';
import type { DecisionSettings, PointLimits } from './settings.ts';
import type { ManagerState } from './state.ts';
import { decisionOf, type TickOutcome } from './summary.ts';
import { verify } from './verification.ts';
import { nextWindows } from './watermarks.ts';

export interface Decided {
  readonly state: ManagerState;
  readonly decision: Decision;
}

export class DecisionMaker {
  readonly #limits: readonly PointLimits[];
  readonly #settings: DecisionSettings;
  readonly #permission: Permission;
  readonly #chooser: Chooser;

  /** `limits` sorted by id. */
  constructor(limits: readonly PointLimits[], settings: DecisionSettings, reallocate: Reallocator) {
    this.#limits = limits;
    this.#settings = settings;
    this.#permission = new Permission(settings);
    this.#chooser = new Chooser(limits, settings, this.#permission, reallocate);
  }

  async decide(before: ManagerState, seen: Observation): Promise<Decided> {
    const measured = finite(seen);
    const faults = telemetryFaults(before, measured, this.#limits, this.#settings);
    const observation = calibrated(measured, this.#settings);
    const unsafe = unsafeOverrides(before, observation, this.#permission, this.#settings);
    // A tick from the past does not turn the clock back.
    const now = { ...observation, atMs: Math.max(before.atMs, observation.atMs) };
    const safe = withdraw(before, now, unsafe, this.#settings);
    const outcome = faults.length > 0 ? this.#freeze(safe, observation, faults) : await this.#act(safe, observation);
    return this.#decided(outcome, observation);
  }

  /** Takes every override back. */
  withdrawAll(before: ManagerState, seen: Observation, reason: ChangeReason): Decided {
    const observation = finite(seen);
    const withdrawn = withdrawAll(before, observation, reason, this.#settings);
    const state = { ...withdrawn.state, tick: before.tick + 1, atMs: observation.atMs };
    return this.#decided({ state, activity: 'withdrawn', changes: withdrawn.changes }, observation);
  }

  #decided(outcome: TickOutcome, observation: Observation): Decided {
    const decision = decisionOf(outcome, observation, this.#limits, this.#settings);
    const baseline = expectedLoads(outcome.state.baseline, outcome.changes, observation);
    return { state: { ...outcome.state, baseline }, decision };
  }

  #freeze(safe: Changed, observation: Observation, faults: readonly TelemetryFault[]): TickOutcome {
    const before = safe.state;
    const frozenTicks = before.frozenTicks + 1;
    // A tick from the past does not turn the clock back, unless it stays there: then nothing is left that rests on the time before.
    const isWithdrawing = frozenTicks >= this.#settings.withdrawAfterTicks;
    const atMs = isWithdrawing ? observation.atMs : Math.max(before.atMs, observation.atMs);
    const frozen: ManagerState = { ...before, tick: before.tick + 1, atMs, frozenTicks, soundTicks: 0, windows: {} };
    if (!isWithdrawing) return { state: frozen, activity: 'frozen', changes: safe.changes, faults };
    const withdrawn = withdrawAll(asOf(frozen, atMs), observation, 'telemetry', this.#settings);
    const changes = [...safe.changes, ...withdrawn.changes];
    return { state: withdrawn.state, activity: 'withdrawn', changes, faults };
  }

  async #act(safe: Changed, observation: Observation): Promise<TickOutcome> {
    const settings = this.#settings;
    const verified = verify(safe.state, observation, this.#limits, settings);
    const sound = this.#sound(verified.state, observation);
    const forced = [...safe.changes, ...verified.changes];
    if (sound.soundTicks < settings.recoverTicks) return { state: sound, activity: 'recovering', changes: forced };
    const renewed = renewLeases(sound, settings);
    const isSettled = observation.points.every((one) => isMeasuredSince(one, renewed.changedAtMs, settings));
    // What was withdrawn now is not where it was measured.
    if (forced.length > 0 || !isSettled || renewed.overrides.some(({ phase }) => phase === 'pending')) {
      return { state: renewed, activity: 'verifying', changes: forced };
    }
    const { state, changes, asked } = await this.#chooser.choose(this.#learn(renewed, observation), observation);
    const activity = changes.length > 0 ? 'acting' : 'watching';
    return { state: apply(state, changes, observation.atMs, settings), activity, changes, asked };
  }

  #sound(state: ManagerState, observation: Observation): ManagerState {
    const { baseline, changedAtMs } = state;
    const loads = observation.points.map((one) => {
      const isExpected = one.point in baseline && !isMeasuredSince(one, changedAtMs, this.#settings);
      return [one.point, isExpected ? baseline[one.point] : (one.load ?? 0)] as const;
    });
    return {
      ...state,
      tick: state.tick + 1,
      atMs: observation.atMs,
      frozenTicks: 0,
      soundTicks: state.soundTicks + 1,
      baseline: Object.fromEntries(loads),
      windows: nextWindows(state, observation, this.#limits, this.#settings),
    };
  }

  /** Traffic classes are for plans of the whole; while something moves, patterns are not what they seem. */
  #learn(state: ManagerState, observation: Observation): ManagerState {
    const settings = this.#settings;
    if (settings.mode !== 'optimize') return state;
    const measured = measuredPrefixes(state, observation, this.#permission);
    const profile = profileOf(measured, observation, settings.classPrefixCount);
    return { ...state, traffic: remembered(state.traffic ?? NO_MEMORY, profile, observation.atMs, settings) };
  }
}

/** Nothing was done after `atMs`: what was is as of then, so that hold-downs last as long as they should at most. */
function asOf(state: ManagerState, atMs: number): ManagerState {
  const { changedAtMs, optimizedAtMs } = state;
  return {
    ...state,
    changedAtMs: changedAtMs === null ? null : Math.min(changedAtMs, atMs),
    history: Object.fromEntries(
      Object.entries(state.history).map(([prefix, past]) => [
        prefix,
        { ...past, changedAtMs: Math.min(past.changedAtMs, atMs) },
      ]),
    ),
    optimizedAtMs: optimizedAtMs === null ? null : Math.min(optimizedAtMs, atMs),
  };
}
