/**
 * What a tick must, and must not, do: kept beside the decision maker, from what it saw and what it decided, by rules of its own.
 * Nothing of the decision maker is used here but the shapes of its data, so that a fault of it is not a fault of the referee.
 */
import { expect } from 'vitest';
import type { Change, Decision } from '../../../../src/manager/decision/decision.ts';
import type { Observation, PrefixReading } from '../../../../src/manager/decision/observation.ts';
import type { DecisionSettings, PointLimits } from '../../../../src/manager/decision/settings.ts';
import type { ManagerState, Override } from '../../../../src/manager/decision/state.ts';
import { TICK_MS } from '../../simulation.ts';
import { canRelieve, type Movable, Sums } from './exhaustion.ts';
import type { Sight } from './network.ts';

interface Closed {
  readonly faulty: number;
  readonly sound: number;
}

interface Following {
  readonly isVerified: boolean;
  readonly lateTicks: number;
}

export class Referee {
  readonly #settings: DecisionSettings;
  readonly #limits: readonly PointLimits[];
  readonly #isHonest: boolean;
  #soundTicks = 0;
  #frozenTicks = 0;
  readonly #closed = new Map<string, Closed>();
  /** By point, 1 above the high watermark: of every tick, and of those with a new sample alone. Both readings of M of N are allowed. */
  readonly #marks = new Map<string, { every: number[]; fresh: number[]; measuredAtMs: number }>();
  readonly #changedAtMs = new Map<string, number>();
  readonly #failures = new Map<string, number>();
  readonly #following = new Map<string, Following>();
  readonly #leaseUntilMs = new Map<string, number>();

  /** `isHonest`: the optimizer is, so that what can be done has to be done. */
  constructor(settings: DecisionSettings, limits: readonly PointLimits[], isHonest: boolean) {
    this.#settings = settings;
    this.#limits = limits;
    this.#isHonest = isHonest;
  }

  check(before: ManagerState, sight: Sight, decision: Decision, after: ManagerState): void {
    const { observation } = sight;
    const { atMs } = observation;
    const faulty = this.#faulty(sight, decision);
    const chosen = decision.changes.filter(({ action }) => action !== 'withdraw');
    const withdrawn = new Set(decision.changes.filter(({ action }) => action === 'withdraw').map((one) => one.prefix));
    this.#checkLimits(chosen, after, observation);
    const unsafe = before.overrides.filter((one) => isUnsafe(one, observation, this.#leaseUntilMs.get(one.prefix)!));
    const left = before.overrides.filter((one) => !unsafe.includes(one));
    let isFree = false;
    if (faulty === 'all') {
      this.#frozenTicks++;
      this.#soundTicks = 0;
      this.#marks.clear();
      const isLong = this.#frozenTicks >= this.#settings.withdrawAfterTicks;
      expectSame(withdrawn, isLong ? before.overrides : unsafe);
      expect(chosen).toEqual([]);
    } else {
      this.#frozenTicks = 0;
      this.#soundTicks++;
      this.#close(faulty);
      this.#mark(observation);
      const stranded = left.filter(
        ({ to }) => (this.#closed.get(to)?.faulty ?? 0) >= this.#settings.withdrawAfterTicks,
      );
      const late = this.#follow(
        left.filter((one) => !stranded.includes(one)),
        observation,
      );
      expectSame(withdrawn, [...unsafe, ...stranded, ...late]);
      for (const { prefix } of late) this.#failures.set(prefix, (this.#failures.get(prefix) ?? 0) + 1);
      const isPending = left.some(
        ({ prefix, to }) => !this.#closed.has(to) && !withdrawn.has(prefix) && !this.#following.get(prefix)!.isVerified,
      );
      isFree = this.#soundTicks >= this.#settings.recoverTicks && withdrawn.size === 0 && !isPending;
      if (!isFree) expect(chosen.length).toBe(0);
      else this.#checkChoice(before, observation, chosen);
    }
    this.#remember(decision.changes, after, atMs, faulty !== 'all');
  }

  #faulty({ wrong, isNoisy }: Sight, { faults }: Decision): ReadonlySet<string> | 'all' {
    const told = new Set(faults.map(({ subject }) => subject));
    // What is right is not called wrong.
    const believable = (subject: string): boolean => !wrong.has(subject) && !wrong.has('all');
    if (!isNoisy && told.size > 0) expect([...told].filter(believable)).toEqual([]);
    const points = new Set(this.#limits.map(({ id }) => id));
    const all = new Set([...wrong, ...told]);
    const isOfAll = [...all].some((subject) => !points.has(subject)) || 2 * all.size >= points.size;
    return all.size > 0 && isOfAll ? 'all' : all;
  }

  #checkLimits(chosen: readonly Change[], { overrides }: ManagerState, { atMs, prefixes }: Observation): void {
    const settings = this.#settings;
    expect(chosen.length).toBeLessThanOrEqual(settings.maxChanges);
    expect(overrides.length).toBeLessThanOrEqual(settings.maxOverrides);
    for (const { prefix } of chosen) {
      expect(atMs - (this.#changedAtMs.get(prefix) ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(
        this.#holdMs(prefix),
      );
    }
    for (const { prefix, to } of overrides) {
      const reading = prefixes.find((one) => one.prefix === prefix);
      expect(reading?.learned.some(({ point }) => point === to)).toBe(true);
    }
  }

  #holdMs(prefix: string): number {
    const { holdDownMs, backoffLimit } = this.#settings;
    return holdDownMs * 2 ** Math.min(this.#failures.get(prefix) ?? 0, backoffLimit);
  }

  #close(faulty: ReadonlySet<string>): void {
    for (const { id } of this.#limits) {
      const { faulty: faultyTicks, sound } = this.#closed.get(id) ?? { faulty: 0, sound: 0 };
      if (faulty.has(id)) this.#closed.set(id, { faulty: faultyTicks + 1, sound: 0 });
      else if (sound + 1 >= this.#settings.recoverTicks) this.#closed.delete(id);
      else if (this.#closed.has(id)) this.#closed.set(id, { faulty: 0, sound: sound + 1 });
    }
  }

  #mark({ points }: Observation): void {
    for (const { id, high } of this.#limits) {
      const { load = null, measuredAtMs = null } = points.find(({ point }) => point === id) ?? {};
      if (this.#closed.has(id) || load === null || measuredAtMs === null) {
        this.#marks.delete(id);
        continue;
      }
      const marks = this.#marks.get(id) ?? { every: [], fresh: [], measuredAtMs: -1 };
      const push = (to: readonly number[]): number[] => [...to, load > high ? 1 : 0].slice(-this.#settings.ofTicks);
      const fresh = measuredAtMs > marks.measuredAtMs ? push(marks.fresh) : marks.fresh;
      this.#marks.set(id, { every: push(marks.every), fresh, measuredAtMs });
    }
  }

  /** Those that were not followed for too long. */
  #follow(overrides: readonly Override[], { prefixes }: Observation): Override[] {
    return overrides.filter((override) => {
      const { prefix, to } = override;
      if (this.#closed.has(to)) return false;
      const { isVerified, lateTicks } = this.#following.get(prefix) ?? { isVerified: false, lateTicks: 0 };
      if (isFollowed(override, prefixes.find((one) => one.prefix === prefix)!)) {
        if (!isVerified) this.#failures.delete(prefix);
        this.#following.set(prefix, { isVerified: true, lateTicks: 0 });
        return false;
      }
      this.#following.set(prefix, { isVerified: false, lateTicks: lateTicks + 1 });
      return lateTicks + 1 >= this.#settings.verifyTicks;
    });
  }

  #checkChoice(before: ManagerState, observation: Observation, chosen: readonly Change[]): void {
    const sums = new Sums(observation, this.#settings.confidence);
    const settled = new Sums(observation, this.#settings.confidence);
    for (const { prefix, to, from } of chosen) {
      const reading = observation.prefixes.find((one) => one.prefix === prefix)!;
      for (const { point } of reading.volumes) expect(this.#closed.has(point)).toBe(false);
      expect(this.#closed.has(to)).toBe(false);
      expect(mainPoint(reading)).toBe(from);
      settled.move(reading, to);
    }
    const limits = new Map(this.#limits.map((limit) => [limit.id, limit]));
    for (const { to, from, reason } of chosen) {
      const { low, high } = limits.get(to)!;
      expect(settled.load(to)).toBeLessThanOrEqual((reason === 'relieve' ? high : low) * (1 + 1e-9));
      if (reason === 'relieve') expect(this.#isOver(from, 'some')).toBe(true);
      if (reason === 'load-fell') expect(this.#isQuiet(to, 'some')).toBe(true);
      // Nothing goes where something is to be relieved.
      expect(this.#isOver(to, 'all')).toBe(false);
    }
    if (!this.#isHonest) return;
    this.#checkLeast(observation, chosen, settled);
    // What repeated samples count for is left open.
    const isClear = this.#limits.every(
      ({ id }) =>
        this.#isOver(id, 'some') === this.#isOver(id, 'all') && this.#isQuiet(id, 'some') === this.#isQuiet(id, 'all'),
    );
    if (isClear) this.#checkDone(before, observation, chosen, sums, settled);
  }

  /** No prefix leaves a point beyond what brings it to its low mark. */
  #checkLeast({ prefixes }: Observation, chosen: readonly Change[], settled: Sums): void {
    for (const { id, low } of this.#limits) {
      const left = chosen
        .filter(({ from, reason }) => from === id && reason === 'relieve')
        .map(({ prefix }) => volumeAt(prefixes.find((one) => one.prefix === prefix)!, id));
      if (left.length > 0) expect(settled.load(id) + Math.min(...left)).toBeGreaterThan(low * (1 - 1e-9));
    }
  }

  /** What could be done was done: nothing stays above its mark, and nothing stays away from home, that need not. */
  #checkDone(
    { overrides }: ManagerState,
    { atMs, prefixes }: Observation,
    chosen: readonly Change[],
    sums: Sums,
    settled: Sums,
  ): void {
    const { maxChanges, maxOverrides, mode } = this.#settings;
    const overridesLeft = maxOverrides - overrides.length;
    const changesLeft = overridesLeft > 0 ? Math.min(maxChanges, overridesLeft) : maxChanges;
    const over = this.#limits.filter(({ id }) => this.#isOver(id, 'all'));
    const isOver = (point: string): boolean => over.some(({ id }) => id === point);
    const free = prefixes.flatMap((reading): Movable[] => {
      const { prefix, volumes, learned } = reading;
      const current = mainPoint(reading);
      const override = overrides.find((one) => one.prefix === prefix) ?? null;
      const last = this.#changedAtMs.get(prefix) ?? Number.NEGATIVE_INFINITY;
      const isHeld = atMs - last < this.#holdMs(prefix) + TICK_MS;
      const isOpen = volumes.every(({ point }) => !this.#closed.has(point));
      if (current === null || isHeld || !isOpen) return [];
      const targets = learned
        .map(({ point }) => point)
        .filter((point) => !this.#closed.has(point) && point !== current);
      return [{ reading, current, override, targets }];
    });
    if (changesLeft > 0 && over.length > 0) {
      const movable = free
        .filter(({ override }) => overridesLeft > 0 || override !== null)
        .map((one) => ({ ...one, targets: one.targets.filter((point) => !isOver(point)) }));
      const can = (points: readonly PointLimits[]): boolean =>
        canRelieve(points, movable, sums, this.#limits, changesLeft);
      const stays = over.filter(({ id, high }) => settled.load(id) > high * (1 + 1e-9));
      if (stays.length > 0 && can(over)) expect(stays).toEqual([]);
      if (stays.length === over.length && over.length > 1) for (const one of over) expect(can([one])).toBe(false);
      const helps = ({ reading, current, targets }: Movable): boolean =>
        isOver(current) &&
        volumeAt(reading, current) > 1e-6 &&
        targets.some((to) => sums.load(to) + sums.atMost(reading) <= this.#limits.find(({ id }) => id === to)!.high);
      if (movable.some(helps)) expect(chosen.map(({ reason }) => reason)).toContain('relieve');
    }
    if (mode === 'relieve' && maxChanges > 0 && !chosen.some(({ reason }) => reason === 'relieve')) {
      const isDue = ({ reading, current, override }: Movable): boolean => {
        if (override === null || override.from === current || !this.#isQuiet(override.from, 'all')) return false;
        const low = this.#limits.find(({ id }) => id === override.from)!.low;
        const isLearned = reading.learned.some(({ point }) => point === override.from);
        return isLearned && !this.#closed.has(override.from) && sums.load(override.from) + sums.atMost(reading) <= low;
      };
      if (free.some(isDue)) expect(chosen.map(({ reason }) => reason)).toContain('load-fell');
    }
  }

  /** `of`: by some, or by all, of the ways to count samples that are repeated. */
  #isOver(point: string, of: 'some' | 'all'): boolean {
    const { overTicks } = this.#settings;
    const marks = this.#marks.get(point);
    if (marks === undefined) return false;
    const is = (window: readonly number[]): boolean =>
      window.at(-1) === 1 && window.reduce((sum, one) => sum + one, 0) >= overTicks;
    return of === 'some' ? is(marks.every) || is(marks.fresh) : is(marks.every) && is(marks.fresh);
  }

  #isQuiet(point: string, of: 'some' | 'all'): boolean {
    const marks = this.#marks.get(point);
    if (marks === undefined) return false;
    const is = (window: readonly number[]): boolean =>
      window.length >= this.#settings.ofTicks && window.every((one) => one === 0);
    return of === 'some' ? is(marks.every) || is(marks.fresh) : is(marks.every) && is(marks.fresh);
  }

  #remember(changes: readonly Change[], { overrides }: ManagerState, atMs: number, isBelieved: boolean): void {
    for (const { prefix, action } of changes) {
      this.#changedAtMs.set(prefix, atMs);
      if (action !== 'withdraw') this.#following.delete(prefix);
    }
    const there = prefixesOf(overrides);
    for (const prefix of [...this.#following.keys()]) if (!there.has(prefix)) this.#following.delete(prefix);
    const moved = new Set(changes.filter(({ action }) => action === 'move').map(({ prefix }) => prefix));
    for (const { prefix, to } of overrides) {
      const isRenewed = isBelieved && !this.#closed.has(to);
      if (isRenewed || moved.has(prefix)) this.#leaseUntilMs.set(prefix, atMs + this.#settings.leaseMs);
    }
  }
}

/** Most often both are empty. */
function expectSame(prefixes: ReadonlySet<string>, overrides: readonly Override[]): void {
  if (prefixes.size > 0 || overrides.length > 0) expect(prefixes).toEqual(prefixesOf(overrides));
}

function isUnsafe({ prefix, to }: Override, { prefixes, atMs }: Observation, leaseUntilMs: number): boolean {
  const reading = prefixes.find((one) => one.prefix === prefix);
  return !reading?.learned.some(({ point }) => point === to) || leaseUntilMs <= atMs;
}

function isFollowed({ to }: Override, reading: PrefixReading): boolean {
  const total = reading.volumes.reduce((sum, { volume }) => sum + volume, 0);
  return reading.installed === to && (total <= 0.01 || volumeAt(reading, to) >= 0.5 * total);
}

function mainPoint({ volumes }: PrefixReading): string | null {
  const total = volumes.reduce((sum, { volume }) => sum + volume, 0);
  return volumes.find(({ volume }) => total > 0 && volume >= 0.8 * total)?.point ?? null;
}

function volumeAt({ volumes }: PrefixReading, point: string): number {
  return volumes.find((one) => one.point === point)?.volume ?? 0;
}

function prefixesOf(overrides: readonly { readonly prefix: string }[]): Set<string> {
  return new Set(overrides.map(({ prefix }) => prefix));
}
