/** The manager, as it is by default, on flow records as routers and pmacct make them: printed in intervals, and late. */
import Value from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { DecisionMaker } from '../../src/manager/decision/decide.ts';
import type { Decision } from '../../src/manager/decision/decision.ts';
import type { Observation } from '../../src/manager/decision/observation.ts';
import { COMPARED_SHARE } from '../../src/manager/decision/plausibility.ts';
import { type DecisionSettings, DecisionSettingsSchema } from '../../src/manager/decision/settings.ts';
import { INITIAL_STATE, type ManagerState } from '../../src/manager/decision/state.ts';
import { Observer } from '../../src/manager/observer.ts';
import { LateNetwork, type LateOptions } from './late-network.ts';
import { exhaustive, limitsOf, streamOf, TICK_MS } from './simulation.ts';

const SETTINGS = Value.Create(DecisionSettingsSchema) as DecisionSettings;
const CAPACITY = 100;
/** A tick takes as long until it has announced what it decides. */
const ANNOUNCED_MS = 2000;

/** The manager of `egresso run`, without announcing: what it decides is followed. */
class LateRun {
  readonly network: LateNetwork;
  readonly #observer: Observer;
  readonly #maker: DecisionMaker;
  state: ManagerState = INITIAL_STATE;
  readonly decisions: Decision[] = [];
  readonly observations: Observation[] = [];

  constructor(options: LateOptions, settings = SETTINGS) {
    const { points } = options;
    const limits = limitsOf(
      points.map((id) => ({ id, capacity: CAPACITY, price: 0 })),
      settings,
    );
    this.network = new LateNetwork(options);
    this.#maker = new DecisionMaker(limits, settings, exhaustive);
    this.#observer = new Observer(this.network.collectors(), {
      points,
      bitsPerUnit: 1,
      timeConstantMs: 60_000,
      samplingRates: points.map(() => 1),
      idleLoads: points.map(() => COMPARED_SHARE * CAPACITY),
      mostLoads: points.map(() => settings.maxUtilization * CAPACITY),
      flowLagMs: settings.flowLagMs,
      prefixCount: 100,
    });
  }

  async ticks(count: number): Promise<Decision[]> {
    const before = this.decisions.length;
    for (let t = 0; t < count; t++) {
      const atMs = (this.decisions.length + 1) * TICK_MS;
      const overridden = this.state.overrides.map(({ prefix }) => prefix);
      const observation = (await this.#observer.observe(atMs, overridden))!;
      const { state, decision } = await this.#maker.decide(this.state, observation);
      this.state = state;
      this.decisions.push(decision);
      this.observations.push(observation);
      this.network.follow(state.overrides, atMs + ANNOUNCED_MS);
    }
    return this.decisions.slice(before);
  }
}

const changesOf = (decisions: readonly Decision[]) => decisions.flatMap(({ changes }) => changes);
const prefixes = (volumes: readonly number[], point: string, third: number) =>
  volumes.map((bitsPerSecond, k) => ({ address: `10.${third}.${k}.0`, point, bitsPerSecond }));

describe.each([
  [30_000, 0],
  [30_000, 30_000],
  [30_000, 60_000],
  [60_000, 0],
  [60_000, 30_000],
  [60_000, 60_000],
])('flow records printed every %i ms, %i ms late', (printMs, lateMs) => {
  const phases = Array.from({ length: printMs / 2000 }, (_, k) => 1000 + 2000 * k);
  const late = { points: ['a', 'b'], printMs, lateMs };

  /** Ticks from the move, the only change, until something else may be changed. */
  async function ticksToVerify(run: LateRun): Promise<number> {
    const decisions = await run.ticks(40);
    expect(changesOf(decisions)).toMatchObject([{ action: 'move', from: 'a', to: 'b', reason: 'relieve' }]);
    const at = decisions.findIndex(({ changes }) => changes.length > 0);
    expect(run.state.overrides).toMatchObject([{ phase: 'verified', pendingTicks: 0 }]);
    expect(decisions.slice(at).flatMap(({ faults }) => faults)).toEqual([]);
    expect(decisions.at(-1)!.points.every(({ load, high }) => load! <= high)).toBe(true);
    return decisions.findIndex(({ activity }, tick) => tick > at && activity === 'watching') - at;
  }

  it.each(phases)('show what was moved, and nothing is rolled back (phase %i ms)', async (phaseMs) => {
    // Too little for the counters to show it.
    const small = [...prefixes([50, 28, 4, 4], 'a', 0), ...prefixes([20], 'b', 1)];
    const run = new LateRun({ ...late, phaseMs, prefixes: small }, { ...SETTINGS, low: 0.83 });
    // Flow lag, a purge, and the tick that reads it.
    expect(await ticksToVerify(run)).toBeLessThanOrEqual(8);
  });

  it.each(phases)('are not waited for where the counters show the move (phase %i ms)', async (phaseMs) => {
    const large = [...prefixes([50, 30, 10, 5], 'a', 0), ...prefixes([20], 'b', 1)];
    // An interval that began after it, and the tick that has it.
    expect(await ticksToVerify(new LateRun({ ...late, phaseMs, prefixes: large }))).toBe(2);
  });

  it.each(phases)('show what was not followed, though it was announced (phase %i ms)', async (phaseMs) => {
    const large = [...prefixes([50, 30, 10, 5], 'a', 0), ...prefixes([20], 'b', 1)];
    const run = new LateRun({ ...late, phaseMs, prefixes: large, follows: false });
    const changes = changesOf(await run.ticks(20));
    expect(changes.slice(0, 2)).toMatchObject([
      { action: 'move', from: 'a', to: 'b' },
      { action: 'withdraw', reason: 'not-verified' },
    ]);
  });
});

it('load that sways is no fault, however late its flows are, and what is moved holds', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = streamOf(seed);
    // Of all for a half, of each prefix for the other.
    const factors = new Map<string, number>();
    const factor = (key: string): number => {
      if (!factors.has(key)) factors.set(key, 0.7 + 0.6 * random());
      return factors.get(key)!;
    };
    const run = new LateRun({
      points: ['a', 'b', 'c'],
      prefixes: [
        ...prefixes([20, 16, 12, 10, 8, 8, 5, 3], 'a', 0),
        ...prefixes([20, 15, 10], 'b', 1),
        ...prefixes([20, 10], 'c', 2),
      ],
      printMs: seed % 2 === 0 ? 30_000 : 60_000,
      phaseMs: 1000 * Math.floor(30 * random()),
      lateMs: 60_000,
      sway: (address, slot) => factor(`${slot}`) * factor(`${address} ${slot}`),
    });
    const decisions = await run.ticks(120);
    // Counters of two ticks, records of two purges.
    expect(decisions.slice(8).flatMap(({ faults }) => faults)).toEqual([]);
    const changes = changesOf(decisions);
    expect(changes.filter(({ action }) => action === 'move').length).toBeGreaterThan(0);
    expect(changes.filter(({ action }) => action === 'withdraw')).toEqual([]);
  }
});

it('a move to a point where nothing left before is no contradiction until its flows come', async () => {
  const run = new LateRun({
    points: ['a', 'b'],
    prefixes: prefixes([50, 30, 10, 5], 'a', 0),
    printMs: 60_000,
    phaseMs: 7000,
    lateMs: 60_000,
  });
  const decisions = await run.ticks(40);
  expect(changesOf(decisions)).toMatchObject([{ action: 'move', from: 'a', to: 'b' }]);
  expect(run.state.overrides).toMatchObject([{ phase: 'verified' }]);
});

describe('an exporter that goes silent', () => {
  it.each(['a', 'b', 'c'])('at %s freezes the manager as soon as its last records are stale', async (dead) => {
    const run = new LateRun({
      points: ['a', 'b', 'c'],
      prefixes: [...prefixes([30, 30, 10], 'a', 0), ...prefixes([40], 'b', 1), ...prefixes([40], 'c', 2)],
      printMs: 30_000,
      phaseMs: 5000,
      lateMs: 30_000,
      tells: (point, atMs) => point !== dead || atMs < 10 * TICK_MS,
    });
    await run.ticks(10);
    const after = await run.ticks(20);
    // Records of 25 s before the tenth tick are stale in the third after it.
    expect(after.map(({ faults }) => faults.length)).toEqual([0, 0, ...Array.from({ length: 18 }, () => 1)]);
    expect(after[2].faults).toEqual([{ kind: 'stale', subject: dead }]);
    expect(changesOf(after)).toEqual([]);
  });

  it('with its counter: the point is no empty target', async () => {
    const run = new LateRun({
      points: ['a', 'b', 'c'],
      prefixes: [...prefixes([30, 30, 30], 'a', 0), ...prefixes([60], 'b', 1), ...prefixes([84], 'c', 2)],
      printMs: 30_000,
      phaseMs: 5000,
      lateMs: 30_000,
      // Before M of N ticks are over.
      tells: (point, atMs) => point !== 'b' || atMs < 3 * TICK_MS,
      counts: (point, atMs) => point !== 'b' || atMs < 3 * TICK_MS,
    });
    expect(changesOf(await run.ticks(40))).toEqual([]);
    expect(run.decisions.slice(4).every(({ faults }) => faults.some(({ subject }) => subject === 'b'))).toBe(true);
  });
});

it('one absurd record closes its point for as long as it is the last, and leaves every volume as it was', async () => {
  const run = (excess: (point: string, atMs: number) => number): LateRun =>
    new LateRun({
      points: ['a', 'b', 'c'],
      prefixes: [...prefixes([30, 30, 10], 'a', 0), ...prefixes([40], 'b', 1), ...prefixes([40], 'c', 2)],
      printMs: 60_000,
      phaseMs: 5000,
      lateMs: 30_000,
      excess,
    });
  const printedMs = 605_000;
  const hit = run((point, atMs) => (point === 'b' && atMs === printedMs ? 2 ** 50 : 0));
  const spared = run(() => 0);
  await Promise.all([hit.ticks(30), spared.ticks(30)]);
  const faulty = hit.decisions.filter(({ faults }) => faults.length > 0).map(({ atMs }) => atMs);
  const usual = spared.decisions.filter(({ faults }) => faults.length > 0).map(({ atMs }) => atMs);
  // The tick that reads it, and the one before the exporter speaks again.
  expect(faulty.filter((atMs) => !usual.includes(atMs))).toEqual([21, 22].map((tick) => tick * TICK_MS));
  expect(hit.decisions[20].faults).toEqual([{ kind: 'impossible', subject: 'b' }]);
  // Volumes of the usual kind in all ticks: the traffic does not change.
  const volumesOf = ({ observations }: LateRun) =>
    observations.map((one) => one.prefixes.map(({ volumes }) => volumes.map(({ volume }) => Math.round(1e6 * volume))));
  expect(volumesOf(hit)).toEqual(volumesOf(spared));
});
