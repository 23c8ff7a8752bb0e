/** What one plan has otherwise than another of the same model. */
import { EgressoError } from '../errors.ts';
import { checkModelHash } from './parse-plan.ts';
import type { Assignment, Plan } from './plan.ts';
import { isSameCost } from './plan-statements.ts';

interface Way {
  readonly ingress: string;
  readonly egress: string;
}

export interface PlanDifference {
  readonly modelHash: string;
  readonly variant: { readonly from: Plan['variant']; readonly to: Plan['variant'] };
  readonly cost: { readonly from: number; readonly to: number };
  readonly overload: { readonly from: number; readonly to: number };
  /** Pairs that go another way, in the order of the plans. */
  readonly pairs: readonly {
    readonly neighbor: string;
    readonly prefix: string;
    readonly from: Way;
    readonly to: Way;
  }[];
  /** Points whose load differs, by more than rounding. */
  readonly points: readonly {
    readonly point: string;
    readonly side: 'ingress' | 'egress';
    readonly from: number;
    readonly to: number;
  }[];
}

/** Relative difference of sums that differ by their order only. */
const ROUNDING = 1e-9;

/**
 * Errors: PLAN_INVALID where the plans are of different models, do not assign the same pairs once each, or cost something
 * else though every pair goes the same way.
 */
export function diffPlans(from: Plan, to: Plan): PlanDifference {
  checkModelHash(to, from.modelHash);
  const ways = assignmentsOf(from);
  if (assignmentsOf(to).size !== ways.size) throw invalid('/assignments', 'are not of the pairs of the other plan');
  const pairs = to.assignments.flatMap((one, at) => {
    const { neighbor, prefix, ingress, egress } = one;
    const was = ways.get(key(one));
    if (was === undefined) throw invalid(`/assignments/${at}`, 'names no pair of the other plan');
    if (was.ingress === ingress && was.egress === egress) return [];
    return [{ neighbor, prefix, from: { ingress: was.ingress, egress: was.egress }, to: { ingress, egress } }];
  });
  if (pairs.length === 0 && !isSameCost(to.cost, from.cost)) {
    throw invalid('/cost', `is ${to.cost}, but the other plan, of the same ways, says ${from.cost}`);
  }
  const before = new Map(from.points.map((point) => [point.id, point]));
  const points = to.points.flatMap((point) =>
    (['ingress', 'egress'] as const).flatMap((side) => {
      const [was, is] = [before.get(point.id)?.[side].load ?? 0, point[side].load];
      if (Math.abs(is - was) <= ROUNDING * Math.max(Math.abs(is), Math.abs(was))) return [];
      return [{ point: point.id, side, from: was, to: is }];
    }),
  );
  return {
    modelHash: from.modelHash,
    variant: { from: from.variant, to: to.variant },
    cost: { from: from.cost, to: to.cost },
    overload: { from: from.overload.total, to: to.overload.total },
    pairs,
    points,
  };
}

/** By pair. */
function assignmentsOf({ assignments }: Plan): ReadonlyMap<string, Assignment> {
  const ways = new Map<string, Assignment>();
  for (let at = 0; at < assignments.length; at++) {
    const name = key(assignments[at]);
    if (ways.has(name)) throw invalid(`/assignments/${at}`, 'is the second for its pair');
    ways.set(name, assignments[at]);
  }
  return ways;
}

function invalid(pointer: string, message: string): EgressoError {
  return new EgressoError('PLAN_INVALID', `${pointer} ${message}`, [{ pointer, message }]);
}

/** Length first, so that no id can run into the next. */
function key({ neighbor, prefix }: { neighbor: string; prefix: string }): string {
  return `${neighbor.length} ${neighbor} ${prefix}`;
}
