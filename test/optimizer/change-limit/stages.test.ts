/** What the stages under a limit on changes hand to each other: plans, claims, and the question whether to go on. */
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { buildModel } from '../../../src/model/build-model.ts';
import { parseOptions } from '../../../src/model/options.ts';
import { biggestFirst, hotPotato } from '../../../src/optimizer/alternation/baselines.ts';
import { type ChangeLimitHooks, optimizeWithin } from '../../../src/optimizer/change-limit/change-limit.ts';
import { solveExact, solveLeastOverload } from '../../../src/optimizer/exact/exact.ts';
import { sideOverload } from '../../../src/optimizer/lagrangian/side-overload.ts';
import { loadSolver } from '../../../src/optimizer/milp/highs.ts';
import type { Candidate } from '../../../src/optimizer/run/incumbent.ts';
import type { Known } from '../../../src/optimizer/run/known.ts';
import { UNLIMITED } from '../../../src/optimizer/run/run-control.ts';
import { type Choice, evaluate } from '../../../src/problem/choice.ts';
import { buildProblem, type Problem } from '../../../src/problem/problem.ts';
import { solve } from '../../../src/solve.ts';
import { payloadOf, randomPayload } from '../../oracle/random-model.ts';

vi.mock('../../../src/optimizer/exact/exact.ts', { spy: true });
vi.mock('../../../src/optimizer/lagrangian/side-overload.ts', { spy: true });

beforeAll(loadSolver);
beforeEach(() => vi.clearAllMocks());

const PREFIXES = ['P0', 'P1', 'P2'];
const DISTANCES = { a: 7, c: 2, d: 3 };

/** Traffic of 3 for each of three prefixes from `b`, where `a` is 7 away, `c` 2 and `d` 3; now it leaves where `at` says. */
function threePrefixes(capacity: { a?: number; c?: number; d?: number }, at: readonly ('a' | 'c')[] = ['a', 'a', 'a']) {
  const exits = Object.keys(capacity) as (keyof typeof DISTANCES)[];
  return payloadOf({
    routers: [{ id: 'b' }, ...exits.map((id) => ({ id, egressCapacity: capacity[id] as number }))],
    distances: exits.map((to) => ({ from: 'b', to, distance: DISTANCES[to] })),
    neighbors: [{ id: 'n', ingress: ['b'] }],
    prefixes: PREFIXES.map((id, k) => ({ id, prefix: `10.${k}.0.0/16`, egress: exits })),
    traffic: PREFIXES.map((prefix) => ({ neighbor: 'n', prefix, volume: 3 })),
    current: PREFIXES.map((prefix, k) => ({ neighbor: 'n', prefix, ingress: 'b', egress: at[k] })),
  });
}

const problemOf = (payload: object) => buildProblem(buildModel(payload), { threshold: 1, changeCost: 0 });

/** The choice in which every pair leaves by the slot named, of those of its prefix. */
function leavingBy(problem: Problem, places: readonly number[]): Candidate {
  const { currentIngress, pairPrefix, egressStart } = problem;
  const slot = Int32Array.from(pairPrefix, (k, pair) => egressStart[k] + places[pair]);
  const choice: Choice = { ingress: currentIngress.slice(), slot };
  return { choice, evaluation: evaluate(problem, choice) };
}

interface Run {
  readonly maxChanges: number;
  /** What the runs without a limit give, the last one again and again. */
  readonly unlimited: readonly (Partial<Known> & { candidate: Candidate })[];
  readonly method?: 'auto' | 'joint';
}

/** Under a clock that stands still, with the integer program always worth its time. */
function run(problem: Problem, { maxChanges, unlimited, method = 'auto' }: Run) {
  const phases: string[] = [];
  const nothing = { lowerBound: 0, leastOverload: 0, provenOverloaded: false };
  const prices = new Float64Array(2 * problem.pointCount);
  let runs = 0;
  const hooks: ChangeLimitHooks = {
    control: { ...UNLIMITED, remainingMs: () => 1e6 },
    unlimited: () => ({ ...nothing, prices, ...unlimited[Math.min(runs++, unlimited.length - 1)] }),
    worthExact: () => method === 'auto',
    note: (phase) => phases.push(phase),
  };
  const options = { ...parseOptions({ method, variant: 'ses', gapTarget: 0 }), maxChanges };
  const known = optimizeWithin(problem, options, hooks);
  return { known, phases, runs };
}

describe('where the limit does not bind', () => {
  const proven = { lowerBound: null, leastOverload: 0.5, provenOverloaded: true };

  it.each([
    ['by the integer program', {}],
    ['before', proven],
  ])('the plan of the least overload stays, where it is proven %s that none fits', (_, claims) => {
    // 9 into 4 and 5: 1 too much at c at best, the relaxation fits.
    const problem = problemOf(threePrefixes({ a: 4, c: 5 }));
    const current = leavingBy(problem, [0, 0, 0]);
    expect(current.evaluation.overload).toBe(5);
    const { known, runs } = run(problem, { maxChanges: 3, unlimited: [{ candidate: current, ...claims }] });
    expect(known.candidate.evaluation.overload).toBe(1);
    expect(known.leastOverload).toBeCloseTo(1, 6);
    expect(known).toMatchObject({ lowerBound: null, provenOverloaded: true });
    expect(runs).toBe(1);
  });

  it('a bound of branch and bound that a later plan refutes is not kept, the others are', () => {
    const problem = problemOf(threePrefixes({ a: 9, c: 9 }));
    const [current, best] = [leavingBy(problem, [0, 0, 0]), leavingBy(problem, [1, 1, 1])];
    vi.mocked(solveExact).mockReturnValueOnce({ candidate: current, lowerBound: 60, finished: true, nodes: 1 });
    const { known } = run(problem, { maxChanges: 3, unlimited: [{ candidate: current }, { candidate: best }] });
    expect(known.candidate.evaluation.objective).toBe(18);
    expect(known.lowerBound).toBeCloseTo(18, 9);
  });

  it('nor is a proof that nothing fits', () => {
    const problem = problemOf(threePrefixes({ a: 9, c: 9 }));
    const current = leavingBy(problem, [0, 0, 0]);
    const { known } = run(problem, { maxChanges: 3, unlimited: [{ candidate: current, ...proven }] });
    expect(known.candidate.evaluation.objective).toBe(18);
    expect(known).toMatchObject({ provenOverloaded: false, leastOverload: 0 });
    expect(known.lowerBound).toBeCloseTo(18, 9);
  });
});

describe('where it binds', () => {
  it('the integer program is not asked once the plan is proven to be the best', () => {
    // One change leaves 3 of 6 at a, which holds 1; what moves to d without a limit would be cheaper at c.
    const problem = problemOf(threePrefixes({ a: 1, c: 9, d: 9 }, ['a', 'a', 'c']));
    const dear = leavingBy(problem, [2, 2, 2]);
    const { known, phases } = run(problem, { maxChanges: 1, unlimited: [{ candidate: dear }] });
    expect(known).toMatchObject({ lowerBound: null, provenOverloaded: true });
    expect(known.candidate.evaluation).toMatchObject({ overload: 2, objective: 3 * (7 + 2 + 2) });
    expect(known.leastOverload).toBeCloseTo(2, 6);
    expect(phases).toContain('changes');
    expect(solveLeastOverload).not.toHaveBeenCalled();
  });

  it('the overload of the sides is asked for once, whatever the price of a change', () => {
    const size = { points: 6, neighbors: 3, prefixes: 12, pairs: 30 };
    for (const seed of [2, 4]) {
      const payload = randomPayload(seed, size, { plain: true, full: true });
      const plain = buildProblem(buildModel({ ...payload, current: [] }), { threshold: 0.5, changeCost: 0 });
      const { ingress: currentIngress, slot: currentSlot } = hotPotato(plain, 'ses');
      const problem = { ...plain, currentIngress, currentSlot };
      const choice = biggestFirst(problem);
      const candidate = { choice, evaluation: evaluate(problem, choice) };
      vi.mocked(sideOverload).mockClear();
      const { phases } = run(problem, { maxChanges: 3, unlimited: [{ candidate }], method: 'joint' });
      expect(phases.filter((phase) => phase === 'changes').length, `seed ${seed}`).toBeGreaterThan(1);
      expect(sideOverload, `seed ${seed}`).toHaveBeenCalledTimes(1);
    }
  });
});

it('exact is the optimum, however near to it the current way is', async () => {
  const payload = payloadOf({
    routers: [{ id: 'b' }, { id: 'a' }, { id: 'c' }],
    distances: [
      { from: 'b', to: 'a', distance: 20_001 },
      { from: 'b', to: 'c', distance: 20_000 },
    ],
    neighbors: [{ id: 'n', ingress: ['b'] }],
    prefixes: [{ id: 'P', prefix: '10.0.0.0/8', egress: ['a', 'c'] }],
    traffic: [{ neighbor: 'n', prefix: 'P', volume: 1 }],
    current: [{ neighbor: 'n', prefix: 'P', ingress: 'b', egress: 'a' }],
  });
  for (const variant of ['ses', 'mes']) {
    const plan = await solve(payload, { method: 'exact', variant, maxChanges: 1 });
    expect(plan).toMatchObject({ status: 'optimal', objective: 20_000, stopped: 'done' });
  }
});

it.each(['auto', 'joint'])('%s without any time has the first plan of a run without the limit', async (method) => {
  const payload = threePrefixes({ a: 4, c: 6, d: 9 });
  const control = { ...UNLIMITED, remainingMs: () => 0 };
  const plan = await solve(payload, { method, maxChanges: 3 }, control);
  expect(plan.phases.map(({ phase }) => phase)).toContain('bound');
  expect(plan.overload.total).toBe(0);
});
