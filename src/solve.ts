/** The whole way: a payload, or a model, to a checked plan. */
import { EgressoError, type Fault } from './errors.ts';
import { buildModel } from './model/build-model.ts';
import type { NetworkModel } from './model/network-model.ts';
import { parseOptions, type SolveOptions } from './model/options.ts';
import { prefixesWithoutEgressSet, prefixesWithoutSingleEgress } from './optimizer/alternation/start.ts';
import { stoppedBound } from './optimizer/milp/proof.ts';
import { optimize } from './optimizer/optimize.ts';
import type { Stopped } from './optimizer/portfolio/outcome.ts';
import { endingEarlier, type RunControl, UNLIMITED } from './optimizer/run/run-control.ts';
import { assemblePlan } from './plan/assemble.ts';
import type { Plan } from './plan/plan.ts';
import { type Choice, evaluate } from './problem/choice.ts';
import { buildProblem, type Problem } from './problem/problem.ts';

/**
 * Solves a model payload (rows, columns, decoded JSON or msgpack) under the given options. Without a `control` of one's own
 * the run ends by the clock, after `timeLimitMs`.
 *
 * Errors: MODEL_INVALID, OPTIONS_INVALID, NO_ENFORCEABLE_EGRESS, EXACT_TOO_LARGE, SOLVER_FAILED, CHECK_FAILED. An
 * overloaded or stopped run is a plan, not an error.
 */
export async function solve(payload: unknown, options: unknown = {}, control?: RunControl): Promise<Plan> {
  const model = buildModel(payload);
  const complete = parseOptions(options);
  return solveModel(model, complete, control);
}

function untilTimeLimit({ timeLimitMs }: SolveOptions): RunControl {
  const end = performance.now() + timeLimitMs;
  return { ...UNLIMITED, remainingMs: () => end - performance.now() };
}

/**
 * The same for a model that was built before; options are complete. `startPrices`: Float64 [2n] ≥ 0, ingress sides of the points of
 * the model, then egress sides, where the search for shadow prices begins: those of a plan for much the same make it shorter.
 */
export async function solveModel(
  model: NetworkModel,
  options: SolveOptions,
  control: RunControl = untilTimeLimit(options),
  startPrices: Float64Array | null = null,
): Promise<Plan> {
  const problem = buildProblem(model, options);
  refuseUnenforceable(model, problem, options);
  const ending = endingEarlier(control, ASSEMBLY_MS_A_PAIR * problem.pairCount);
  const optimum = await optimize(problem, options, ending, startPrices);
  return assemblePlan(model, problem, optimum, options);
}

/** Milliseconds for each pair in which a plan is named and checked: the time limit is one for the whole call. */
const ASSEMBLY_MS_A_PAIR = 2.5e-3;

/** What is left of a run that did not end. */
export interface Remains {
  readonly choice: Choice;
  /** The best that was reported; null where none was. */
  readonly lowerBound: number | null;
  readonly stopped: Stopped;
}

/**
 * The plan of the best choice of a run that goes on, or that was ended from outside. It is checked as every other plan is;
 * its shadow prices are 0, because the run kept them to itself. Errors: CHECK_FAILED.
 */
export function planOfRemains(model: NetworkModel, options: SolveOptions, remains: Remains): Plan {
  const problem = buildProblem(model, options);
  const { choice, stopped } = remains;
  const optimum = {
    candidate: { choice, evaluation: evaluate(problem, choice) },
    // What was reported may be the word of a solver that was stopped. Without any: costs are ≥ 0.
    lowerBound: Math.max(0, stoppedBound(remains.lowerBound ?? 0)),
    leastOverload: 0,
    provenOverloaded: false,
    prices: new Float64Array(2 * problem.pointCount),
    phases: [],
    stopped,
  };
  return assemblePlan(model, problem, optimum, options);
}

function refuseUnenforceable(model: NetworkModel, problem: Problem, { variant }: SolveOptions): void {
  // A single egress is an egress set too: only what has none is searched for sets.
  const single = prefixesWithoutSingleEgress(problem);
  if (single.length === 0) return;
  const without =
    variant === 'ses' ? single.map((prefix) => ({ prefix, isProven: true })) : prefixesWithoutEgressSet(problem);
  if (without.length === 0) return;
  const faults: Fault[] = without.map(({ prefix, isProven }) => ({
    pointer: '/prefixes',
    message: `prefix "${model.prefixes.ids[prefix]}" ${WITHOUT[variant === 'ses' ? 'single' : isProven ? 'set' : 'found']}`,
  }));
  throw new EgressoError('NO_ENFORCEABLE_EGRESS', faults[0].message, faults);
}

const WITHOUT = {
  single: 'has no egress that is eligible for, and reached by, all of its neighbors; variant "mes" may have a plan',
  set: 'has no set of egresses in which the nearest one is eligible for each of its neighbors',
  found:
    'is without a set of egresses in which the nearest one is eligible for each of its neighbors: none was found, though it is not proven that there is none',
};
