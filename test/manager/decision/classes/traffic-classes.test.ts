/** A short week: eight intervals of four ticks, the first half of each period a day, the second a night. */
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../../src/manager/audit/record.ts';
import { AuditLines } from '../../../../src/manager/audit/recorder.ts';
import { replayAudit } from '../../../../src/manager/audit/replay.ts';
import { solveClassPlan } from '../../../../src/manager/decision/classes/class-plan.ts';
import { DecisionMaker } from '../../../../src/manager/decision/decide.ts';
import type { Decision } from '../../../../src/manager/decision/decision.ts';
import type { ReallocationRequest, Reallocator } from '../../../../src/manager/decision/reallocator.ts';
import { INITIAL_STATE, type ManagerState } from '../../../../src/manager/decision/state.ts';
import { exhaustive, limitsOf, observe, type SimulatedPrefix, settingsOf, TICK_MS } from '../../simulation.ts';

const POINTS = [
  { id: 'a', capacity: 100, price: 10 },
  // 45 below its low watermark, and never above its high one.
  { id: 'b', capacity: 100, low: 0.45, high: 0.95, price: 1 },
];
const IDS = POINTS.map(({ id }) => id);
const INTERVAL_TICKS = 4;
const PERIOD_TICKS = 8 * INTERVAL_TICKS;
const SETTINGS = settingsOf({
  mode: 'optimize',
  recoverTicks: 1,
  overTicks: 2,
  holdDownMs: 0,
  changeCost: 0.1,
  classPeriodMs: PERIOD_TICKS * TICK_MS,
  classIntervalMs: INTERVAL_TICKS * TICK_MS,
  // After the first, so that what follows is of classes alone.
  optimizeEveryMs: 1e9,
});
const LIMITS = limitsOf(POINTS, SETTINGS);
const DAY = [40, 20, 4];
const NIGHT = [4, 20, 20];

const networkOf = (volumes: readonly number[]): SimulatedPrefix[] =>
  volumes.map((volume, k) => ({ prefix: `10.0.${k}.0/24`, natural: 'a', learned: IDS, volume }));
const patternAt = (tick: number): readonly number[] => (tick % PERIOD_TICKS < PERIOD_TICKS / 2 ? DAY : NIGHT);
const indexOf = (prefix: string): number => Number(prefix.split('.')[2]);

class Week {
  readonly audit = new AuditLines();
  readonly decisions: Decision[] = [];
  state: ManagerState = INITIAL_STATE;
  askedCount = 0;
  readonly #maker: DecisionMaker;

  constructor() {
    const counting: Reallocator = (request) => {
      this.askedCount++;
      return exhaustive(request);
    };
    this.#maker = new DecisionMaker(LIMITS, SETTINGS, counting);
    this.audit.append({ kind: 'start', version: 1, settings: SETTINGS, limits: LIMITS, state: this.state });
  }

  async ticks(count: number, pattern: (tick: number) => readonly number[] = patternAt): Promise<Decision[]> {
    const from = this.decisions.length;
    for (let tick = from; tick < from + count; tick++) {
      // The first tick is at 0 of its period.
      const atMs = (PERIOD_TICKS + tick) * TICK_MS;
      const observation = observe(atMs, IDS, networkOf(pattern(tick)), this.state.overrides);
      const { state, decision } = await this.#maker.decide(this.state, observation);
      this.state = state;
      const stateHash = sha256(JSON.stringify(state));
      this.audit.append({ kind: 'tick', observation, withdrawal: null, decision, stateHash });
      this.decisions.push(decision);
    }
    return this.decisions.slice(from);
  }

  get classes() {
    return this.state.traffic?.classes ?? [];
  }
}

describe('traffic classes', () => {
  it('group the intervals of a period, with a plan for each, solved once', async () => {
    const week = new Week();
    await week.ticks(2 * PERIOD_TICKS);
    expect(week.classes.map(({ intervals }) => intervals)).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ]);
    const { askedCount } = week;
    // Before anything is known, for days, for nights.
    expect(askedCount).toBe(3);
    const later = await week.ticks(4 * PERIOD_TICKS);
    expect(week.askedCount).toBe(askedCount);
    expect(later.some(({ changes }) => changes.some(({ reason }) => reason === 'optimize'))).toBe(true);
    const report = await replayAudit(week.audit.lines);
    expect(report).toMatchObject({ tickCount: 6 * PERIOD_TICKS, differences: [] });
  });

  it('have plans that fit below the low watermarks in every interval', async () => {
    const week = new Week();
    await week.ticks(2 * PERIOD_TICKS);
    expect(week.classes).toHaveLength(2);
    for (const { intervals, plan } of week.classes) {
      expect(plan).toMatchObject({ fits: true });
      expect(Object.keys(plan!.targets).length).toBeGreaterThan(0);
      for (const interval of intervals) {
        const { volumes } = week.state.traffic!.intervals[interval];
        const loads = new Map([
          ['a', 0],
          ['b', 0],
        ]);
        for (const [prefix, volume] of Object.entries(volumes)) {
          const to = plan!.targets[prefix] ?? 'a';
          loads.set(to, loads.get(to)! + volume);
        }
        for (const { id, low } of LIMITS) expect(loads.get(id)).toBeLessThanOrEqual(low + 1e-9);
      }
    }
  });

  it('are told from what is seen: each tick follows the plan of its class', async () => {
    const week = new Week();
    await week.ticks(3 * PERIOD_TICKS);
    // The last quarter of each half: every move has been made.
    for (const [half, pattern] of [
      [0, DAY],
      [1, NIGHT],
    ] as const) {
      await week.ticks(PERIOD_TICKS / 2);
      expect(week.decisions.at(-1)?.traffic).toEqual({ class: half, classCount: 2 });
      const moved = week.state.overrides.map(({ prefix }) => pattern[indexOf(prefix)]);
      // The most that fits into 45: 40 + 4 by day, 20 + 20 + 4 at night.
      expect(moved.reduce((sum, volume) => sum + volume, 0)).toBe(44);
    }
  });

  it('do not hold for a pattern that is unknown: that is optimized as it is seen', async () => {
    const week = new Week();
    await week.ticks(2 * PERIOD_TICKS);
    const { askedCount } = week;
    const strange = [1, 1, 30];
    week.state = { ...week.state, optimizedAtMs: null };
    const ticks = await week.ticks(3, () => strange);
    expect(ticks[0].traffic).toEqual({ class: null, classCount: 2 });
    expect(week.askedCount).toBe(askedCount + 1);
    const target = week.state.overrides.find(({ prefix }) => prefix === '10.0.2.0/24');
    expect(target?.to).toBe('b');
  });

  it('wait until a class was seen in as many ticks in a row as a relief waits for', async () => {
    const week = new Week();
    await week.ticks(2 * PERIOD_TICKS);
    // Nights and days by turns: none of them settles.
    const before = week.state.overrides;
    const ticks = await week.ticks(3, (tick) => (tick % 2 === 0 ? DAY : NIGHT));
    expect(ticks.flatMap(({ changes }) => changes)).toEqual([]);
    expect(week.state.overrides.map(({ prefix }) => prefix)).toEqual(before.map(({ prefix }) => prefix));
  });
});

it('a plan expects prefixes of its class that are not measured now where plain BGP sent them', async () => {
  const requests: ReallocationRequest[] = [];
  const asked: Reallocator = (request) => {
    requests.push(request);
    return exhaustive(request);
  };
  const seen = observe(0, IDS, networkOf([30]));
  const measured = seen.prefixes.map((reading) => ({ reading, current: 'a', override: null }));
  const peak = { volumes: { '10.0.0.0/24': 30, '10.0.1.0/24': 20 }, rest: { a: 5 } };
  await solveClassPlan(peak, { '10.0.1.0/24': 'b' }, 0, measured, LIMITS, SETTINGS, asked);
  expect(requests[0].prefixes.map(({ prefix }) => prefix)).toEqual(['10.0.0.0/24']);
  expect(requests[0].points.map(({ room }) => room)).toEqual([75 - 5, 45 - 20]);
  const week = new Week();
  await week.ticks(2 * PERIOD_TICKS);
  expect(week.state.traffic?.homes).toEqual({ '10.0.0.0/24': 'a', '10.0.1.0/24': 'a', '10.0.2.0/24': 'a' });
});
