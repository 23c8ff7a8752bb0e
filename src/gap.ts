/** The generalized assignment problem on its own: an instance in, an assignment with its bound out. */
import { type Static, Type } from 'typebox';
import { EgressoError, type Fault } from './errors.ts';
import { provenByPrices } from './optimizer/gap/certificate.ts';
import { judge, solveGap } from './optimizer/gap/gap.ts';
import { type GapControl, improveGap } from './optimizer/gap/gap-improvement.ts';
import { type LeastOverload, leastOverload, overloads } from './optimizer/gap/gap-overload.ts';
import { loadSolver } from './optimizer/milp/highs.ts';
import { stoppedBound } from './optimizer/milp/proof.ts';
import { UNLIMITED } from './optimizer/run/run-control.ts';
import { watched } from './optimizer/run/watched-control.ts';
import type { GapInstance } from './problem/gap-instance.ts';
import { OPTIMAL_GAP, refutes, relativeGap } from './problem/relative-gap.ts';

export const GapResultSchema = Type.Object(
  {
    status: Type.Enum(['optimal', 'feasible', 'overloaded']),
    cost: Type.Number(),
    lowerBound: Type.Union([Type.Number(), Type.Null()], {
      description: 'No assignment that fits costs less; null where it is proven that none fits.',
    }),
    gap: Type.Union([Type.Number(), Type.Null()], {
      description: '(cost − lowerBound) / |cost|, 1 where only the cost is 0; null when overloaded.',
    }),
    overload: Type.Object(
      {
        total: Type.Number({ description: 'Σ of load above capacity.' }),
        leastPossible: Type.Union([Type.Number(), Type.Null()], {
          description:
            'Proven: every assignment overloads by this much or more. 0: proven, amount unknown; null where nothing is proven.',
        }),
        machines: Type.Array(
          Type.Object(
            { machine: Type.Integer(), amount: Type.Number({ description: 'Load above capacity.' }) },
            { additionalProperties: false },
          ),
          { description: 'With so much more capacity there the assignment fits.' },
        ),
      },
      { additionalProperties: false },
    ),
    assignment: Type.Array(Type.Integer(), { description: 'Machine of each job, from 0.' }),
    certificate: Type.Union(
      [
        Type.Object(
          {
            proves: Type.Enum(['cost', 'overload']),
            prices: Type.Array(Type.Number(), { description: 'λ ≥ 0 of each machine; ≤ 1 for an overload.' }),
            value: Type.Number({
              description:
                'Σ over jobs of the least (cost + λ · weight) − Σ λ · capacity · (1 + 1e-9), where a machine smaller than the job is none for it: no assignment that fits costs less. For an overload the same over all machines, every cost 0: no assignment overloads by less.',
            }),
          },
          { additionalProperties: false },
        ),
        Type.Null(),
      ],
      {
        description:
          'What can be checked without a solver; lowerBound and leastPossible may say more, by integrality. Null where prices prove nothing.',
      },
    ),
  },
  { additionalProperties: false },
);

export type GapResult = Static<typeof GapResultSchema>;

/**
 * Relaxation, rounding and GREEDY; then shifts and ejections; then branch and bound over the arcs that their reduced cost
 * does not rule out, where those are few. Where nothing fits, the least overload is sought instead.
 *
 * Errors: GAP_INVALID, SOLVER_FAILED where there is no assignment yet. Overload is a result.
 */
export async function assign(instance: GapInstance, control: GapControl = UNLIMITED): Promise<GapResult> {
  refuseJobsWithoutMachine(instance);
  await loadSolver();
  const own: GapControl = { ...watched(control), met: (assignment) => control.met?.(assignment) };
  own.report({ phase: 'relaxation', incumbent: null, bound: null });
  const first = solveGap(instance, own);
  if (first.proof !== null) {
    const { amount, prices } = first.proof;
    const certificate = prices === null ? null : certificateOf(instance, 'overload', prices);
    const proven = Math.max(amount, certificate?.value ?? 0);
    const least = relieved(instance, first.assignment, proven, own);
    return resultOf(instance, { ...least, lowerBound: null, certificate });
  }
  const improved = improveGap(instance, first, own);
  const isOverloaded = judge(instance, improved.assignment).overload > 0;
  const least = isOverloaded ? relieved(instance, improved.assignment, 0, own) : null;
  const assignment = least?.assignment ?? improved.assignment;
  const leastPossible = least?.leastPossible ?? 0;
  if (improved.lowerBound === null || leastPossible > 0) {
    return resultOf(instance, { assignment, lowerBound: null, leastPossible, certificate: null });
  }
  const certificate = certificateOf(instance, 'cost', first.prices);
  const lowerBound = Math.max(improved.lowerBound, certificate?.value ?? improved.lowerBound);
  return resultOf(instance, { assignment, lowerBound, leastPossible: null, certificate });
}

/** What overloads least, and by how much every assignment does. */
function relieved(instance: GapInstance, start: Int32Array, proven: number, control: GapControl): LeastOverload {
  control.report({ phase: 'least overload', incumbent: null, bound: null });
  control.met?.(start);
  const least = leastOverload(instance, start, proven, control);
  control.met?.(least.assignment);
  return least;
}

/**
 * The result of a run that goes on, or that was ended from outside, as of its best assignment so far, Int32 [jobs] of arcs.
 *
 * @param bound the best that was reported; null where none was.
 */
export function assignmentOfRemains(instance: GapInstance, assignment: Int32Array, bound: number | null): GapResult {
  const lowered = bound === null ? cheapestOf(instance) : stoppedBound(bound);
  return resultOf(instance, { assignment, lowerBound: lowered, leastPossible: null, certificate: null });
}

interface Found {
  /** Int32 [jobs], arcs. */
  readonly assignment: Int32Array;
  readonly lowerBound: number | null;
  readonly leastPossible: number | null;
  readonly certificate: GapResult['certificate'];
}

/** Claims that the assignment itself refutes do not leave. */
function resultOf(instance: GapInstance, { assignment, certificate, ...claimed }: Found): GapResult {
  const { cost, overload } = judge(instance, assignment);
  const isRefuted = claimed.lowerBound === null ? overload === 0 : overload === 0 && refutes(cost, claimed.lowerBound);
  const lowerBound = isRefuted ? cheapestOf(instance) : claimed.lowerBound;
  const bound = lowerBound === null || overload > 0 ? lowerBound : Math.min(lowerBound, cost);
  const gap = overload > 0 || bound === null ? null : relativeGap(cost, bound);
  const leastPossible = isRefuted || claimed.leastPossible === null ? null : Math.min(claimed.leastPossible, overload);
  return {
    status: overload > 0 ? 'overloaded' : gap !== null && gap <= OPTIMAL_GAP ? 'optimal' : 'feasible',
    cost,
    lowerBound: bound,
    gap,
    overload: { total: overload, leastPossible, machines: lacking(instance, assignment) },
    assignment: Array.from(assignment, (arc) => instance.machine[arc]),
    certificate: isRefuted ? null : certificate,
  };
}

function lacking(instance: GapInstance, assignment: Int32Array): GapResult['overload']['machines'] {
  return Array.from(overloads(instance, assignment), (amount, machine) => ({ machine, amount })).filter(
    ({ amount }) => amount > 0,
  );
}

function certificateOf(
  instance: GapInstance,
  proves: 'cost' | 'overload',
  prices: Float64Array,
): GapResult['certificate'] {
  const value = provenByPrices(instance, prices, proves === 'cost' ? 1 : 0);
  return Number.isFinite(value) ? { proves, prices: Array.from(prices), value } : null;
}

/** Every job on its cheapest machine: a bound that nothing refutes. */
function cheapestOf({ jobCount, start, cost }: GapInstance): number {
  let sum = 0;
  for (let job = 0; job < jobCount; job++) {
    sum += cost.subarray(start[job], start[job + 1]).reduce((least, one) => Math.min(least, one));
  }
  return sum;
}

function refuseJobsWithoutMachine({ jobCount, start }: GapInstance): void {
  const faults: Fault[] = [];
  for (let job = 0; job < jobCount; job++) {
    if (start[job] < start[job + 1]) continue;
    faults.push({ pointer: '/forbidden', message: `job ${job} is forbidden on every machine` });
  }
  if (faults.length > 0) throw new EgressoError('GAP_INVALID', faults[0].message, faults);
}
