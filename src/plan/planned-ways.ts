/** A plan in indices of its model. */
import { EgressoError, type Fault } from '../errors.ts';
import type { NetworkModel } from '../model/network-model.ts';
import { checkModelHash } from './parse-plan.ts';
import type { Plan } from './plan.ts';
import { checkStatements } from './plan-statements.ts';

/** What a plan asks of every (neighbor, prefix) pair, in the order of `model.traffic`. */
export interface PlannedWays {
  /** Int32 [pairs], index into `model.points`. */
  readonly ingress: Int32Array;
  readonly egress: Int32Array;
}

/** Errors: PLAN_INVALID where the plan is for another model, does not assign each pair once, or says what is not true of that. */
export function plannedWays(model: NetworkModel, plan: Plan): PlannedWays {
  checkModelHash(plan, model.hash);
  const { traffic, neighbors, prefixes, points } = model;
  const [ingress, egress] = [new Int32Array(traffic.count).fill(-1), new Int32Array(traffic.count).fill(-1)];
  const pointOf = new Map(points.map(({ id }, point) => [id, point]));
  const neighborOf = new Map(neighbors.map(({ id }, h) => [id, h]));
  const prefixOf = new Map(prefixes.ids.map((id, k) => [id, k]));
  const faults: Fault[] = [];
  const fail = (at: number, message: string) => faults.push({ pointer: `/assignments/${at}`, message });
  for (let at = 0; at < plan.assignments.length; at++) {
    const one = plan.assignments[at];
    const [k, h] = [prefixOf.get(one.prefix) ?? -1, neighborOf.get(one.neighbor) ?? -1];
    const [i, j] = [pointOf.get(one.ingress) ?? -1, pointOf.get(one.egress) ?? -1];
    const pair = k < 0 || h < 0 ? -1 : pairOf(traffic, k, h);
    if (pair < 0) fail(at, 'names no pair of the model');
    else if (i < 0 || j < 0) fail(at, 'names a point that the model does not have');
    else if (ingress[pair] >= 0) fail(at, 'is the second for its pair');
    else {
      ingress[pair] = i;
      egress[pair] = j;
    }
  }
  const missing = ingress.reduce((count, point) => count + (point < 0 ? 1 : 0), 0);
  if (missing > 0) faults.push({ pointer: '/assignments', message: `leaves out ${missing} of ${traffic.count} pairs` });
  if (faults.length > 0) {
    throw new EgressoError('PLAN_INVALID', `${faults[0].pointer} ${faults[0].message}`, faults);
  }
  const ways = { ingress, egress };
  checkStatements(model, plan, ways);
  return ways;
}

/** Index of the pair of neighbor h and prefix k, or -1. */
function pairOf({ start, neighbor }: NetworkModel['traffic'], k: number, h: number): number {
  for (let pair = start[k]; pair < start[k + 1]; pair++) if (neighbor[pair] === h) return pair;
  return -1;
}
