/** A network that changes by chance from tick to tick, and telemetry of it that is late, lost or wrong. */
import type { Observation, PointReading } from '../../../../src/manager/decision/observation.ts';
import type { ManagerState, Override } from '../../../../src/manager/decision/state.ts';
import { observe, type SimulatedPrefix, TICK_MS, withFlows } from '../../simulation.ts';

export const CAPACITY = 100;

export interface NetworkTraits {
  readonly pointCount: number;
  readonly prefixCount: number;
  /** Mean load of all capacity. */
  readonly fill: number;
  /** Largest standard error of a volume, as a share of it. */
  readonly deviation: number;
  /** Share of the prefixes that leave at two points. */
  readonly splits: number;
  /** Share of the prefixes that follow no override. */
  readonly disobedience: number;
  /** Share of the prefixes that stay for a while where an override sent them when it is gone. */
  readonly stickiness: number;
  /** Ticks that flow records come late. */
  readonly lag: number;
  /** Of a counter, in a tick. */
  readonly lossProbability: number;
  /** Of an episode of wrong telemetry, in a tick. */
  readonly corruption: number;
}

/** What a tick was told, and which of that nobody may believe. */
export interface Sight {
  readonly observation: Observation;
  /** Subjects of telemetry that is plainly wrong: points, or `all`. */
  readonly wrong: ReadonlySet<string>;
  /** Something is late, lost or wrong, maybe not to be seen: faults may be told. */
  readonly isNoisy: boolean;
}

const MOST_EPISODE_TICKS = 8;
/** More than it takes to be told. */
const STICKY_TICKS = 10;
/** What was wrong, or not seen, is compared with that long. */
const NOISY_TICKS = 6;

export class RandomNetwork {
  readonly points: readonly string[];
  readonly #traits: NetworkTraits;
  readonly #random: () => number;
  readonly #deaf: ReadonlySet<string>;
  readonly #sticky: ReadonlySet<string>;
  /** Overrides that sticky prefixes go by, some ticks longer than they are there. */
  readonly #clung = new Map<string, { readonly override: Override; readonly until: number }>();
  #prefixes: readonly SimulatedPrefix[];
  /** The latest last. */
  #past: Observation[] = [];
  #episodeTicks = 0;
  #noisyUntil = 0;

  /** `chance`: of what sticks, so that a day without is as it was. */
  constructor(traits: NetworkTraits, random: () => number, chance: () => number) {
    this.#traits = traits;
    this.#random = random;
    this.points = Array.from({ length: traits.pointCount }, (_, p) => `p${p}`);
    const mean = (traits.fill * CAPACITY * traits.pointCount) / traits.prefixCount;
    this.#prefixes = Array.from({ length: traits.prefixCount }, (_, k) => this.#prefix(k, mean));
    this.#deaf = new Set(this.#prefixes.map(({ prefix }) => prefix).filter(() => random() < traits.disobedience));
    this.#sticky = new Set(this.#prefixes.map(({ prefix }) => prefix).filter(() => chance() < traits.stickiness));
  }

  /** `expected`: what each point carries at least, as far as is known. */
  tick(tick: number, tickCount: number, { overrides }: ManagerState, expected: ReadonlyMap<string, number>): Sight {
    const tide = 1 + 0.1 * Math.sin((2 * Math.PI * tick) / tickCount);
    this.#prefixes = this.#prefixes.map((one) => this.#changed(one, tide > 1 ? 1.005 : 0.995));
    const left = this.#leftOver(tick, overrides);
    const now = this.#observe(tick * TICK_MS, [...overrides, ...left]);
    this.#past = [...this.#past, now].slice(-1 - this.#traits.lag);
    const late = this.#withLosses(withFlowsOf(now, this.#past[0]));
    if (this.#episodeTicks > 0) this.#episodeTicks--;
    else if (this.#random() < this.#traits.corruption) this.#episodeTicks = this.#upTo(MOST_EPISODE_TICKS);
    const observation = this.#episodeTicks > 0 ? this.#corrupted(late) : late;
    const isNoisyNow = observation !== now && (this.#traits.lag > 0 || late !== now || this.#episodeTicks > 0);
    // Loads are not as a change was to leave them.
    if (isNoisyNow || left.length > 0) this.#noisyUntil = tick + NOISY_TICKS;
    const wrong = plainlyWrong(observation, this.points, tick * TICK_MS, expected);
    return { observation, wrong, isNoisy: tick <= this.#noisyUntil };
  }

  #leftOver(tick: number, overrides: readonly Override[]): Override[] {
    const there = new Set(overrides.map(({ prefix }) => prefix));
    const until = tick + STICKY_TICKS;
    for (const override of overrides) {
      if (this.#sticky.has(override.prefix)) this.#clung.set(override.prefix, { override, until });
    }
    const clung = [...this.#clung.values()].filter((one) => tick <= one.until && !there.has(one.override.prefix));
    return clung.map(({ override }) => override);
  }

  #observe(atMs: number, overrides: readonly Override[]): Observation {
    return observe(atMs, this.points, this.#prefixes, overrides, (prefix) => !this.#deaf.has(prefix));
  }

  #prefix(k: number, mean: number): SimulatedPrefix {
    const random = this.#random;
    const some = this.points.filter(() => random() < 0.8);
    const learned = some.length > 0 ? some : [this.points[0]];
    const isSplit = random() < this.#traits.splits;
    return {
      prefix: `10.0.${k}.0/24`,
      // Plain BGP prefers the first point: that is where the load is.
      natural: learned[0],
      learned,
      volume: 2 * mean * random(),
      deviation: this.#traits.deviation * random(),
      ...(isSplit && { elsewhere: { point: this.#anyPoint(), share: 0.25 * random() } }),
    };
  }

  #changed(one: SimulatedPrefix, tide: number): SimulatedPrefix {
    const random = this.#random;
    const volume = one.volume * (0.9 + 0.2 * random()) * tide;
    const natural = random() < 0.01 ? one.learned[this.#upTo(one.learned.length) - 1] : one.natural;
    const flips = random() < 0.02 ? this.#anyPoint() : null;
    if (flips === null) return { ...one, natural, volume };
    const others = one.learned.filter((point) => point !== flips);
    const learned = others.length < one.learned.length ? others : [...others, flips].sort();
    return { ...one, natural, volume, learned: learned.length > 0 ? learned : one.learned };
  }

  /** Now and then a counter does not answer, and what it said last stands. */
  #withLosses(now: Observation): Observation {
    const before = this.#past.at(-2);
    if (before === undefined || this.#random() >= this.#traits.lossProbability) return now;
    const lost = this.#anyPoint();
    const last = before.points.find(({ point }) => point === lost)!;
    const points = now.points.map((one) => (one.point === lost ? { ...last, flowVolume: one.flowVolume } : one));
    return { ...now, points };
  }

  #corrupted(one: Observation): Observation {
    const random = this.#random;
    const kinds = [
      (changed: PointReading) => ({ ...changed, load: (changed.load ?? 0) * 1000 }),
      (changed: PointReading) => ({ ...changed, load: 0 }),
      (changed: PointReading) => ({ ...changed, load: Number.NaN }),
      (changed: PointReading) => ({ ...changed, load: -1 }),
      (changed: PointReading) => ({ ...changed, load: null, sinceMs: null, measuredAtMs: null }),
      (changed: PointReading) => ({ ...changed, flowsAtMs: null }),
      (changed: PointReading) => ({ ...changed, measuredAtMs: one.atMs - 1e6 }),
    ];
    const corrupt = kinds[this.#upTo(kinds.length) - 1];
    const victim = random() < 0.5 ? this.#anyPoint() : null;
    const all = [
      () => ({ ...one, points: one.points.map((p) => (victim === null || p.point === victim ? corrupt(p) : p)) }),
      () => ({ ...one, points: one.points.filter(({ point }) => point !== (victim ?? this.points[0])) }),
      () => withFlows(one, 2),
      () => ({ ...one, routesAtMs: one.atMs - 1e6 }),
      () => ({ ...one, atMs: one.atMs - TICK_MS }),
      () => withFlows(one, 0),
      () => withFlows({ ...one, points: one.points.map((p) => ({ ...p, load: 0 })) }, 0),
    ];
    // Half of all is of points.
    return all[random() < 0.5 ? 0 : this.#upTo(all.length) - 1]();
  }

  #anyPoint(): string {
    return this.points[this.#upTo(this.points.length) - 1];
  }

  /** 1 to `most`. */
  #upTo(most: number): number {
    return 1 + Math.floor(most * this.#random());
  }
}

/** Counters, routes and what is installed are as of now, volumes as they were; what counters say of that time is known. */
function withFlowsOf(now: Observation, then: Observation): Observation {
  if (now === then) return now;
  const points = new Map(then.points.map((one) => [one.point, one]));
  const volumes = new Map(then.prefixes.map((one) => [one.prefix, one.volumes]));
  return {
    ...now,
    points: now.points.map((one) => {
      const { flowVolume, flowsSinceMs, flowCheck } = points.get(one.point)!;
      return { ...one, flowVolume, flowsSinceMs, flowCheck };
    }),
    prefixes: now.prefixes.map((one) => ({ ...one, volumes: volumes.get(one.prefix)! })),
  };
}

/** What docs/manager.md promises to see, with the default settings. */
function plainlyWrong(
  { atMs, points, routesAtMs }: Observation,
  ids: readonly string[],
  nowMs: number,
  expected: ReadonlyMap<string, number>,
): Set<string> {
  const isStale = (time: number | null): boolean => time === null || atMs - time > 90_000 || time > atMs;
  const wrong = new Set<string>();
  if (atMs < nowMs || isStale(routesAtMs)) wrong.add('all');
  for (const id of ids) {
    const reading = points.find(({ point }) => point === id);
    const { load = null, measuredAtMs = null, flowVolume = 0, flowsAtMs = null, flowCheck = null } = reading ?? {};
    const isMeasured = load !== null && load >= 0 && load <= 1.5 * CAPACITY && flowVolume <= 3 * CAPACITY;
    const isIdle = Math.max(load ?? 0, flowVolume) <= 0.05 * CAPACITY;
    const { volume, least, most } = flowCheck ?? { volume: 0, least: 0, most: 0 };
    const isContradictory = Math.max(volume, least) > 0.05 * CAPACITY && (volume > 1.1 * most || 2 * volume < least);
    if (!isMeasured || isStale(measuredAtMs) || (!isIdle && isStale(flowsAtMs)) || isContradictory) wrong.add(id);
  }
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const sound = ids.filter((id) => !wrong.has(id));
  const before = sum(sound.map((id) => expected.get(id) ?? 0));
  const now = sum(sound.map((id) => points.find(({ point }) => point === id)!.load!));
  if (before > 0.05 * CAPACITY * sound.length && now < 0.05 * before) wrong.add('all');
  return wrong;
}
