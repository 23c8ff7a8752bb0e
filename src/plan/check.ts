/**
 * The independent check: what the rules say of a list of assignments, recomputed from the model alone.
 *
 * Shares no code with the optimizer and reads none of its arrays. Rules: every pair with a traffic row is assigned once;
 * ingress ∈ In(h); egress ∈ Out(k), reachable and eligible; SES: one egress for each prefix; MES: no pair uses j while a
 * closer egress of the prefix is in use, and at most one point of a router is in use for a prefix; loads within
 * threshold × capacity; no more changes than allowed. Cost O(pairs · egresses in use).
 */
import { distanceBetween, type NetworkModel } from '../model/network-model.ts';
import { fits, overloadOf } from '../problem/capacity.ts';
import { CompensatedSum } from '../problem/sum.ts';
import { closerAt } from './closer.ts';
import type { Assignment } from './plan.ts';

export type Rule =
  | 'unknown-id'
  | 'unknown-pair'
  | 'repeated-pair'
  | 'missing-pair'
  | 'ingress-set'
  | 'egress-set'
  | 'reachability'
  | 'eligibility'
  | 'single-egress'
  | 'proximity'
  | 'one-point-per-router'
  | 'ingress-capacity'
  | 'egress-capacity'
  | 'change-limit';

export interface Violation {
  readonly rule: Rule;
  readonly message: string;
}

export interface CheckResult {
  readonly violations: readonly Violation[];
  /** Compensated sums over the assignments that could be read. */
  readonly cost: number;
  readonly changeCost: number;
  /** Pairs that leave a current choice which is still allowed. */
  readonly changes: number;
  readonly ingressLoad: Float64Array;
  readonly egressLoad: Float64Array;
  readonly overload: number;
}

export interface CheckOptions {
  readonly variant: 'ses' | 'mes';
  readonly threshold: number;
  readonly changeCost: number;
  readonly maxChanges?: number | undefined;
}

/** An assignment in indices of the model. */
interface Placed {
  readonly pair: number;
  readonly prefix: number;
  readonly ingress: number;
  readonly egress: number;
}

export function checkAssignments(
  model: NetworkModel,
  assignments: readonly Assignment[],
  options: CheckOptions,
): CheckResult {
  const violations: Violation[] = [];
  const fail = (rule: Rule, message: string) => violations.push({ rule, message });
  const placed = place(model, assignments, fail);
  const arcStart = firstArcs(model);
  for (const one of placed) checkSets(model, arcStart, one, fail);
  for (const group of byPrefix(model, placed)) {
    if (options.variant === 'ses') checkSingleEgress(model, group, fail);
    else checkProximity(model, group, fail);
  }
  const { ingressLoad, egressLoad } = loads(model, placed);
  let overload = 0;
  model.points.forEach((point, index) => {
    for (const [rule, load, full] of [
      ['ingress-capacity', ingressLoad[index], point.ingressCapacity],
      ['egress-capacity', egressLoad[index], point.egressCapacity],
    ] as const) {
      const capacity = full * options.threshold;
      if (fits(load, capacity)) continue;
      overload += overloadOf(load, capacity);
      fail(rule, `point ${point.id} carries ${load} over ${capacity}`);
    }
  });
  const sums = costs(model, arcStart, placed, options.changeCost);
  const { maxChanges = Number.POSITIVE_INFINITY } = options;
  if (sums.changes > maxChanges) fail('change-limit', `${sums.changes} pairs change, ${maxChanges} may`);
  return { violations, ...sums, ingressLoad, egressLoad, overload };
}

type Fail = (rule: Rule, message: string) => void;

function place(model: NetworkModel, assignments: readonly Assignment[], fail: Fail): Placed[] {
  const index = (ids: readonly { id: string }[]) => new Map(ids.map(({ id }, at) => [id, at]));
  const points = index(model.points);
  const neighbors = index(model.neighbors);
  const prefixes = new Map(model.prefixes.ids.map((id, at) => [id, at]));
  const { start, neighbor: neighborOf, count } = model.traffic;
  const seen = new Uint8Array(count);
  const placed: Placed[] = [];
  for (const one of assignments) {
    const [h, prefix] = [neighbors.get(one.neighbor), prefixes.get(one.prefix)];
    const [ingress, egress] = [points.get(one.ingress), points.get(one.egress)];
    if (h === undefined || prefix === undefined || ingress === undefined || egress === undefined) {
      fail('unknown-id', `assignment of ${one.neighbor} to ${one.prefix} names what the model does not have`);
      continue;
    }
    const within = neighborOf.subarray(start[prefix], start[prefix + 1]).indexOf(h);
    const pair = start[prefix] + within;
    if (within < 0) fail('unknown-pair', `${one.neighbor} has no traffic to ${one.prefix}`);
    else if (seen[pair] === 1) fail('repeated-pair', `${one.neighbor} to ${one.prefix} is assigned twice`);
    else placed.push({ pair, prefix, ingress, egress });
    if (within >= 0) seen[pair] = 1;
  }
  const missing = seen.indexOf(0);
  if (missing >= 0) fail('missing-pair', `${seen.reduce((n, one) => n + 1 - one, 0)} pairs are not assigned`);
  return placed;
}

function checkSets(
  model: NetworkModel,
  arcStart: Int32Array,
  { pair, prefix, ingress, egress }: Placed,
  fail: Fail,
): void {
  const { prefixes, traffic, neighbors, points } = model;
  const neighbor = neighbors[traffic.neighbor[pair]];
  const what = `${neighbor.id} to ${prefixes.ids[prefix]}`;
  if (!neighbor.ingress.includes(ingress)) fail('ingress-set', `${what} may not enter at ${points[ingress].id}`);
  const [first, end] = [prefixes.egressStart[prefix], prefixes.egressStart[prefix + 1]];
  const within = prefixes.egressPoint.subarray(first, end).indexOf(egress);
  if (within < 0) {
    fail('egress-set', `${what} cannot leave at ${points[egress].id}`);
    return;
  }
  if (distanceBetween(model, ingress, egress) === Number.POSITIVE_INFINITY) {
    fail('reachability', `${what}: ${points[egress].id} cannot be reached from ${points[ingress].id}`);
  }
  if (traffic.eligible === null) return;
  const arc = arcStart[prefix] + (pair - traffic.start[prefix]) * (end - first) + within;
  if (traffic.eligible[arc] === 0) fail('eligibility', `${what}: ${points[egress].id} is not eligible`);
}

/** First arc of each prefix in `traffic.eligible`. */
function firstArcs({ prefixes, traffic }: NetworkModel): Int32Array {
  const first = new Int32Array(prefixes.count + 1);
  for (let k = 0; k < prefixes.count; k++) {
    const pairs = traffic.start[k + 1] - traffic.start[k];
    first[k + 1] = first[k] + pairs * (prefixes.egressStart[k + 1] - prefixes.egressStart[k]);
  }
  return first;
}

function byPrefix(model: NetworkModel, placed: readonly Placed[]): Placed[][] {
  const groups: Placed[][] = Array.from({ length: model.prefixes.count }, () => []);
  for (const one of placed) groups[one.prefix].push(one);
  return groups;
}

function checkSingleEgress(model: NetworkModel, group: readonly Placed[], fail: Fail): void {
  const other = group.find(({ egress }) => egress !== group[0].egress);
  if (other === undefined) return;
  const [a, b] = [model.points[group[0].egress].id, model.points[other.egress].id];
  fail('single-egress', `${model.prefixes.ids[other.prefix]} leaves at ${a} and at ${b}`);
}

function checkProximity(model: NetworkModel, group: readonly Placed[], fail: Fail): void {
  const used = [...new Set(group.map(({ egress }) => egress))];
  for (const { prefix, ingress, egress } of group) {
    const closer = used.find((other) => other !== egress && closerAt(model, ingress, other, egress));
    if (closer === undefined) continue;
    const [i, j, near] = [ingress, egress, closer].map((point) => model.points[point].id);
    fail(
      'proximity',
      `${model.prefixes.ids[prefix]} enters at ${i} and leaves at ${j} though ${near} is closer and in use`,
    );
  }
  const routers = used.map((point) => model.points[point].router);
  const twice = routers.find((router, at) => routers.indexOf(router) !== at);
  if (twice !== undefined) {
    fail(
      'one-point-per-router',
      `${model.prefixes.ids[group[0].prefix]} leaves at two points of ${model.routers[twice].id}`,
    );
  }
}

function loads(model: NetworkModel, placed: readonly Placed[]) {
  const sums = () => model.points.map(() => new CompensatedSum());
  const [ingress, egress] = [sums(), sums()];
  for (const one of placed) {
    ingress[one.ingress].add(model.traffic.volume[one.pair]);
    egress[one.egress].add(model.traffic.volume[one.pair]);
  }
  const values = (of: CompensatedSum[]) => Float64Array.from(of, (sum) => sum.value);
  return { ingressLoad: values(ingress), egressLoad: values(egress) };
}

function costs(model: NetworkModel, arcStart: Int32Array, placed: readonly Placed[], changeCost: number) {
  const { prefixes, traffic, points } = model;
  const [carried, moved] = [new CompensatedSum(), new CompensatedSum()];
  let changes = 0;
  for (const { pair, prefix, ingress, egress } of placed) {
    const first = prefixes.egressStart[prefix];
    const within = prefixes.egressPoint.subarray(first, prefixes.egressStart[prefix + 1]).indexOf(egress);
    const penalty = within < 0 ? 0 : prefixes.egressPenalty[first + within];
    const volume = traffic.volume[pair];
    carried.add(volume * (distanceBetween(model, ingress, egress) + points[egress].price + penalty));
    const [wasIn, wasOut] = [traffic.currentIngress[pair], traffic.currentEgress[pair]];
    if (wasIn < 0 || (wasIn === ingress && wasOut === egress)) continue;
    // A current choice that is no longer allowed is left for free.
    let allowed = true;
    checkSets(model, arcStart, { pair, prefix, ingress: wasIn, egress: wasOut }, () => {
      allowed = false;
    });
    if (!allowed) continue;
    moved.add(volume * changeCost);
    changes++;
  }
  return { cost: carried.value, changeCost: moved.value, changes };
}
