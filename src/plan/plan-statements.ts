/** What a plan says of itself beside its assignments has to be true of them: a plan edited by hand is none. */
import { EgressoError, type Fault } from '../errors.ts';
import { distanceBetween, type NetworkModel } from '../model/network-model.ts';
import { CompensatedSum } from '../problem/sum.ts';
import type { Plan } from './plan.ts';

/** Int32 [pairs] each, index into `model.points`, in the order of `model.traffic`. */
interface Ways {
  readonly ingress: Int32Array;
  readonly egress: Int32Array;
}

/** Sums in another order differ by less. */
const ROUNDING = 1e-6;

const VARIANTS: readonly unknown[] = ['ses', 'mes'];

/**
 * A plan that leaves variant or cost out says nothing of it. Errors: PLAN_INVALID for a variant that there is not, a SES plan
 * with two egress points of one prefix, and a cost that is not that of the assignments, or none at all.
 */
export function checkStatements(model: NetworkModel, plan: Partial<Plan>, ways: Ways): void {
  const faults: Fault[] = [];
  const { variant, cost } = plan;
  if (variant !== undefined && !VARIANTS.includes(variant)) {
    faults.push({ pointer: '/variant', message: `must be ses or mes, not ${JSON.stringify(variant)}` });
  }
  const split = variant === 'ses' ? splitPrefix(model, ways) : null;
  if (split !== null) faults.push({ pointer: '/variant', message: `is ses, but ${split} leaves at two points` });
  if (cost !== undefined) {
    const found = costOf(model, ways);
    if (!isSameCost(cost, found)) {
      const truth = Number.isFinite(found)
        ? `the assignments cost ${found}`
        : 'some pair has no path between its points';
      faults.push({ pointer: '/cost', message: `is ${JSON.stringify(cost)}, but ${truth}` });
    }
  }
  if (faults.length > 0) throw new EgressoError('PLAN_INVALID', `${faults[0].pointer} ${faults[0].message}`, faults);
}

/** But for rounding. What is no finite number, such as that of points without a way between them, is no cost. */
export function isSameCost(stated: unknown, found: number): boolean {
  if (typeof stated !== 'number' || !Number.isFinite(stated) || !Number.isFinite(found)) return false;
  return Math.abs(stated - found) <= ROUNDING * Math.max(1, Math.abs(found));
}

/** Id of the first prefix with two egress points, or null. */
function splitPrefix({ prefixes, traffic }: NetworkModel, { egress }: Ways): string | null {
  for (let k = 0; k < prefixes.count; k++) {
    for (let pair = traffic.start[k] + 1; pair < traffic.start[k + 1]; pair++) {
      if (egress[pair] !== egress[pair - 1]) return prefixes.ids[k];
    }
  }
  return null;
}

function costOf(model: NetworkModel, ways: Ways): number {
  const { prefixes, points, traffic } = model;
  const sum = new CompensatedSum();
  for (let k = 0; k < prefixes.count; k++) {
    const [first, end] = [prefixes.egressStart[k], prefixes.egressStart[k + 1]];
    for (let pair = traffic.start[k]; pair < traffic.start[k + 1]; pair++) {
      const [ingress, egress] = [ways.ingress[pair], ways.egress[pair]];
      const slot = prefixes.egressPoint.subarray(first, end).indexOf(egress);
      const penalty = slot < 0 ? 0 : prefixes.egressPenalty[first + slot];
      sum.add(traffic.volume[pair] * (distanceBetween(model, ingress, egress) + points[egress].price + penalty));
    }
  }
  return sum.value;
}
