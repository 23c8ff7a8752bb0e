/** One random day on a fake clock, every tick of it judged by the referee. */
import fc from 'fast-check';
import { sha256 } from '../../../../src/manager/audit/record.ts';
import { AuditLines } from '../../../../src/manager/audit/recorder.ts';
import type { DecisionMaker } from '../../../../src/manager/decision/decide.ts';
import type { Reallocator } from '../../../../src/manager/decision/reallocator.ts';
import type { DecisionSettings } from '../../../../src/manager/decision/settings.ts';
import { INITIAL_STATE, type ManagerState } from '../../../../src/manager/decision/state.ts';
import { limitsOf, settingsOf, streamOf, TICK_MS } from '../../simulation.ts';
import { CAPACITY, type NetworkTraits, RandomNetwork } from './network.ts';
import { Referee } from './referee.ts';

export const DAY_TICKS = 60;

export interface Day extends NetworkTraits {
  readonly seed: number;
  readonly maxChanges: number;
  readonly maxOverrides: number;
  readonly overTicks: number;
  readonly holdTicks: number;
  readonly leaseTicks: number;
  readonly withdrawAfterTicks: number;
  readonly mode: DecisionSettings['mode'];
  readonly classDistance: number;
}

const share = (min: number, max: number) => fc.double({ min, max, noNaN: true });

export const days: fc.Arbitrary<Day> = fc.record({
  seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  pointCount: fc.integer({ min: 2, max: 4 }),
  prefixCount: fc.integer({ min: 1, max: 6 }),
  fill: share(0.2, 1.1),
  deviation: fc.oneof(fc.constant(0), share(0, 0.2)),
  splits: fc.oneof(fc.constant(0), share(0, 1)),
  disobedience: fc.oneof(fc.constant(0), share(0, 0.5)),
  lag: fc.constantFrom(0, 0, 0, 1, 2, 3),
  lossProbability: fc.constantFrom(0, 0, 0.1),
  corruption: fc.oneof(fc.constant(0), share(0, 0.05)),
  maxChanges: fc.integer({ min: 0, max: 3 }),
  maxOverrides: fc.integer({ min: 0, max: 4 }),
  overTicks: fc.integer({ min: 1, max: 3 }),
  holdTicks: fc.integer({ min: 0, max: 12 }),
  leaseTicks: fc.integer({ min: 3, max: 6 }),
  withdrawAfterTicks: fc.integer({ min: 2, max: 8 }),
  mode: fc.constantFrom('relieve' as const, 'optimize' as const),
  classDistance: share(0, 0.8),
});

/** Throws where a rule is broken. Answers the audit log of the day. `isHonest`: of the optimizer. */
export async function judge(
  day: Day,
  Maker: typeof DecisionMaker,
  reallocate: Reallocator,
  isHonest = true,
): Promise<readonly string[]> {
  const random = streamOf(day.seed);
  const { maxChanges, maxOverrides, overTicks, withdrawAfterTicks, mode, classDistance } = day;
  const settings = settingsOf({
    maxChanges,
    maxOverrides,
    overTicks,
    withdrawAfterTicks,
    mode,
    classDistance,
    ofTicks: 4,
    holdDownMs: day.holdTicks * TICK_MS,
    leaseMs: day.leaseTicks * TICK_MS,
    optimizeEveryMs: 10 * TICK_MS,
    classIntervalMs: 5 * TICK_MS,
    classPeriodMs: 20 * TICK_MS,
    classPrefixCount: 3,
    minimumGain: 0,
  });
  const network = new RandomNetwork(day, random);
  const limits = limitsOf(
    network.points.map((id) => ({ id, capacity: CAPACITY, price: Math.floor(3 * random()) })),
    settings,
  );
  const maker = new Maker(limits, settings, reallocate);
  const referee = new Referee(settings, limits, isHonest);
  const audit = new AuditLines();
  let state: ManagerState = INITIAL_STATE;
  audit.append({ kind: 'start', version: 1, settings, limits, state });
  for (let tick = 1; tick <= DAY_TICKS; tick++) {
    const sight = network.tick(tick, DAY_TICKS, state, referee.expected);
    const before = state;
    const { observation } = sight;
    const decided = await maker.decide(before, observation);
    state = decided.state;
    const { decision } = decided;
    const stateHash = sha256(JSON.stringify(state));
    audit.append({ kind: 'tick', observation, withdrawal: null, decision, stateHash });
    referee.check(before, sight, decision, state);
  }
  return audit.lines;
}
