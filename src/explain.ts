/** Why a plan has a prefix where it has it, and what another way would cost. */
import { Type } from 'typebox';
import Value from 'typebox/value';
import { EgressoError, type Fault } from './errors.ts';
import { withForcedWay } from './model/forced-way.ts';
import { given } from './model/given.ts';
import type { NetworkModel } from './model/network-model.ts';
import { parseOptions } from './model/options.ts';
import { type RunControl, UNLIMITED } from './optimizer/run/run-control.ts';
import { type Alternative, Alternatives } from './plan/alternatives.ts';
import { type ExplainOptions, ExplainOptionsSchema, type Explanation, type Forced } from './plan/explanation.ts';
import type { Plan } from './plan/plan.ts';
import { type PlannedWays, plannedWays } from './plan/planned-ways.ts';
import { fits } from './problem/capacity.ts';
import { solveModel } from './solve.ts';

/** Control of one of the solves, from its time limit. Default: by the clock. */
export type ControlOf = (timeLimitMs: number) => RunControl;

/** Of the usable capacity: nothing more would fit. */
const ALMOST_FULL = 1 - 1e-6;
/** Prices of less are what is left of the solver's rounding. */
const PRICE_NOISE = 1e-9;

const byClock: ControlOf = (timeLimitMs) => {
  const end = performance.now() + timeLimitMs;
  return { ...UNLIMITED, remainingMs: () => end - performance.now() };
};

/**
 * Explains a plan of `model` for one prefix. With `solve`, the model is solved again for each alternative, which is forced.
 *
 * Errors: PLAN_INVALID, OPTIONS_INVALID (also for ids that the model does not have), SOLVER_FAILED, CHECK_FAILED.
 */
export async function explainPlan(
  model: NetworkModel,
  plan: Plan,
  options: unknown,
  controlOf: ControlOf = byClock,
): Promise<Explanation> {
  const complete = parseExplainOptions(options, model);
  const ways = plannedWays(model, plan);
  const { prefixes, traffic, points } = model;
  const k = prefixes.ids.indexOf(complete.prefix);
  const pairs = pairsOf(model, k, complete.neighbor);
  const alternatives = new Alternatives(model, plan, ways);
  const judged = pairs.map((pair) => ({ pair, all: alternatives.of(k, pair) }));
  const forcing = new Forcing(model, plan, complete, controlOf);
  const wanted = cheapest(judged, complete.solve ? complete.maxSolves : 0);
  const explained: Explanation['pairs'] = [];
  for (const { pair, all } of judged) {
    const named: Explanation['pairs'][number]['alternatives'] = [];
    for (const one of all) {
      const forced = wanted.has(one) ? await forcing.solve(k, pair, one) : null;
      named.push({
        ingress: points[one.ingress].id,
        egress: points[one.egress].id,
        difference: one.difference,
        verdict: one.verdict,
        obstacle: one.obstacle < 0 ? null : points[one.obstacle].id,
        forced,
      });
    }
    explained.push({
      neighbor: model.neighbors[traffic.neighbor[pair]].id,
      volume: traffic.volume[pair],
      ingress: points[ways.ingress[pair]].id,
      egress: points[ways.egress[pair]].id,
      cost: alternatives.cost(k, pair),
      alternatives: named,
    });
  }
  return {
    modelHash: model.hash,
    variant: plan.variant,
    prefix: complete.prefix,
    egressSet: egressSet(model, ways, k),
    binding: bindingPoints(model, plan, k, pairs),
    pairs: explained,
  };
}

/** Fills in the defaults. Errors: OPTIONS_INVALID with a pointer below `base` for each fault. */
export function parseExplainOptions(options: unknown, model: NetworkModel, base = '/options'): ExplainOptions {
  const { solve, maxSolves, timeLimitMs } = ExplainOptionsSchema.properties;
  const defaults = Value.Create(Type.Object({ solve, maxSolves, timeLimitMs })) as object;
  const isObject = typeof options === 'object' && options !== null && !Array.isArray(options);
  const completed = isObject ? { ...defaults, ...given(options) } : options;
  const faults: Fault[] = Value.Errors(ExplainOptionsSchema, completed).map(({ instancePath, message }) => ({
    pointer: `${base}${instancePath}`,
    message,
  }));
  if (isObject && !('prefix' in options)) faults.unshift({ pointer: `${base}/prefix`, message: 'is missing' });
  if (faults.length === 0) faults.push(...idFaults(completed as ExplainOptions, model, base));
  if (faults.length > 0) {
    throw new EgressoError('OPTIONS_INVALID', `${faults[0].pointer}: ${faults[0].message}`, faults);
  }
  return completed as ExplainOptions;
}

function idFaults({ prefix, neighbor }: ExplainOptions, model: NetworkModel, base: string): Fault[] {
  const k = model.prefixes.ids.indexOf(prefix);
  if (k < 0)
    return [{ pointer: `${base}/prefix`, message: `must be the id of a prefix, not ${JSON.stringify(prefix)}` }];
  if (neighbor === undefined || pairsOf(model, k, neighbor).length > 0) return [];
  const message = `must be the id of a neighbor with traffic to ${prefix}, not ${JSON.stringify(neighbor)}`;
  return [{ pointer: `${base}/neighbor`, message }];
}

function pairsOf({ neighbors, traffic }: NetworkModel, k: number, neighbor: string | undefined): number[] {
  const all = Array.from({ length: traffic.start[k + 1] - traffic.start[k] }, (_, at) => traffic.start[k] + at);
  return neighbor === undefined ? all : all.filter((pair) => neighbors[traffic.neighbor[pair]].id === neighbor);
}

function egressSet({ points, traffic }: NetworkModel, { egress }: PlannedWays, k: number): string[] {
  const used = new Set(egress.subarray(traffic.start[k], traffic.start[k + 1]));
  return [...used].sort((a, b) => a - b).map((point) => points[point].id);
}

/** Of each pair in turn the cheapest that is left, until there are enough. */
function cheapest(
  judged: readonly { readonly all: readonly Alternative[] }[],
  count: number,
): ReadonlySet<Alternative> {
  const chosen = new Set<Alternative>();
  const longest = Math.max(0, ...judged.map(({ all }) => all.length));
  for (let place = 1; place < longest; place++) {
    for (const { all } of judged) if (place < all.length && chosen.size < count) chosen.add(all[place]);
  }
  return chosen;
}

function bindingPoints(model: NetworkModel, plan: Plan, k: number, pairs: readonly number[]): Explanation['binding'] {
  const { neighbors, prefixes, traffic, points } = model;
  const usable = {
    ingress: new Set(pairs.flatMap((pair) => Array.from(neighbors[traffic.neighbor[pair]].ingress))),
    egress: new Set(prefixes.egressPoint.subarray(prefixes.egressStart[k], prefixes.egressStart[k + 1])),
  };
  const reported = new Map(plan.points.map((point) => [point.id, point]));
  return points.flatMap(({ id }, index) =>
    (['ingress', 'egress'] as const).flatMap((side) => {
      const at = reported.get(id)?.[side];
      if (at === undefined || !usable[side].has(index)) return [];
      const { load, capacity, shadowPrice } = at;
      const isFull = capacity !== null && load > 0 && !fits(load, capacity * plan.threshold * ALMOST_FULL);
      return isFull || shadowPrice > PRICE_NOISE ? [{ point: id, side, load, capacity, shadowPrice }] : [];
    }),
  );
}

const IMPOSSIBLE: Forced = { status: 'impossible', objective: null, difference: null, gap: null, overload: null };

class Forcing {
  readonly #model: NetworkModel;
  readonly #plan: Plan;
  readonly #options: ExplainOptions;
  readonly #controlOf: ControlOf;

  constructor(model: NetworkModel, plan: Plan, options: ExplainOptions, controlOf: ControlOf) {
    this.#model = model;
    this.#plan = plan;
    this.#options = options;
    this.#controlOf = controlOf;
  }

  async solve(k: number, pair: number, { ingress, egress }: Alternative): Promise<Forced> {
    const { timeLimitMs } = this.#options;
    const { variant, threshold, changeCost, seed, objective, maxChanges } = this.#plan;
    const isChange = this.#isChange(pair, ingress, egress);
    const changesLeft = maxChanges === null ? null : maxChanges - Number(isChange);
    if (changesLeft !== null && changesLeft < 0) return IMPOSSIBLE;
    const limit = changesLeft === null ? {} : { maxChanges: changesLeft };
    const options = parseOptions({ variant, threshold, changeCost, seed, timeLimitMs, ...limit });
    try {
      const model = withForcedWay(this.#model, k, pair, ingress, egress);
      const plan = await solveModel(model, options, this.#controlOf(timeLimitMs));
      // The forced pair cannot stay where it is, so the solver lets it leave for free, and does not count it.
      const whole = plan.objective + (isChange ? this.#model.traffic.volume[pair] * changeCost : 0);
      const overload = plan.overload.total;
      // What does not fit may well be cheap.
      const difference = overload > 0 ? null : whole - objective;
      return { status: plan.status, objective: whole, difference, gap: plan.gap, overload };
    } catch (error) {
      if (!(error instanceof EgressoError) || error.code !== 'NO_ENFORCEABLE_EGRESS') throw error;
      return IMPOSSIBLE;
    }
  }

  #isChange(pair: number, ingress: number, egress: number): boolean {
    const { currentIngress, currentEgress } = this.#model.traffic;
    return currentIngress[pair] >= 0 && (currentIngress[pair] !== ingress || currentEgress[pair] !== egress);
  }
}
