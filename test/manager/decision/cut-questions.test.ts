/** A question of relief that the clock has cut: nothing that would do worse answers it in the same tick. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Decided, DecisionMaker } from '../../../src/manager/decision/decide.ts';
import type { Change } from '../../../src/manager/decision/decision.ts';
import type { Observation } from '../../../src/manager/decision/observation.ts';
import type { ReallocationRequest, Reallocator } from '../../../src/manager/decision/reallocator.ts';
import type { DecisionSettings } from '../../../src/manager/decision/settings.ts';
import { INITIAL_STATE, type ManagerState } from '../../../src/manager/decision/state.ts';
import { scaled } from '../../faults/scale.ts';
import { exhaustive, limitsOf, observe, type SimulatedPrefix, settingsOf, streamOf, TICK_MS } from '../simulation.ts';
import { days, judge } from './days/day.ts';

const IDS = ['a', 'b', 'z'];

/** In the words of the docs: low or high for a question that is to be complete, else least. */
interface Asked {
  readonly points: string;
  readonly goal: 'low' | 'high' | 'least';
}

/** Marks of 75 and 85 of 100; `z` carries what `carriedByZ` says, and is over nothing. */
function askedOf({ points, prefixes }: ReallocationRequest, carriedByZ: number): Asked {
  const names = [...new Set(prefixes.map(({ current }) => current))].sort().join('');
  const isLeast = points.some(({ room }) => room === null);
  const room = points.find(({ id }) => id === 'z')?.room ?? 0;
  return { points: names, goal: isLeast ? 'least' : room > 75 - carriedByZ ? 'high' : 'low' };
}

class Bench {
  readonly asked: Asked[][] = [];
  readonly settings: DecisionSettings;
  readonly #maker: DecisionMaker;
  state: ManagerState = INITIAL_STATE;

  /** `isCut`: whether the clock cuts that question in that tick, from 1. */
  constructor(isCut: (asked: Asked, tick: number) => boolean, carriedByZ = 0, given: Partial<DecisionSettings> = {}) {
    this.settings = settingsOf({ recoverTicks: 1, overTicks: 1, ofTicks: 1, ...given });
    const limits = limitsOf(
      IDS.map((id, price) => ({ id, capacity: 100, price })),
      this.settings,
    );
    const reallocate: Reallocator = async (request) => {
      const asked = askedOf(request, carriedByZ);
      this.asked.at(-1)?.push(asked);
      return isCut(asked, this.asked.length) ? { fits: null, moves: [] } : exhaustive(request);
    };
    this.#maker = new DecisionMaker(limits, this.settings, reallocate);
  }

  async tick(network: readonly SimulatedPrefix[]): Promise<readonly Change[]> {
    this.asked.push([]);
    const atMs = (this.state.tick + 1) * TICK_MS;
    const { state, decision } = await this.#maker.decide(this.state, observe(atMs, IDS, network, this.state.overrides));
    this.state = state;
    return decision.changes;
  }

  async ticks(count: number, network: readonly SimulatedPrefix[]): Promise<(readonly Change[])[]> {
    const all: (readonly Change[])[] = [];
    for (let t = 0; t < count; t++) all.push(await this.tick(network));
    return all;
  }
}

const some = (natural: string, volumes: readonly number[], learned = [natural, 'z']): SimulatedPrefix[] =>
  volumes.map((volume, k) => ({ prefix: `10.${IDS.indexOf(natural)}.${k}.0/24`, natural, learned, volume }));
/** Off 95, 20 brings it to the low mark, 10 to the high one. */
const FULL = some('a', [65, 20, 10]);
const volumesOf = (ticks: readonly (readonly Change[])[]): number[][] =>
  ticks.map((changes) => changes.map(({ volume }) => volume));

describe('a question that the clock has cut', () => {
  it('is asked again in the next tick, and nothing is moved for less before', async () => {
    const bench = new Bench((_, tick) => tick === 1);
    expect(volumesOf(await bench.ticks(2, FULL))).toEqual([[], [20]]);
    const low = { points: 'a', goal: 'low' };
    expect(bench.asked).toEqual([[low], [low]]);
    expect(bench.state.reliefQueue).toEqual([]);
  });

  it('cut again, is given up for the next: no point waits for ever', async () => {
    const bench = new Bench(({ goal }) => goal === 'low');
    expect(volumesOf(await bench.ticks(2, FULL))).toEqual([[], [10]]);
    const of = (...goals: Asked['goal'][]): Asked[] => goals.map((goal) => ({ points: 'a', goal }));
    expect(bench.asked).toEqual([of('low'), of('low', 'high')]);
    const never = new Bench(() => true);
    await never.ticks(5, FULL);
    expect(never.asked).toEqual([of('low'), of('low', 'high'), of('high', 'least'), of('least'), of('low')]);
  });

  it('holds up no other point, but what goes as far as it goes', async () => {
    // Both together do not fit: z has room for 20 up to its low mark, and for 30 up to the high one.
    const network = [...some('a', [73, 22]), ...some('b', [73, 20]), ...some('z', [55], ['z'])];
    const bench = new Bench(({ points, goal }, tick) => tick === 1 && points === 'a' && goal !== 'least', 55);
    const [first] = await bench.ticks(1, network);
    expect(first).toMatchObject([{ from: 'b', volume: 20 }]);
    expect(bench.state.reliefQueue).toEqual([{ points: ['a'], goal: 'high', isCut: true }]);
    // 10 bring the one to its high mark, 8 do nothing like it for the other, and there is room for one of them.
    const scarce = [...some('a', [85, 10]), ...some('b', [90, 8]), ...some('z', [70], ['z'])];
    const partly = new Bench((_, tick) => tick === 1, 70);
    expect(volumesOf(await partly.ticks(2, scarce))).toEqual([[], [10]]);
    expect(partly.asked).toEqual([[{ points: 'a', goal: 'high' }], [{ points: 'a', goal: 'high' }]]);
  });

  it('lets no whole plan be made before', async () => {
    const given = { mode: 'optimize', changeCost: 0.1, minimumGain: 0 } as const;
    // The cheapest has nothing at z.
    const network = [...FULL, ...some('z', [10], ['b', 'z'])];
    const bench = new Bench(({ points }, tick) => tick === 1 && points === 'a', 10, given);
    const [first, second] = await bench.ticks(2, network);
    expect(first).toEqual([]);
    expect(bench.asked[0]).toHaveLength(1);
    expect(second).toMatchObject([{ reason: 'relieve', volume: 20 }]);
  });
});

it('in random days: a point that a cut question was about is relieved otherwise only where the tick before had one cut', async () => {
  let waited = 0;
  await fc.assert(
    fc.asyncProperty(days, async (day) => {
      const random = streamOf(day.seed);
      let cut = new Set<string>();
      let cutBefore = new Set<string>();
      const cutting: Reallocator = async (request) => {
        if (random() < 0.6) return exhaustive(request);
        for (const { current } of request.prefixes) cut.add(current);
        return { fits: null, moves: [] };
      };
      class Watched extends DecisionMaker {
        override async decide(last: ManagerState, seen: Observation): Promise<Decided> {
          const decided = await super.decide(last, seen);
          const relieved = decided.decision.changes.filter(({ reason }) => reason === 'relieve');
          for (const { from } of relieved) if (cut.has(from)) expect(cutBefore).toContain(from);
          waited += cut.size;
          // Ticks that decide nothing ask nothing, and are no turn.
          if (decided.decision.reallocations.length > 0) [cutBefore, cut] = [cut, new Set()];
          return decided;
        }
      }
      await judge(day, Watched, cutting, false);
    }),
    { numRuns: scaled(1000), seed: 11 },
  );
  expect(waited).toBeGreaterThan(50);
});
