/** Random days with restarts in between, each with another configuration, another clock, or after a while. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sha256 } from '../../../src/manager/audit/record.ts';
import { AuditLines } from '../../../src/manager/audit/recorder.ts';
import { replayAudit } from '../../../src/manager/audit/replay.ts';
import { DecisionMaker } from '../../../src/manager/decision/decide.ts';
import type { Decision } from '../../../src/manager/decision/decision.ts';
import type { Observation } from '../../../src/manager/decision/observation.ts';
import type { DecisionSettings, PointLimits } from '../../../src/manager/decision/settings.ts';
import { INITIAL_STATE, type ManagerState } from '../../../src/manager/decision/state.ts';
import { parseState } from '../../../src/manager/decision/state-schema.ts';
import { scaled } from '../../faults/scale.ts';
import { exhaustive, limitsOf, settingsOf, streamOf, TICK_MS } from '../simulation.ts';
import { CAPACITY, RandomNetwork } from './days/network.ts';

const share = (min: number, max: number) => fc.double({ min, max, noNaN: true });

/** A process: its configuration, and how long after the one before it starts. */
const runs = fc.record({
  tickCount: fc.integer({ min: 1, max: 12 }),
  /** Of the points p0 to p3, a bit each. */
  points: fc.integer({ min: 1, max: 15 }),
  unit: fc.constantFrom(1, 1, 1, 0.001, 1000),
  high: share(0.5, 0.95),
  gap: share(0, 0.3),
  maxChanges: fc.integer({ min: 0, max: 3 }),
  maxOverrides: fc.integer({ min: 0, max: 5 }),
  /** Of prefixes k with k modulo 3 below it, the others are denied. */
  allowed: fc.integer({ min: 0, max: 3 }),
  holdTicks: fc.integer({ min: 0, max: 6 }),
  mode: fc.constantFrom('relieve' as const, 'optimize' as const),
  intervalTicks: fc.integer({ min: 1, max: 5 }),
  pauseMs: fc.constantFrom(0, 0, TICK_MS, 200_000, 1e9, -TICK_MS, -1e8),
});

const lives = fc.record({
  seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  fill: share(0.2, 1.1),
  corruption: fc.oneof(fc.constant(0), share(0, 0.05)),
  lag: fc.constantFrom(0, 1),
  runs: fc.array(runs, { minLength: 2, maxLength: 5 }),
});

/** What a collector tells that knows these points alone, in this unit. */
function seenBy(observation: Observation, limits: readonly PointLimits[], unit: number, atMs: number): Observation {
  const ids = new Set(limits.map(({ id }) => id));
  const isKnown = ({ point }: { readonly point: string }): boolean => ids.has(point);
  const moved = <T extends number | null>(time: T): T =>
    time === null ? time : ((time + atMs - observation.atMs) as T);
  return {
    ...observation,
    atMs,
    routesAtMs: moved(observation.routesAtMs),
    points: observation.points.filter(isKnown).map((one) => ({
      ...one,
      load: one.load === null ? null : unit * one.load,
      sinceMs: moved(one.sinceMs),
      measuredAtMs: moved(one.measuredAtMs),
      flowVolume: unit * one.flowVolume,
      flowsSinceMs: moved(one.flowsSinceMs),
      flowsAtMs: moved(one.flowsAtMs),
      flowCheck: null,
    })),
    prefixes: observation.prefixes.map((one) => ({
      ...one,
      learned: one.learned.filter(isKnown),
      volumes: one.volumes.filter(isKnown).map((each) => ({
        ...each,
        volume: unit * each.volume,
        variance: unit ** 2 * each.variance,
        latest: unit * each.latest,
      })),
    })),
  };
}

function check(
  decision: Decision,
  { overrides }: ManagerState,
  seen: Observation,
  settings: DecisionSettings,
  limits: readonly PointLimits[],
): void {
  const chosen = decision.changes.filter(({ action }) => action !== 'withdraw');
  const ids = limits.map(({ id }) => id);
  expect(chosen.length).toBeLessThanOrEqual(settings.maxChanges);
  expect(overrides.length).toBeLessThanOrEqual(settings.maxOverrides);
  for (const { from, to } of chosen) expect(ids).toEqual(expect.arrayContaining([from, to]));
  for (const { prefix, to, from, plain } of overrides) {
    const reading = seen.prefixes.find((one) => one.prefix === prefix);
    expect(reading?.learned.map(({ point }) => point)).toContain(to);
    expect(settings.deny).not.toContain(prefix);
    if (decision.activity !== 'frozen') expect(ids).toContain(plain ?? from);
  }
}

it('keep to the configuration that is in force, hold down what was changed by another, and act again', {
  timeout: 1_800_000,
}, async () => {
  const activities = new Set<string>();
  await fc.assert(
    fc.asyncProperty(lives, async ({ seed, runs, ...traits }) => {
      const network = new RandomNetwork(
        {
          ...traits,
          pointCount: 4,
          prefixCount: 6,
          deviation: 0,
          splits: 0,
          disobedience: 0,
          stickiness: 0,
          lossProbability: 0,
        },
        streamOf(seed),
        streamOf(seed + 1),
      );
      const audit = new AuditLines();
      let state: ManagerState = INITIAL_STATE;
      let nowMs = 1e9;
      let tick = 0;
      const changedAtMs = new Map<string, number>();
      for (const run of runs) {
        const settings = settingsOf({
          maxChanges: run.maxChanges,
          maxOverrides: run.maxOverrides,
          mode: run.mode,
          high: run.high,
          low: run.high - run.gap,
          overTicks: 1,
          ofTicks: 2,
          recoverTicks: 2,
          minimumGain: 0,
          holdDownMs: run.holdTicks * TICK_MS,
          optimizeEveryMs: 5 * TICK_MS,
          classIntervalMs: run.intervalTicks * TICK_MS,
          classPeriodMs: 4 * run.intervalTicks * TICK_MS,
          classPrefixCount: 3,
          deny: [0, 1, 2, 3, 4, 5].filter((k) => k % 3 >= run.allowed).map((k) => `10.0.${k}.0/24`),
        });
        const points = network.points.filter((_, p) => (run.points >> p) & 1);
        const limits = limitsOf(
          points.map((id, price) => ({ id, capacity: run.unit * CAPACITY, price })),
          settings,
        );
        const maker = new DecisionMaker(limits, settings, exhaustive);
        state = parseState(JSON.parse(JSON.stringify(state)), 'state');
        audit.append({ kind: 'start', version: 1, settings, limits, state });
        if (run.pauseMs < 0) changedAtMs.clear();
        nowMs += run.pauseMs;
        let decision: Decision | null = null;
        for (let t = 0; t < run.tickCount; t++) {
          nowMs += TICK_MS;
          const sight = network.tick(++tick, 60, state, new Map());
          const observation = seenBy(sight.observation, limits, run.unit, nowMs);
          const decided = await maker.decide(state, observation);
          ({ state, decision } = decided);
          audit.append({
            kind: 'tick',
            observation,
            withdrawal: null,
            decision,
            stateHash: sha256(JSON.stringify(state)),
          });
          activities.add(decision.activity);
          check(decision, state, observation, settings, limits);
          for (const { prefix, action } of decision.changes) {
            const last = changedAtMs.get(prefix) ?? Number.NEGATIVE_INFINITY;
            if (action !== 'withdraw') expect(nowMs - last).toBeGreaterThanOrEqual(settings.holdDownMs);
            changedAtMs.set(prefix, nowMs);
          }
        }
      }
      expect(await replayAudit(audit.lines)).toMatchObject({ differences: [] });
    }),
    { numRuns: scaled(3000), seed: 13 },
  );
  expect([...activities].sort()).toEqual(['acting', 'frozen', 'recovering', 'verifying', 'watching', 'withdrawn']);
});
