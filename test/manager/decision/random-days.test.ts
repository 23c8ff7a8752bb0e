/** Random days on a fake clock: what must never happen, whatever the network and its telemetry do. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sha256 } from '../../../src/manager/audit/record.ts';
import { AuditLines } from '../../../src/manager/audit/recorder.ts';
import { replayAudit } from '../../../src/manager/audit/replay.ts';
import { mainPoint } from '../../../src/manager/decision/candidates.ts';
import { DecisionMaker } from '../../../src/manager/decision/decide.ts';
import { isHeld } from '../../../src/manager/decision/holds.ts';
import type { Observation } from '../../../src/manager/decision/observation.ts';
import type { ReallocationRequest } from '../../../src/manager/decision/reallocator.ts';
import type { DecisionSettings, PointLimits } from '../../../src/manager/decision/settings.ts';
import { INITIAL_STATE, type ManagerState } from '../../../src/manager/decision/state.ts';
import { isOver } from '../../../src/manager/decision/watermarks.ts';
import { scaled } from '../../faults/scale.ts';
import {
  exhaustive,
  limitsOf,
  observe,
  type SimulatedPrefix,
  settingsOf,
  streamOf,
  TICK_MS,
  withFlows,
} from '../simulation.ts';

const DAY_TICKS = 80;
const DAYS = scaled(10_000);

const day = fc.record({
  seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  pointCount: fc.integer({ min: 2, max: 4 }),
  prefixCount: fc.integer({ min: 1, max: 6 }),
  /** Mean load of all capacity. */
  fill: fc.double({ min: 0.2, max: 1.1, noNaN: true }),
  maxChanges: fc.integer({ min: 0, max: 3 }),
  maxOverrides: fc.integer({ min: 0, max: 4 }),
  overTicks: fc.integer({ min: 1, max: 3 }),
  holdTicks: fc.integer({ min: 0, max: 12 }),
  mode: fc.constantFrom('relieve' as const, 'optimize' as const),
  classDistance: fc.double({ min: 0, max: 0.8, noNaN: true }),
  corruption: fc.double({ min: 0, max: 0.1, noNaN: true }),
  disobedience: fc.double({ min: 0, max: 0.3, noNaN: true }),
});

it(`${DAYS} random days break no rule, and replay equal`, { timeout: 1_800_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(day, async (given) => {
      const random = streamOf(given.seed);
      const points = Array.from({ length: given.pointCount }, (_, p) => `p${p}`);
      const { maxChanges, maxOverrides, overTicks, mode } = given;
      const settings = settingsOf({
        maxChanges,
        maxOverrides,
        overTicks,
        mode,
        ofTicks: 4,
        holdDownMs: given.holdTicks * TICK_MS,
        optimizeEveryMs: 10 * TICK_MS,
        classIntervalMs: 5 * TICK_MS,
        classPeriodMs: 20 * TICK_MS,
        classDistance: given.classDistance,
        classPrefixCount: 3,
        minimumGain: 0,
      });
      const limits = limitsOf(
        points.map((id) => ({ id, capacity: 100, price: Math.floor(3 * random()) })),
        settings,
      );
      const maker = new DecisionMaker(limits, settings, exhaustive);
      const audit = new AuditLines();
      let network = startNetwork(points, given.prefixCount, given.fill, random);
      let state: ManagerState = INITIAL_STATE;
      audit.append({ kind: 'start', version: 1, settings, limits, state });
      const lastChange = new Map<string, number>();
      for (let tick = 1; tick <= DAY_TICKS; tick++) {
        network = nextNetwork(network, points, tick, random);
        const seen = observe(tick * TICK_MS, points, network, state.overrides, () => random() >= given.disobedience);
        const isCorrupt = random() < given.corruption;
        const observation = isCorrupt ? corrupted(seen, random) : seen;
        const before = state;
        const decided = await maker.decide(before, observation);
        state = decided.state;
        const { decision } = decided;
        audit.append({
          kind: 'tick',
          observation,
          withdrawal: null,
          decision,
          stateHash: sha256(JSON.stringify(state)),
        });

        const chosen = decision.changes.filter(({ action }) => action !== 'withdraw');
        expect(chosen.length).toBeLessThanOrEqual(maxChanges);
        expect(state.overrides.length).toBeLessThanOrEqual(maxOverrides);
        if (decision.faults.length > 0) expect(chosen).toEqual([]);
        for (const { prefix } of chosen) {
          expect(isHeld(before.history, prefix, observation.atMs, settings)).toBe(false);
          const last = lastChange.get(prefix);
          if (last !== undefined) expect(observation.atMs - last).toBeGreaterThanOrEqual(settings.holdDownMs);
          lastChange.set(prefix, observation.atMs);
        }
        for (const { prefix, to } of state.overrides) {
          const reading = observation.prefixes.find((one) => one.prefix === prefix);
          expect(reading?.learned.map(({ point }) => point)).toContain(to);
        }
        if (chosen.some(({ reason }) => reason === 'relieve')) {
          await expectNoAvoidableOverload(before, state, observation, limits, settings);
        }
      }
      const report = await replayAudit(audit.lines);
      expect(report).toMatchObject({ tickCount: DAY_TICKS, differences: [] });
    }),
    { numRuns: DAYS, seed: 20261121 },
  );
});

/** Where a point stays above its watermark after a relief, no way within the limits would have brought all below. */
async function expectNoAvoidableOverload(
  before: ManagerState,
  after: ManagerState,
  observation: Observation,
  limits: readonly PointLimits[],
  settings: DecisionSettings,
): Promise<void> {
  const targets = new Map(after.overrides.map(({ prefix, to }) => [prefix, to]));
  const loads = new Map(observation.points.map(({ point, load }) => [point, load ?? 0]));
  for (const { prefix, volumes } of observation.prefixes) {
    const [was] = volumes;
    const to = targets.get(prefix) ?? before.overrides.find((one) => one.prefix === prefix)?.from;
    if (was === undefined || to === undefined || to === was.point) continue;
    loads.set(was.point, loads.get(was.point)! - was.volume);
    loads.set(to, loads.get(to)! + was.volume);
  }
  // Which points M of N ticks have brought over; what is above for the first time is left to later ticks.
  const triggered = new Set(limits.filter(({ id }) => isOver(after.windows[id], settings)).map(({ id }) => id));
  const loadBefore = (id: string): number => observation.points.find(({ point }) => point === id)!.load!;
  const bound = ({ id, high }: PointLimits): number => (triggered.has(id) ? high : Math.max(high, loadBefore(id)));
  const isAbove = (limit: PointLimits): boolean => loads.get(limit.id)! > bound(limit) * (1 + 1e-9);
  for (const limit of limits) if (!triggered.has(limit.id)) expect(isAbove(limit)).toBe(false);
  if (!limits.some(isAbove)) return;

  const request: ReallocationRequest = {
    points: limits.map((limit) => {
      const here = observation.prefixes.filter((reading) => mainPoint(reading) === limit.id);
      const movable = here.reduce((sum, { volumes }) => sum + volumes[0].volume, 0);
      return { id: limit.id, room: bound(limit) - loadBefore(limit.id) + movable, price: 0 };
    }),
    prefixes: observation.prefixes.flatMap((reading) => {
      const current = mainPoint(reading);
      if (current === null) return [];
      // Only what is triggered is relieved, so that only its prefixes are moved.
      const isFree = triggered.has(current) && !isHeld(before.history, reading.prefix, observation.atMs, settings);
      const learned = reading.learned.map(({ point }) => point).filter((point) => !triggered.has(point));
      const options = isFree ? [...new Set([...learned, current])] : [current];
      return [{ prefix: reading.prefix, volume: reading.volumes[0].volume, current, options }];
    }),
    maxChanges: Math.min(settings.maxChanges, settings.maxOverrides - before.overrides.length),
    changeCost: 1,
  };
  if (request.maxChanges > 0) expect((await exhaustive(request)).fits).toBe(false);
}

function startNetwork(points: readonly string[], count: number, fill: number, random: () => number): SimulatedPrefix[] {
  const mean = (fill * 100 * points.length) / count;
  return Array.from({ length: count }, (_, k) => {
    const learned = points.filter(() => random() < 0.8);
    const all = learned.length > 0 ? learned : [points[0]];
    // Plain BGP prefers the first point: that is where the load is.
    return { prefix: `10.0.${k}.0/24`, natural: all[0], learned: all, volume: 2 * mean * random() };
  });
}

function nextNetwork(
  network: readonly SimulatedPrefix[],
  points: readonly string[],
  tick: number,
  random: () => number,
): SimulatedPrefix[] {
  const tide = 1 + 0.1 * Math.sin((2 * Math.PI * tick) / DAY_TICKS);
  return network.map((one) => {
    const flips = random() < 0.02 ? points[Math.floor(random() * points.length)] : null;
    const flipped = one.learned.includes(flips ?? '')
      ? one.learned.filter((p) => p !== flips)
      : [...one.learned, flips!];
    const learned = flips === null || flipped.length === 0 ? one.learned : flipped.sort();
    return { ...one, learned, volume: one.volume * (0.9 + 0.2 * random()) * (tide > 1 ? 1.005 : 0.995) };
  });
}

function corrupted(one: Observation, random: () => number): Observation {
  const factor = [0, 1000, Number.NaN, -1][Math.floor(4 * random())];
  const kinds = [
    () => ({ ...one, points: one.points.map((point) => ({ ...point, load: point.load! * factor })) }),
    () => ({ ...one, points: one.points.slice(1) }),
    () => ({ ...one, points: one.points.map((point) => ({ ...point, measuredAtMs: one.atMs - 1e6 })) }),
    () => ({ ...one, points: one.points.map((point) => ({ ...point, flowsAtMs: null })) }),
    () => ({ ...one, routesAtMs: one.atMs - 1e6 }),
    () => ({ ...one, atMs: one.atMs - 3 * TICK_MS }),
    () => withFlows(one, 0),
  ];
  return kinds[Math.floor(kinds.length * random())]();
}

it('load ±10 % around the watermark: at most one change of a prefix per hold-down', async () => {
  const settings = settingsOf({ holdDownMs: 600_000, overTicks: 2, ofTicks: 3, recoverTicks: 1 });
  const points = ['a', 'b'];
  const limits = limitsOf(
    points.map((id) => ({ id, capacity: 100, price: 0 })),
    settings,
  );
  const maker = new DecisionMaker(limits, settings, exhaustive);
  const random = streamOf(3);
  const ticks = 3_600_000 / TICK_MS;
  const count = 8;
  const changes = new Map<string, number[]>();
  let state: ManagerState = INITIAL_STATE;
  for (let tick = 1; tick <= ticks; tick++) {
    const network = Array.from({ length: count }, (_, k) => ({
      prefix: `10.0.${k}.0/24`,
      natural: 'a',
      learned: points,
      volume: (85 / count) * (0.9 + 0.2 * random()),
    }));
    const decided = await maker.decide(state, observe(tick * TICK_MS, points, network, state.overrides));
    state = decided.state;
    for (const { prefix } of decided.decision.changes) {
      changes.set(prefix, [...(changes.get(prefix) ?? []), tick * TICK_MS]);
    }
  }
  const all = [...changes.values()];
  for (const times of all) {
    for (let c = 1; c < times.length; c++) expect(times[c] - times[c - 1]).toBeGreaterThanOrEqual(settings.holdDownMs);
  }
  expect(all.flat().length).toBeGreaterThan(0);
  expect(all.flat().length).toBeLessThanOrEqual(count * Math.ceil((ticks * TICK_MS) / settings.holdDownMs));
});
