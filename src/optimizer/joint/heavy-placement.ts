/**
 * Whole choices for the heavy prefixes, and the relaxation of the others in the room that is left (one egress a prefix).
 *
 * By turns: annealing against a model of the light prefixes (heavy-annealing), then the relaxation of these with the heavy
 * ones where they are, which says what the choices are truly worth and gives the prices around which the model is made
 * anew. The first turn starts at the prices of the bound.
 *
 * Guarantee: of the choices that were tried the best by the value of the relaxation. Cost: a relaxation each turn, some
 * three of them.
 */
import type { Choice } from '../../problem/choice.ts';
import { type Problem, unitCost } from '../../problem/problem.ts';
import { sideLimit, sideRoom } from '../../problem/sides.ts';
import { generateColumns } from '../column-generation/column-generation.ts';
import { SEARCHING } from '../kernels/prefix-kernel.ts';
import type { Bound } from '../lagrangian/bound.ts';
import { GroupOracle } from '../lagrangian/group-oracle.ts';
import { nothing, type PrefixPlanner } from '../lagrangian/prefix-plan.ts';
import { type RunControl, stopRequested } from '../run/run-control.ts';
import { attemptStage } from '../run/stage.ts';
import { annealHeavy } from './heavy-annealing.ts';
import { expectedLoad, loadResponse } from './load-response.ts';
import { type HeavyModel, loadOf } from './modeled-plan.ts';
import type { Shared } from './share-rounding.ts';

/** How many prefixes are heavy: that share of them, at most so many. */
const HEAVY_SHARE = 0.05;
const MOST_HEAVY = 1_000;
const TURNS = 8;
/** A turn that promises less than this share of the cost is not made. */
const LEAST_GAIN = 3e-6;
/** Temperatures of the light prefixes, in mean costs of a unit: the next one where a turn at one has brought nothing. */
const TEMPERATURES = [0.03, 0.01, 0.1];
const TOLERANCE = 2e-5;
const ROUNDS = 60;

/** The shares are those of the light prefixes, in the groups of the oracle. */
export interface HeavyPlacement extends Shared {
  /** The heavy prefixes are placed, and no others. */
  readonly choice: Choice;
  readonly oracle: GroupOracle;
  /** Float64 [2n], of the relaxation of the light prefixes. */
  readonly prices: Float64Array;
  /** Cost of the heavy prefixes, and what the relaxation of the others has beside them. */
  readonly value: number;
  readonly turns: number;
}

export interface HeavyPlacementOptions {
  readonly seed: number;
  readonly control: RunControl;
}

/** From the plan given; null where it was stopped before the first turn had ended. */
export function placeHeavy(
  problem: Problem,
  planner: PrefixPlanner,
  bound: Bound,
  start: Choice,
  options: HeavyPlacementOptions,
): HeavyPlacement | null {
  return new Placing(problem, planner, bound, options).run(start);
}

class Placing {
  private readonly problem: Problem;
  private readonly planner: PrefixPlanner;
  private readonly bound: Bound;
  private readonly options: HeavyPlacementOptions;
  private readonly heavy: Int32Array;
  private readonly light: Int32Array;
  private readonly limit: Float64Array;
  /** Mean cost of a unit of volume. */
  private readonly unit: number;

  constructor(problem: Problem, planner: PrefixPlanner, bound: Bound, options: HeavyPlacementOptions) {
    this.problem = problem;
    this.planner = planner;
    this.bound = bound;
    this.options = options;
    const { byVolume } = planner;
    const count = Math.min(MOST_HEAVY, Math.ceil(HEAVY_SHARE * byVolume.length));
    this.heavy = byVolume.slice(0, count);
    this.light = byVolume.subarray(count);
    this.limit = sideLimit(problem);
    this.unit = (bound.lowerBound ?? 0) / problem.totalVolume || 1;
  }

  run(start: Choice): HeavyPlacement | null {
    const { problem, bound, options, heavy } = this;
    const { control, seed } = options;
    let choice = start;
    let best: HeavyPlacement | null = null;
    let failures = 0;
    for (let turn = 0; turn < TURNS && failures < TEMPERATURES.length && !stopRequested(control); turn++) {
      const prices: Float64Array = best?.prices ?? bound.prices;
      const around = best === null ? null : choice;
      const model = attemptStage(control, () => this.modelAt(prices, around, TEMPERATURES[failures] * this.unit));
      if (model === null) break;
      const next = { ingress: choice.ingress.slice(), slot: choice.slot.slice() };
      const gain = annealHeavy(problem, heavy, next, model, { seed: seed + turn, control });
      if (best !== null && gain < LEAST_GAIN * best.value) {
        failures++;
        continue;
      }
      const placed: HeavyPlacement | null = attemptStage(control, () =>
        this.relaxedBeside(next, prices, start, turn + 1),
      );
      if (placed === null) break;
      if (best !== null && placed.value >= best.value) {
        failures++;
        continue;
      }
      choice = next;
      best = placed;
    }
    return best;
  }

  /** Around the loads of a choice, or where null around those that the bound has for the heavy prefixes. */
  private modelAt(prices: Float64Array, around: Choice | null, temperature: number): HeavyModel {
    const { problem, heavy, light, limit, planner } = this;
    const response = loadResponse(problem, prices, light, { temperature, control: this.options.control });
    const own = around === null ? this.relaxedLoad(prices, temperature) : loadOf(problem, heavy, around);
    const target = own.map((load, side) => (response.placeOf[side] < 0 ? limit[side] - response.load[side] : load));
    return { prices, response, target, limit, dear: planner.dear };
  }

  /** Float64 [2n], loads of the heavy prefixes in the bound: by their shares, or at its prices. */
  private relaxedLoad(prices: Float64Array, temperature: number): Float64Array {
    const { problem, heavy, bound } = this;
    const { aloneOf } = bound.oracle;
    const { pool, share } = bound.relaxation;
    const isHeavy = new Uint8Array(problem.prefixCount);
    for (const k of heavy) isHeavy[k] = 1;
    const alone = new Set(aloneOf);
    const load = expectedLoad(
      problem,
      prices,
      heavy.filter((k) => !alone.has(k)),
      temperature,
    );
    pool.columns.forEach(({ block, resources, amounts }, index) => {
      if (share[index] === 0 || block >= aloneOf.length || isHeavy[aloneOf[block]] === 0) return;
      for (let at = 0; at < amounts.length; at++) load[resources[at]] += share[index] * amounts[at];
    });
    return load;
  }

  private relaxedBeside(whole: Choice, prices: Float64Array, plan: Choice, turns: number): HeavyPlacement {
    const { problem, planner, heavy, light, options } = this;
    const choice = nothing(problem);
    for (const k of heavy) {
      const [first, end] = [problem.pairStart[k], problem.pairStart[k + 1]];
      choice.ingress.set(whole.ingress.subarray(first, end), first);
      choice.slot.set(whole.slot.subarray(first, end), first);
    }
    const taken = loadOf(problem, heavy, choice);
    const capacity = sideRoom(problem).map((room, side) => room - taken[side]);
    const oracle = new GroupOracle(problem, planner.kernel, {
      room: null,
      nodeLimit: SEARCHING,
      plans: [plan],
      prefixes: light,
    });
    const relaxation = generateColumns(oracle, {
      capacity,
      costWeight: 1,
      overflowPrice: planner.dear,
      startPrices: prices,
      vertex: false,
      tolerance: TOLERANCE,
      maxRounds: ROUNDS,
      control: options.control,
    });
    const { pool, share, primal } = relaxation;
    const value = costOf(problem, heavy, choice) + primal;
    return { choice, oracle, columns: pool.columns, share, prices: relaxation.prices, value, turns };
  }
}

function costOf(problem: Problem, list: Int32Array, { ingress, slot }: Choice): number {
  const { pairStart, pairVolume } = problem;
  let cost = 0;
  for (const k of list) {
    for (let pair = pairStart[k]; pair < pairStart[k + 1]; pair++) {
      cost += pairVolume[pair] * unitCost(problem, pair, ingress[pair], slot[pair]);
    }
  }
  return cost;
}
