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
import { Chooser } from './choice.ts';
import { withTraffic } from './classes/traffic-watch.ts';
import type { ChangeReason, Decision } from './decision.ts';
import { expectedLoads, measuredLoads } from './expected-loads.ts';
import { freeze } from './freeze.ts';
import { finite, isMeasuredSince, type Observation } from './observation.ts';
import { apply, type Changed, renewLeases, withdraw, withdrawAll } from './overrides.ts';
import { Permission } from './permission.ts';
import { plainPoint } from './plain-choice.ts';
import { type TelemetryFault, telemetryFaults } from './plausibility.ts';
import { believedPart, concernsAll, isToQuarantined, nextQuarantine, stranded } from './quarantine.ts';
import type { Reallocator } from './reallocator.ts';
import { underLimits } from './reconfiguration.ts';
import { homeless, unsafeOverrides } from './safety.ts';
import type { DecisionSettings, PointLimits } from './settings.ts';
import { shiftBetween } from './shift.ts';
import type { ManagerState, Override } from './state.ts';
import { decisionOf, type TickOutcome } from './summary.ts';
import { verify, verifyReleases } from './verification.ts';
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

  async decide(last: ManagerState, seen: Observation): Promise<Decided> {
    const measured = finite(seen);
    const before = this.#resumed(last, measured);
    const faults = telemetryFaults(before, measured, this.#limits, this.#settings);
    const observation = calibrated(measured, this.#settings);
    const unsafe = unsafeOverrides(before, observation, this.#permission, this.#settings);
    // A tick from the past does not turn the clock back.
    const now = { ...observation, atMs: Math.max(before.atMs, observation.atMs) };
    const safe = withdraw(before, now, unsafe, this.#settings);
    const outcome = concernsAll(faults, this.#limits)
      ? freeze(safe, observation, faults, this.#settings)
      : await this.#act(safe, observation, faults);
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
    const { state, changes } = outcome;
    if (changes.length === 0) return { state, decision };
    const baseline = expectedLoads(state.baseline, changes, observation);
    const shift = shiftBetween(state.baseline, baseline, this.#limits, observation.atMs);
    return { state: { ...state, baseline, shift }, decision };
  }

  /** After a gap (a pause, a process that stood still) what was seen before it counts no more, and nothing is expected by it. */
  #resumed(last: ManagerState, { atMs }: Observation): ManagerState {
    const state = underLimits(last, this.#limits);
    const hasGap = last.tick > 0 && atMs - last.atMs > this.#settings.staleMs;
    return hasGap ? { ...state, soundTicks: 0, windows: {}, baseline: {}, shift: null } : state;
  }

  /** `faults`: of points by themselves. */
  async #act(safe: Changed, observation: Observation, faults: readonly TelemetryFault[]): Promise<TickOutcome> {
    const settings = this.#settings;
    const quarantine = nextQuarantine(safe.state.quarantine, faults, settings);
    const scoped = { ...safe.state, quarantine, overrides: withPlainChoice(safe.state.overrides, observation) };
    const ended = new Map([...homeless(scoped, this.#limits), ...stranded(scoped, settings)]);
    const left = withdraw(scoped, observation, ended, settings);
    const verified = verify(left.state, observation, this.#limits, settings);
    // Also while recovering: a process that takes over keeps what it finds in force.
    const checked = verifyReleases(verified.state, observation, this.#limits, settings);
    const told = { faults, stuck: checked.stuck };
    const sound = renewLeases(this.#sound(checked.state, observation, faults), settings);
    const forced = [...safe.changes, ...left.changes, ...verified.changes];
    if (sound.soundTicks < settings.recoverTicks) {
      return { state: sound, activity: 'recovering', changes: forced, ...told };
    }
    // What was withdrawn now is not where it was measured.
    const isPending = sound.overrides.some((one) => one.phase === 'pending' && !isToQuarantined(one, sound.quarantine));
    if (forced.length > 0 || isPending || !this.#isSettled(sound, observation)) {
      return { state: sound, activity: 'verifying', changes: forced, ...told };
    }
    const believed = believedPart(observation, sound.quarantine);
    const learned = withTraffic(sound, believed, this.#permission, settings);
    const { state, changes, asked } = await this.#chooser.choose(learned, believed);
    const activity = changes.length > 0 ? 'acting' : 'watching';
    return { state: apply(state, changes, observation.atMs, settings), activity, changes, asked, ...told };
  }

  #sound(state: ManagerState, observation: Observation, faults: readonly TelemetryFault[]): ManagerState {
    return {
      ...state,
      tick: state.tick + 1,
      atMs: observation.atMs,
      frozenTicks: 0,
      soundTicks: state.soundTicks + 1,
      baseline: measuredLoads(state, observation, faults, this.#settings),
      windows: nextWindows(state, observation, this.#limits, this.#settings),
    };
  }

  /** Whether every point that is believed was measured after the last change. */
  #isSettled({ quarantine, changedAtMs }: ManagerState, { points }: Observation): boolean {
    return points.every(
      (one) => quarantine[one.point] !== undefined || isMeasuredSince(one, changedAtMs, this.#settings),
    );
  }
}

/** Plain BGP may have changed since a prefix was moved. */
function withPlainChoice(overrides: readonly Override[], { prefixes }: Observation): Override[] {
  const readings = new Map(prefixes.map((reading) => [reading.prefix, reading]));
  return overrides.map((one) => ({ ...one, plain: plainPoint(readings.get(one.prefix)?.learned ?? []) }));
}
