/**
 * Simulated annealing of a whole plan by small changes (Kirkpatrick et al. 1983), with overload allowed at a price.
 *
 * The energy adds a part of the shadow prices to the cost, which makes ways alike that compete for the same room, and a
 * weight on overload that rises at each side as long as it overflows and falls as long as it does not (strategic
 * oscillation, Glover 1977), so that plans at the very edge of the capacities are visited from both sides. From some heat
 * on the way is independent of the plan it starts from.
 *
 * Deterministic for a seed unless it is stopped. No guarantee. Cost: some 200 ns a move, whatever the size.
 */
import type { Choice } from '../../problem/choice.ts';
import type { Problem } from '../../problem/problem.ts';
import { uniform } from '../run/random.ts';
import { type RunControl, stopRequested } from '../run/run-control.ts';
import { AnnealingMoves } from './annealing-moves.ts';
import { PenalizedPlan } from './penalized-plan.ts';

/** Of the moves: pairs shifted, pairs swapped, prefixes reopened; the rest exchange egresses. */
const SHIFTS = 0.4;
const SWAPS = 0.7;
const REOPENINGS = 0.95;
/** Moves of one heat; after them the weights follow the overload by these factors. */
const STRIDE = 500;
const RISE = 1.1;
const FALL = 0.95;
/** Strides between two questions whether to go on. */
const STRIDES_ASKED = 20;
/** Of the strides: what is met before is near the start, and runs that all answer with the start look as if they agreed. */
const FORGOTTEN = 0.5;
/** Of the volume: less is none. */
const NO_OVERLOAD = 1e-9;

export interface AnnealingOptions {
  readonly variant: 'ses' | 'mes';
  readonly seed: number;
  readonly moves: number;
  /** Heat at the start and at the end, in mean costs of a pair. */
  readonly hot: number;
  readonly cold: number;
  /** Least weight of a unit of overload, in mean costs of a unit. */
  readonly weight: number;
  /** Float64 [2n], what the energy adds to the cost of a unit. */
  readonly prices: Float64Array;
  readonly control: RunControl;
}

/** From `start`; the best choice met once its first half is over, by overload, then by cost. */
export function anneal(problem: Problem, start: Choice, options: AnnealingOptions): Choice {
  const { variant, moves, hot, cold, control } = options;
  const random = uniform(options.seed);
  const plan = new PenalizedPlan(problem);
  const unit = meanUnitCost(problem);
  const least = options.weight * unit;
  plan.price.set(options.prices);
  plan.weight.fill(Math.max(least, unit));
  plan.set(start);
  let heat = 0;
  const kinds = new AnnealingMoves(plan, variant, random, (change) => {
    return change <= 0 || random() < Math.exp(-change / heat);
  });
  let best = new BestChoice(plan);
  const strides = Math.ceil(moves / STRIDE);
  const pairCost = (unit * problem.totalVolume) / problem.pairCount;
  for (let stride = 0; stride < strides; stride++) {
    if (stride % STRIDES_ASKED === 0 && stopRequested(control)) break;
    if (stride === Math.floor(FORGOTTEN * strides)) best = new BestChoice(plan);
    heat = pairCost * hot * (cold / hot) ** (stride / strides);
    for (let move = 0; move < STRIDE; move++) {
      const kind = random();
      if (kind < SHIFTS) kinds.shift();
      else if (kind < SWAPS) kinds.swap();
      else if (kind < REOPENINGS) kinds.reopen();
      else kinds.exchange();
      best.take();
    }
    for (let side = 0; side < plan.load.length; side++) {
      const factor = plan.load[side] > plan.limit[side] ? RISE : FALL;
      plan.weight[side] = Math.max(least, factor * plan.weight[side]);
    }
    plan.reprice();
  }
  return best.choice;
}

/** Of a unit of volume: from a point to another one, and of a slot. */
function meanUnitCost({ distance, slotCost }: Problem): number {
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length || 0;
  return mean(distance.filter((value) => value > 0 && value < Number.POSITIVE_INFINITY)) + mean(slotCost) || 1;
}

/** The best plan met: less overload first, then less cost. */
class BestChoice {
  choice: Choice;
  private overload: number;
  private cost: number;
  private readonly plan: PenalizedPlan;
  private readonly tolerated: number;

  constructor(plan: PenalizedPlan) {
    this.plan = plan;
    this.choice = plan.choice();
    this.cost = plan.cost;
    this.tolerated = NO_OVERLOAD * plan.problem.totalVolume;
    this.overload = this.overloadOfPlan();
  }

  take(): void {
    const overload = this.overloadOfPlan();
    if (overload > this.overload || (overload === this.overload && this.plan.cost >= this.cost * (1 - 1e-12))) return;
    this.overload = overload;
    this.cost = this.plan.cost;
    this.choice = this.plan.choice();
  }

  private overloadOfPlan(): number {
    return this.plan.overload > this.tolerated ? this.plan.overload : 0;
  }
}
