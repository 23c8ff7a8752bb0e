/** The whole way: a payload, or a model, to a checked plan. */
import { EgressoError, type Fault } from './errors.ts';
import { buildModel } from './model/build-model.ts';
import type { NetworkModel } from './model/network-model.ts';
import { parseOptions, type SolveOptions } from './model/options.ts';
import { optimize } from './optimizer/optimize.ts';
import { type RunControl, UNLIMITED } from './optimizer/run-control.ts';
import { prefixesWithoutEgressSet, prefixesWithoutSingleEgress } from './optimizer/start.ts';
import { assemblePlan } from './plan/assemble.ts';
import type { Plan } from './plan/plan.ts';
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
  return solveModel(model, complete, control ?? untilTimeLimit(complete));
}

function untilTimeLimit({ timeLimitMs }: SolveOptions): RunControl {
  const end = performance.now() + timeLimitMs;
  return { ...UNLIMITED, remainingMs: () => end - performance.now() };
}

/** The same for a model that was built before; options are complete. */
export async function solveModel(
  model: NetworkModel,
  options: SolveOptions,
  control: RunControl = UNLIMITED,
): Promise<Plan> {
  const problem = buildProblem(model, options);
  refuseUnenforceable(model, problem, options);
  const optimum = await optimize(problem, options, control);
  return assemblePlan(model, problem, optimum, options);
}

function refuseUnenforceable(model: NetworkModel, problem: Problem, { variant }: SolveOptions): void {
  // A single egress is an egress set too: only what has none is searched for sets.
  const single = prefixesWithoutSingleEgress(problem);
  if (single.length === 0) return;
  const without = variant === 'ses' ? single : prefixesWithoutEgressSet(problem);
  if (without.length === 0) return;
  const faults: Fault[] = without.map((k) => ({
    pointer: '/prefixes',
    message:
      variant === 'ses'
        ? `prefix "${model.prefixes.ids[k]}" has no egress that is eligible for, and reached by, all of its neighbors; variant "mes" may have a plan`
        : `prefix "${model.prefixes.ids[k]}" has no set of egresses in which the nearest one is eligible for each of its neighbors`,
  }));
  throw new EgressoError('NO_ENFORCEABLE_EGRESS', faults[0].message, faults);
}
