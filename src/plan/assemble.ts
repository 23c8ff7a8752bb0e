/** From the optimizer's indices to a plan by names, judged by the independent check, claims and all: nothing leaves without it. */
import { EgressoError } from '../errors.ts';
import type { NetworkModel } from '../model/network-model.ts';
import type { SolveOptions } from '../model/options.ts';
import type { Optimum } from '../optimizer/portfolio/outcome.ts';
import { fits, overloadOf } from '../problem/capacity.ts';
import type { Choice } from '../problem/choice.ts';
import type { Problem } from '../problem/problem.ts';
import { OPTIMAL_GAP, relativeGap } from '../problem/relative-gap.ts';
import { type CheckResult, checkAssignments } from './check.ts';
import { claimsOf } from './claims.ts';
import type { Assignment, Plan } from './plan.ts';

/** Throws CHECK_FAILED where the assignments break a rule other than capacity. */
export function assemblePlan(model: NetworkModel, problem: Problem, optimum: Optimum, options: SolveOptions): Plan {
  const assignments = nameAssignments(model, problem, optimum.candidate.choice);
  const check = checkAssignments(model, assignments, options);
  const broken = check.violations.filter(({ rule }) => rule !== 'ingress-capacity' && rule !== 'egress-capacity');
  if (broken.length > 0) {
    throw new EgressoError('CHECK_FAILED', `the plan breaks a rule (${broken[0].rule}): ${broken[0].message}`);
  }
  const objective = check.cost + check.changeCost;
  const { lowerBound, leastOverload, dropped } = claimsOf(optimum, check);
  const gap = lowerBound === null || check.overload > 0 ? null : relativeGap(objective, lowerBound);
  return {
    status: check.overload > 0 ? 'overloaded' : gap !== null && gap <= OPTIMAL_GAP ? 'optimal' : 'feasible',
    stopped: optimum.stopped,
    variant: options.variant,
    method: options.method,
    unit: model.unit,
    cost: check.cost,
    objective,
    lowerBound,
    gap,
    overload: {
      total: check.overload,
      leastPossible: leastOverload,
      points: overloadedPoints(model, check, options.threshold),
    },
    assignments,
    points: pointReport(model, check, optimum.prices),
    changes: changesOf(model, problem, assignments),
    phases: [...optimum.phases, ...dropped],
    seed: options.seed,
    threshold: options.threshold,
    changeCost: options.changeCost,
    maxChanges: options.maxChanges ?? null,
    modelHash: model.hash,
  };
}

/** By prefix, then neighbor, both sorted by id. */
function nameAssignments(model: NetworkModel, problem: Problem, choice: Choice): Assignment[] {
  return Array.from({ length: problem.pairCount }, (_, pair) => ({
    neighbor: model.neighbors[problem.pairNeighbor[pair]].id,
    prefix: model.prefixes.ids[problem.pairPrefix[pair]],
    ingress: model.points[choice.ingress[pair]].id,
    egress: model.points[problem.egressPoint[choice.slot[pair]]].id,
  }));
}

function overloadedPoints(model: NetworkModel, check: CheckResult, threshold: number): Plan['overload']['points'] {
  return model.points.flatMap((point, index) =>
    (
      [
        ['ingress', check.ingressLoad[index], point.ingressCapacity * threshold],
        ['egress', check.egressLoad[index], point.egressCapacity * threshold],
      ] as const
    )
      .filter(([, load, capacity]) => !fits(load, capacity))
      .map(([side, load, capacity]) => {
        const amount = overloadOf(load, capacity);
        return { point: point.id, side, amount, moreCapacity: amount / threshold };
      }),
  );
}

function pointReport(model: NetworkModel, check: CheckResult, prices: Float64Array): Plan['points'] {
  const side = (load: number, capacity: number, shadowPrice: number) => ({
    load,
    capacity: Number.isFinite(capacity) ? capacity : null,
    utilization: Number.isFinite(capacity) && capacity > 0 ? load / capacity : null,
    shadowPrice,
  });
  return model.points.map((point, index) => ({
    id: point.id,
    ingress: side(check.ingressLoad[index], point.ingressCapacity, prices[index]),
    egress: side(check.egressLoad[index], point.egressCapacity, prices[model.points.length + index]),
  }));
}

function changesOf(model: NetworkModel, problem: Problem, assignments: readonly Assignment[]): Plan['changes'] {
  const { currentIngress, currentEgress } = model.traffic;
  return assignments.flatMap(({ neighbor, prefix, ingress, egress }, pair) => {
    if (currentIngress[pair] < 0) return [];
    const from = {
      ingress: model.points[currentIngress[pair]].id,
      egress: model.points[currentEgress[pair]].id,
    };
    if (from.ingress === ingress && from.egress === egress) return [];
    const isForced = problem.currentIngress[pair] < 0;
    return [{ neighbor, prefix, from, to: { ingress, egress }, ...(isForced && { forced: true as const }) }];
  });
}
