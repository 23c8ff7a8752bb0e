/**
 * What a tick must, and must not, do: kept beside the decision maker, from what it saw and what it decided, by rules of its own.
 * Nothing of the decision maker is used here but the shapes of its data, so that a fault of it is not a fault of the referee.
 */
import { expect } from 'vitest';
import type { Change, Decision } from '../../../../src/manager/decision/decision.ts';
import type { Observation, PointReading } from '../../../../src/manager/decision/observation.ts';
import type { TelemetryFault } from '../../../../src/manager/decision/plausibility.ts';
import type { DecisionSettings, PointLimits } from '../../../../src/manager/decision/settings.ts';
import type { ManagerState, Override } from '../../../../src/manager/decision/state.ts';
import { TICK_MS } from '../../simulation.ts';
import { canRelieve, type Movable, Sums } from './exhaustion.ts';
import { FollowedOverrides } from './followed-overrides.ts';
import { LoadBook } from './load-book.ts';
import type { Sight } from './network.ts';
import { PointMarks } from './point-marks.ts';
import { calibrated, mainPoint, volumeAt } from './readings.ts';
import { ReleasedPrefixes } from './released-prefixes.ts';

interface Quarantined {
  readonly faulty: number;
  readonly sound: number;
}

export class Referee {
  readonly #settings: DecisionSettings;
  readonly #limits: readonly PointLimits[];
  readonly #isHonest: boolean;
  #soundTicks = 0;
  #frozenTicks = 0;
  readonly #quarantine = new Map<string, Quarantined>();
  readonly #marks: PointMarks;
  #lastTickMs = 0;
  #lastChangeMs = Number.NEGATIVE_INFINITY;
  readonly #changedAtMs = new Map<string, number>();
  readonly #leaseUntilMs = new Map<string, number>();
  readonly #followed: FollowedOverrides;
  readonly #released: ReleasedPrefixes;
  readonly #book = new LoadBook();

  /** `isHonest`: the optimizer is, so that what can be done has to be done. */
  constructor(settings: DecisionSettings, limits: readonly PointLimits[], isHonest: boolean) {
    this.#settings = settings;
    this.#limits = limits;
    this.#isHonest = isHonest;
    this.#marks = new PointMarks(settings, limits);
    this.#followed = new FollowedOverrides(settings);
    this.#released = new ReleasedPrefixes(settings);
  }

  /** What each point carries at least, as far as is known. */
  get expected(): ReadonlyMap<string, number> {
    return this.#book.leastLoads;
  }

  check(before: ManagerState, sight: Sight, decision: Decision, after: ManagerState): void {
    const observation = calibrated(sight.observation, this.#settings.contradiction);
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
      expect(decision.stuck).toBeUndefined();
    } else {
      this.#frozenTicks = 0;
      this.#soundTicks++;
      this.#isolate(faulty);
      const stranded = left.filter(
        ({ to }) => (this.#quarantine.get(to)?.faulty ?? 0) >= this.#settings.withdrawAfterTicks,
      );
      const late = this.#followed.late(
        left.filter((one) => !stranded.includes(one)),
        observation,
        {
          quarantine: this.#quarantine,
          countedAtMs: this.#book.countedAtMs(observation, this.#quarantine),
          lastTickMs: this.#lastTickMs,
        },
      );
      expectSame(withdrawn, [...unsafe, ...stranded, ...late]);
      for (const { prefix } of late) this.#followed.fail(prefix);
      this.#book.read(
        observation.points,
        (one) => (this.#quarantine.get(one.point)?.faulty ?? 0) === 0 && this.#isOfNow(one),
      );
      const isPending = left.some(
        ({ prefix, to }) => !this.#quarantine.has(to) && !withdrawn.has(prefix) && !this.#followed.isVerified(prefix),
      );
      const stuck = this.#released.stuck(observation, this.#quarantine, this.#lastTickMs);
      expect(decision.stuck?.map(({ prefix }) => prefix) ?? []).toEqual(stuck);
      const isMeasured = (one: PointReading): boolean => withdrawn.size === 0 && this.#isNew(one);
      this.#marks.add(observation.points, this.#quarantine, isMeasured);
      isFree =
        this.#soundTicks >= this.#settings.recoverTicks &&
        withdrawn.size === 0 &&
        !isPending &&
        this.#isSettled(observation);
      if (!isFree) expect(chosen.length).toBe(0);
      else this.#checkChoice(before, observation, chosen);
    }
    this.#book.change(decision.changes, observation);
    this.#remember(decision.changes, after, atMs, faulty !== 'all');
    this.#released.note(decision.changes, before, atMs);
    this.#lastTickMs = Math.max(this.#lastTickMs, atMs);
  }

  #faulty({ wrong, isNoisy }: Sight, { faults }: Decision): ReadonlySet<string> | 'all' {
    const told = new Set(faults.map(({ subject }) => subject));
    // What is right is not called wrong; but plain BGP may leave a point within a tick, which looks like a counter that hangs.
    const isFalse = ({ subject, kind }: TelemetryFault): boolean =>
      kind !== 'collapsed' && !wrong.has(subject) && !wrong.has('all');
    if (!isNoisy && told.size > 0) expect(faults.filter(isFalse)).toEqual([]);
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
    return holdDownMs * 2 ** Math.min(this.#followed.failureCount(prefix), backoffLimit);
  }

  #isolate(faulty: ReadonlySet<string>): void {
    for (const { id } of this.#limits) {
      const { faulty: faultyTicks, sound } = this.#quarantine.get(id) ?? { faulty: 0, sound: 0 };
      if (faulty.has(id)) this.#quarantine.set(id, { faulty: faultyTicks + 1, sound: 0 });
      else if (sound + 1 >= this.#settings.recoverTicks) this.#quarantine.delete(id);
      else if (this.#quarantine.has(id)) this.#quarantine.set(id, { faulty: 0, sound: sound + 1 });
    }
  }

  #isNew(reading: PointReading): boolean {
    return (reading.measuredAtMs ?? 0) > this.#lastTickMs && this.#isOfNow(reading);
  }

  /** It has no part in it of before the last change. */
  #isOfNow({ sinceMs }: PointReading): boolean {
    return sinceMs !== null && sinceMs >= this.#lastChangeMs;
  }

  #isSettled({ points }: Observation): boolean {
    return points.every((one) => this.#quarantine.has(one.point) || this.#isOfNow(one));
  }

  #checkChoice(before: ManagerState, observation: Observation, chosen: readonly Change[]): void {
    const sums = new Sums(observation, this.#settings.confidence);
    const settled = new Sums(observation, this.#settings.confidence);
    for (const { prefix, to, from } of chosen) {
      const reading = observation.prefixes.find((one) => one.prefix === prefix)!;
      for (const { point } of reading.volumes) expect(this.#quarantine.has(point)).toBe(false);
      expect(this.#quarantine.has(to)).toBe(false);
      expect(mainPoint(reading)).toBe(from);
      settled.move(reading, to);
    }
    const limits = new Map(this.#limits.map((limit) => [limit.id, limit]));
    for (const { to, from, reason } of chosen) {
      const { low, high } = limits.get(to)!;
      expect(settled.load(to)).toBeLessThanOrEqual((reason === 'relieve' ? high : low) * (1 + 1e-9));
      if (reason === 'relieve') expect(this.#marks.isOver(from)).toBe(true);
      if (reason === 'load-fell') expect(this.#marks.isQuiet(to)).toBe(true);
      // Nothing goes where something is to be relieved.
      expect(this.#marks.isOver(to)).toBe(false);
    }
    if (!this.#isHonest) return;
    this.#checkLeast(observation, chosen, settled);
    this.#checkDone(before, observation, chosen, sums, settled);
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
    const over = this.#limits.filter(({ id }) => this.#marks.isOver(id));
    const isOver = (point: string): boolean => over.some(({ id }) => id === point);
    const free = prefixes.flatMap((reading): Movable[] => {
      const { prefix, volumes, learned } = reading;
      const current = mainPoint(reading);
      const override = overrides.find((one) => one.prefix === prefix) ?? null;
      const last = this.#changedAtMs.get(prefix) ?? Number.NEGATIVE_INFINITY;
      const isHeld = atMs - last < this.#holdMs(prefix) + TICK_MS;
      const isBelieved = volumes.every(({ point }) => !this.#quarantine.has(point));
      if (current === null || isHeld || !isBelieved) return [];
      const targets = learned
        .map(({ point }) => point)
        .filter((point) => !this.#quarantine.has(point) && point !== current);
      return [{ reading, current, override, targets }];
    });
    if (changesLeft > 0 && over.length > 0) {
      const movable = free
        .filter(({ override }) => overridesLeft > 0 || override !== null)
        .map((one) => ({ ...one, targets: one.targets.filter((point) => !isOver(point)) }));
      const can = (points: readonly PointLimits[], mark: 'low' | 'high'): boolean =>
        canRelieve(points, movable, sums, this.#limits, mark, changesLeft);
      const above = (mark: 'low' | 'high'): readonly PointLimits[] =>
        over.filter((limit) => settled.load(limit.id) > limit[mark] * (1 + 1e-9));
      for (const mark of ['low', 'high'] as const) {
        if (above(mark).length > 0) expect(can(over, mark)).toBe(false);
      }
      if (over.length > 1 && above('high').length === over.length) {
        for (const one of over) expect(can([one], 'high')).toBe(false);
      }
      const helps = ({ reading, current, targets }: Movable): boolean =>
        isOver(current) &&
        volumeAt(reading, current) > 1e-6 &&
        targets.some((to) => sums.load(to) + sums.atMost(reading) <= this.#limits.find(({ id }) => id === to)!.high);
      if (movable.some(helps)) expect(chosen.map(({ reason }) => reason)).toContain('relieve');
    }
    if (mode === 'relieve' && maxChanges > 0 && !chosen.some(({ reason }) => reason === 'relieve')) {
      const isDue = ({ reading, current, override }: Movable): boolean => {
        const home = override?.plain ?? override?.from;
        if (home === undefined || home === current || !this.#marks.isQuiet(home)) return false;
        const low = this.#limits.find(({ id }) => id === home)!.low;
        const isLearned = reading.learned.some(({ point }) => point === home);
        return isLearned && !this.#quarantine.has(home) && sums.load(home) + sums.atMost(reading) <= low;
      };
      if (free.some(isDue)) expect(chosen.map(({ reason }) => reason)).toContain('load-fell');
    }
  }

  #remember(changes: readonly Change[], { overrides }: ManagerState, atMs: number, isBelieved: boolean): void {
    for (const { prefix, action } of changes) {
      this.#changedAtMs.set(prefix, atMs);
      this.#lastChangeMs = Math.max(this.#lastChangeMs, atMs);
      if (action !== 'withdraw') this.#followed.forget(prefix);
    }
    this.#followed.keep(prefixesOf(overrides));
    const moved = new Set(changes.filter(({ action }) => action === 'move').map(({ prefix }) => prefix));
    for (const { prefix, to } of overrides) {
      const isRenewed = isBelieved && !this.#quarantine.has(to);
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

function prefixesOf(overrides: readonly { readonly prefix: string }[]): Set<string> {
  return new Set(overrides.map(({ prefix }) => prefix));
}
