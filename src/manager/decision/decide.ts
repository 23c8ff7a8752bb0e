/**
 * One tick of the decision maker (claims 9, 25 to 30): from a state and an observation to the next state and a decision.
 *
 * No clock, no randomness, no I/O: equal arguments, and equal answers of the optimizer, give equal bytes. In every tick:
 *
 * - at most `maxChanges` prefixes are moved or released; withdrawals for safety are not limited;
 * - a prefix is moved or released only `holdDownMs`, doubled for each failure, after its last change of any kind;
 * - a move goes to a point where the prefix is learned and which it does not fill beyond a watermark, over all moves together;
 * - while moves wait to be verified, and in a tick that withdraws, nothing else is moved;
 * - overrides have leases, which only ticks with believable telemetry renew.
 */
import { candidates } from './candidates.ts';
import type { Activity, Change, ChangeReason, Decision } from './decision.ts';
import { withChanges, withoutFailures } from './holds.ts';
import { Ledger } from './ledger.ts';
import { acceptedMoves } from './moves.ts';
import { finite, type Observation, totalVolume } from './observation.ts';
import { proposeOptimum } from './optimization.ts';
import { Permission } from './permission.ts';
import { type TelemetryFault, telemetryFaults } from './plausibility.ts';
import type { Reallocation, Reallocator } from './reallocator.ts';
import { releases } from './release.ts';
import { proposeRelief } from './relief.ts';
import { unsafeOverrides } from './safety.ts';
import type { DecisionSettings, PointLimits } from './settings.ts';
import type { ManagerState, Override } from './state.ts';
import { hasFollowed } from './verification.ts';
import { isOver, nextWindows } from './watermarks.ts';

/** Share of the smallest capacity below which the volume of a prefix proves nothing. */
const NEGLIGIBLE_SHARE = 1e-4;

export interface Decided {
  readonly state: ManagerState;
  readonly decision: Decision;
}

export class DecisionMaker {
  readonly #limits: readonly PointLimits[];
  readonly #settings: DecisionSettings;
  readonly #permission: Permission;
  readonly #reallocate: Reallocator;

  /** `limits` sorted by id. */
  constructor(limits: readonly PointLimits[], settings: DecisionSettings, reallocate: Reallocator) {
    this.#limits = limits;
    this.#settings = settings;
    this.#permission = new Permission(settings);
    this.#reallocate = reallocate;
  }

  async decide(before: ManagerState, seen: Observation): Promise<Decided> {
    const observation = finite(seen);
    const settings = this.#settings;
    const faults = telemetryFaults(before, observation, this.#limits, settings);
    const unsafe = unsafeOverrides(before, observation, this.#permission);
    const safe = this.#withdraw(before, observation, unsafe);
    if (faults.length > 0) return this.#freeze(safe.state, observation, faults, safe.changes);

    const verified = this.#verify(safe.state, observation);
    const state: ManagerState = {
      ...verified.state,
      tick: before.tick + 1,
      atMs: observation.atMs,
      frozenTicks: 0,
      soundTicks: before.soundTicks + 1,
      baseline: Object.fromEntries(observation.points.map(({ point, load }) => [point, load ?? 0])),
      windows: nextWindows(before.windows, observation, this.#limits, settings),
    };
    const forced = [...safe.changes, ...verified.changes];
    if (state.soundTicks < settings.recoverTicks) return this.#decided(state, observation, 'recovering', forced);
    const renewed = renewLeases(state, settings);
    // What was withdrawn now is not where it was measured.
    if (forced.length > 0 || renewed.overrides.some(({ phase }) => phase === 'pending')) {
      return this.#decided(renewed, observation, 'verifying', forced);
    }
    const { changes, asked, isOptimized } = await this.#choose(renewed, observation);
    const changed = this.#apply(renewed, changes, observation.atMs);
    const next = isOptimized ? { ...changed, optimizedAtMs: observation.atMs } : changed;
    const activity = changes.length > 0 ? 'acting' : 'watching';
    return this.#decided(next, observation, activity, [...forced, ...changes], [], asked);
  }

  /** Takes every override back. */
  withdrawAll(before: ManagerState, seen: Observation, reason: ChangeReason): Decided {
    const observation = finite(seen);
    const all = new Map(before.overrides.map(({ prefix }) => [prefix, reason]));
    const { state, changes } = this.#withdraw(before, observation, all);
    return this.#decided(
      { ...state, tick: before.tick + 1, atMs: observation.atMs },
      observation,
      'withdrawn',
      changes,
    );
  }

  async #choose(
    state: ManagerState,
    observation: Observation,
  ): Promise<{ changes: Change[]; asked: readonly Reallocation[]; isOptimized: boolean }> {
    const settings = this.#settings;
    const limits = this.#limits;
    const overridesLeft = settings.maxOverrides - state.overrides.length;
    const all = candidates(state, observation, this.#permission, settings);
    // With no room for another override, those that there are may still go elsewhere.
    const movable = overridesLeft > 0 ? all : all.filter(({ override }) => override !== null);
    const changesLeft = overridesLeft > 0 ? Math.min(settings.maxChanges, overridesLeft) : settings.maxChanges;
    const ledger = new Ledger(observation, limits, settings.confidence);
    const over = new Set(limits.filter(({ id }) => isOver(state.windows[id], settings)).map(({ id }) => id));
    const isDue = state.optimizedAtMs === null || observation.atMs - state.optimizedAtMs >= settings.optimizeEveryMs;
    if (over.size > 0 && changesLeft > 0) {
      const excess = ledger.excess;
      const proposal = await proposeRelief(movable, over, ledger, limits, settings, changesLeft, this.#reallocate);
      const rules = { mark: proposal.mark, reason: 'relieve', changesLeft, closed: over } as const;
      const changes = acceptedMoves(proposal.moves, movable, ledger, rules);
      const isWorthIt = excess - ledger.excess >= settings.minimumGain * excess && ledger.excess < excess;
      return { changes: isWorthIt ? changes : [], asked: proposal.asked, isOptimized: false };
    }
    if (settings.mode === 'optimize' && isDue && changesLeft > 0) {
      const proposal = await proposeOptimum(movable, ledger, limits, settings, changesLeft, this.#reallocate);
      const rules = { mark: proposal.mark, reason: 'optimize', changesLeft, closed: over } as const;
      const changes = acceptedMoves(proposal.moves, movable, ledger, rules);
      return { changes, asked: proposal.asked, isOptimized: true };
    }
    return {
      changes: releases(all, state.windows, ledger, settings, settings.maxChanges),
      asked: [],
      isOptimized: false,
    };
  }

  #freeze(
    before: ManagerState,
    observation: Observation,
    faults: readonly TelemetryFault[],
    forced: readonly Change[],
  ): Decided {
    const frozenTicks = before.frozenTicks + 1;
    // A tick from the past does not turn the clock back.
    const atMs = Math.max(before.atMs, observation.atMs);
    const frozen: ManagerState = { ...before, tick: before.tick + 1, atMs, frozenTicks, soundTicks: 0, windows: {} };
    if (frozenTicks < this.#settings.withdrawAfterTicks) {
      return this.#decided(frozen, observation, 'frozen', forced, faults);
    }
    const all = new Map<string, ChangeReason>(frozen.overrides.map(({ prefix }) => [prefix, 'telemetry']));
    const { state, changes } = this.#withdraw(frozen, { ...observation, atMs }, all);
    return this.#decided(state, observation, 'withdrawn', [...forced, ...changes], faults);
  }

  #verify(state: ManagerState, observation: Observation): { state: ManagerState; changes: Change[] } {
    const readings = new Map(observation.prefixes.map((reading) => [reading.prefix, reading]));
    const negligible = NEGLIGIBLE_SHARE * Math.min(...this.#limits.map(({ capacity }) => capacity));
    const done: string[] = [];
    const late = new Map<string, ChangeReason>();
    // Those that were verified before are looked at too: a network that stops to follow is one that did not.
    const overrides = state.overrides.map((override): Override => {
      if (hasFollowed(override, readings.get(override.prefix), negligible)) {
        if (override.phase === 'pending') done.push(override.prefix);
        return { ...override, phase: 'verified', pendingTicks: 0 };
      }
      const pendingTicks = override.pendingTicks + 1;
      if (pendingTicks >= this.#settings.verifyTicks) late.set(override.prefix, 'not-verified');
      return { ...override, phase: 'pending', pendingTicks };
    });
    const verified = { ...state, overrides, history: withoutFailures(state.history, done) };
    return this.#withdraw(verified, observation, late);
  }

  #withdraw(
    state: ManagerState,
    { atMs, prefixes }: Observation,
    reasons: ReadonlyMap<string, ChangeReason>,
  ): { state: ManagerState; changes: Change[] } {
    if (reasons.size === 0) return { state, changes: [] };
    const readings = new Map(prefixes.map((reading) => [reading.prefix, reading]));
    const changes = state.overrides.flatMap(({ prefix, from, to }): Change[] => {
      const reason = reasons.get(prefix);
      const reading = readings.get(prefix);
      const volume = reading === undefined ? 0 : totalVolume(reading);
      return reason === undefined ? [] : [{ prefix, action: 'withdraw', from: to, to: from, volume, reason }];
    });
    const failed = changes.map(({ prefix, reason }) => ({ prefix, isFailure: reason === 'not-verified' }));
    const overrides = state.overrides.filter(({ prefix }) => !reasons.has(prefix));
    return {
      state: { ...state, overrides, history: withChanges(state.history, failed, atMs, this.#settings) },
      changes,
    };
  }

  #apply(state: ManagerState, changes: readonly Change[], atMs: number): ManagerState {
    if (changes.length === 0) return state;
    const overrides = new Map(state.overrides.map((one) => [one.prefix, one]));
    for (const { prefix, action, from, to, reason } of changes) {
      const before = overrides.get(prefix);
      if (action === 'release') overrides.delete(prefix);
      else {
        overrides.set(prefix, {
          prefix,
          from: before?.from ?? from,
          to,
          reason: reason === 'optimize' ? 'optimize' : 'relieve',
          sinceMs: atMs,
          leaseUntilMs: atMs + this.#settings.leaseMs,
          phase: 'pending',
          pendingTicks: 0,
        });
      }
    }
    const noted = changes.map(({ prefix }) => ({ prefix, isFailure: false }));
    const sorted = [...overrides.values()].sort((a, b) => (a.prefix < b.prefix ? -1 : 1));
    return { ...state, overrides: sorted, history: withChanges(state.history, noted, atMs, this.#settings) };
  }

  #decided(
    state: ManagerState,
    { points }: Observation,
    activity: Activity,
    changes: readonly Change[],
    faults: readonly TelemetryFault[] = [],
    reallocations: readonly Reallocation[] = [],
  ): Decided {
    const loads = new Map(points.map(({ point, load }) => [point, load]));
    const decision: Decision = {
      tick: state.tick,
      atMs: state.atMs,
      activity,
      faults,
      points: this.#limits.map(({ id, high, low, capacity }) => ({
        point: id,
        load: loads.get(id) ?? null,
        high,
        low,
        capacity,
        isOver: isOver(state.windows[id], this.#settings),
      })),
      changes: [...changes].sort((a, b) => (a.prefix < b.prefix ? -1 : 1)),
      overrideCount: state.overrides.length,
      reallocations,
    };
    return { state, decision };
  }
}

function renewLeases(state: ManagerState, { leaseMs }: DecisionSettings): ManagerState {
  const leaseUntilMs = state.atMs + leaseMs;
  return { ...state, overrides: state.overrides.map((one) => ({ ...one, leaseUntilMs })) };
}
