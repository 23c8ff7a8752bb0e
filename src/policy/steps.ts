/** The execution plan: the change from the policy that is there to the one that a plan needs, in steps that are safe. */
import type { PlannedWays } from '../plan/planned-ways.ts';
import { overloadOf } from '../problem/capacity.ts';
import { type Batch, orderMoves } from './batches.ts';
import { policyDifference } from './difference.ts';
import { DIRECTIONS, type Direction, type PolicyRule, type RouterPolicy } from './document.ts';
import { changeOf } from './moves.ts';
import type { PolicyOptions } from './options.ts';
import { rendererFor } from './render/renderers.ts';
import type { ExecutionPlan, ExecutionStep } from './report.ts';
import { RuleBook } from './rule-book.ts';
import { formatOf, renderContext, type Setting } from './setting.ts';

/** `target`: rules of the plan before those that are kept, as synthesis gives them. */
export function executionPlan(
  setting: Setting,
  target: readonly RouterPolicy[],
  planned: PlannedWays,
  options: PolicyOptions,
): ExecutionPlan {
  const { model, existing } = setting;
  const { moves, load, unknownVolume } = changeOf(setting, target, planned);
  const capacity = Float64Array.from(model.points.flatMap((point) => [point.ingressCapacity, point.egressCapacity]));
  const { batches, isLeast } = orderMoves(moves, capacity, load);
  // A prefix whose rules do not change has those of the target from the start.
  const isDone = new Uint8Array(model.prefixes.count).fill(1);
  for (const { prefix } of moves) isDone[prefix] = 0;
  const mixture = new Mixture(setting, target);
  let before = existing;
  const steps = batches.map((batch): ExecutionStep => {
    for (const { prefix } of batch.moves) isDone[prefix] = 1;
    const after = mixture.policies(isDone);
    const step = describe(setting, batch, before, after, capacity, options);
    before = after;
    return step;
  });
  return {
    isSafe: steps.every(({ overloadOnTheWay }) => overloadOnTheWay === 0),
    isLeast,
    unknownVolume,
    before: namedLoads(setting, load),
    steps,
  };
}

function describe(
  setting: Setting,
  { moves, overloadOnTheWay, load }: Batch,
  before: readonly RouterPolicy[],
  after: readonly RouterPolicy[],
  capacity: Float64Array,
  options: PolicyOptions,
): ExecutionStep {
  const { model } = setting;
  const difference = policyDifference(before, after);
  const touched = new Set(difference.map(({ router }) => router));
  const find = (of: readonly RouterPolicy[], id: string): RouterPolicy =>
    of.find(({ router }) => router === id) ?? { router: id, sessions: [] };
  let overload = 0;
  for (let side = 0; side < load.length; side++) overload += overloadOf(load[side], capacity[side]);
  return {
    prefixes: moves.map(({ prefix }) => model.prefixes.ids[prefix]),
    overloadOnTheWay,
    overload,
    loads: namedLoads(setting, load),
    difference,
    routers: model.routers.flatMap(({ id }, router) => {
      if (!touched.has(id) || (options.router !== undefined && options.router !== id)) return [];
      const format = formatOf(model, options, router);
      const [renderer, context] = [rendererFor(format), renderContext(setting, router)];
      const [was, is] = [find(before, id), find(after, id)];
      return [
        { router: id, format, change: renderer.change(was, is, context), rollback: renderer.change(is, was, context) },
      ];
    }),
  };
}

function namedLoads({ model }: Setting, load: Float64Array): ExecutionStep['loads'] {
  return model.points.map(({ id }, point) => ({ point: id, ingress: load[2 * point], egress: load[2 * point + 1] }));
}

/** Policies in which some prefixes have their rules of the target and the others those that were there. */
class Mixture {
  readonly #setting: Setting;
  readonly #target: readonly RouterPolicy[];

  constructor(setting: Setting, target: readonly RouterPolicy[]) {
    this.#setting = setting;
    this.#target = target;
  }

  /** `isDone`: Uint8 [prefixes], 1 for those that have their rules of the target. */
  policies(isDone: Uint8Array): RouterPolicy[] {
    const { network, names, existing, kept, model } = this.#setting;
    const book = new RuleBook(network, names);
    const isTarget = (k: number): boolean => k >= 0 && isDone[k] === 1;
    for (let session = 0; session < network.sessions.length; session++) {
      const router = model.routers[network.sessions[session].router].id;
      for (const direction of DIRECTIONS) {
        const own = [
          ...this.#ownRules(this.#target, router, session, direction, isTarget),
          ...this.#ownRules(existing, router, session, direction, (k) => k >= 0 && !isTarget(k)),
        ].sort((a, b) => a.k - b.k);
        for (const { k, rule } of own) book.add(direction, session, k, rule.action, rule.set);
      }
    }
    return book.policies(kept);
  }

  #ownRules(
    policies: readonly RouterPolicy[],
    router: string,
    session: number,
    direction: Direction,
    isWanted: (k: number) => boolean,
  ): { readonly k: number; readonly rule: PolicyRule }[] {
    const { names } = this.#setting;
    const policy = policies.find((one) => one.router === router);
    const rules = policy?.sessions.find((one) => one.session === names.sessions[session])?.[direction] ?? [];
    return rules
      .filter(({ isOwn }) => isOwn)
      .flatMap((rule) =>
        rule.prefixes.flatMap((prefix) => {
          const k = names.prefixIndex.get(prefix) ?? -1;
          return isWanted(k) ? [{ k, rule }] : [];
        }),
      );
  }
}
