/**
 * Large neighborhood search in rounds under a limit on changes, in the problem in which a change has a price: the price
 * goes up while there are more changes than allowed and down while there are fewer (strategic oscillation, Glover 1989), so
 * that the search crosses the limit again and again. What is within it and better is the new incumbent.
 *
 * Deterministic for a seed; ends after some rounds without gain, at the target, or when it is stopped. Guarantee: the
 * incumbent keeps the limit and never gets worse. Cost of a try: that of a reinsertion.
 */
import type { Choice } from '../../problem/choice.ts';
import { isCurrent, type Problem, unitCost } from '../../problem/problem.ts';
import type { Reinsertion } from '../kernels/prefix-kernel.ts';
import type { PrefixPlanner } from '../lagrangian/prefix-plan.ts';
import type { ReinsertionOptions } from '../local-search/reinsertion.ts';
import { type RoundTracker, searchInRounds } from '../local-search/rounds.ts';
import type { Incumbent } from '../run/incumbent.ts';
import { changeUnitsAt } from './change-price.ts';

const LEAST_GAIN = 1e-4;
/** Tries between two looks at the price, and its step. */
const PERIOD = 50;
const STEP = 1.1;

export interface ChangeSearchOptions extends ReinsertionOptions {
  /** A price that is dearer than any way, in the problem without a price of changes. */
  readonly dear: number;
  readonly limit: number;
  /** Price of a change at the start. */
  readonly price: number;
  /** Int32, prefixes that are taken out. */
  readonly list: Int32Array;
}

/**
 * From the plan of the incumbent, which is within the limit; returns the number of tries.
 *
 * @param planner over the problem with a price of changes that is not 0.
 */
export function searchChanges(
  problem: Problem,
  planner: PrefixPlanner,
  incumbent: Incumbent,
  options: ChangeSearchOptions,
): number {
  if (options.list.length === 0) return 0;
  const track = () => new PriceSwing(problem, planner, incumbent, options);
  return searchInRounds(problem, planner, incumbent, { ...options, leastGain: LEAST_GAIN, isWarm: true, track });
}

/** Keeps the tally of the tries of a round, and moves the price by it. */
class PriceSwing implements RoundTracker {
  private readonly problem: Problem;
  private readonly planner: PrefixPlanner;
  private readonly incumbent: Incumbent;
  private readonly options: ChangeSearchOptions;
  private readonly tally: ChangeTally;
  private price: number;
  private tries = 0;
  /** Of the tries since the last look at the price: those that ended beyond the limit. */
  private over = 0;

  constructor(problem: Problem, planner: PrefixPlanner, incumbent: Incumbent, options: ChangeSearchOptions) {
    this.problem = problem;
    this.planner = planner;
    this.incumbent = incumbent;
    this.options = options;
    this.tally = new ChangeTally(problem, planner.kernel.plan());
    this.price = options.price;
    this.setPrice(options.price);
  }

  get cost(): number {
    return this.tally.cost;
  }

  before(list: Int32Array): void {
    this.tally.leave(list, this.planner.kernel.plan());
  }

  after(list: Int32Array, { overload }: Reinsertion): void {
    const { incumbent, planner, tally } = this;
    const { limit, control } = this.options;
    tally.enter(list, planner.kernel.plan());
    if (tally.changes > limit) this.over++;
    else if (isWorthOffering(tally.cost, overload, incumbent)) {
      incumbent.offer(planner.kernel.plan());
      control.report({ phase: 'changes', incumbent: incumbent.candidate.evaluation.objective, bound: null });
    }
    if (++this.tries % PERIOD !== 0) return;
    this.setPrice(this.price * (this.over > PERIOD / 2 ? STEP : 1 / STEP));
    this.over = 0;
  }

  end(): void {}

  private setPrice(price: number): void {
    this.price = price;
    this.planner.kernel.setChangeUnits(changeUnitsAt(this.problem, price));
  }
}

function isWorthOffering(cost: number, overload: number, { candidate }: Incumbent): boolean {
  const best = candidate.evaluation;
  // The kernel counts what is above half of the tolerance, the evaluation what is above all of it.
  if (best.overload > 0) return overload < best.overload || cost < best.objective;
  return overload === 0 && cost < best.objective * (1 - 1e-9);
}

/** Real cost and number of changes of the plan, kept as prefixes leave it and come back. */
class ChangeTally {
  cost = 0;
  changes = 0;
  private readonly problem: Problem;

  constructor(problem: Problem, choice: Choice) {
    this.problem = problem;
    for (let k = 0; k < problem.prefixCount; k++) this.add(k, choice, 1);
  }

  leave(list: Int32Array, choice: Choice): void {
    for (const k of list) this.add(k, choice, -1);
  }

  enter(list: Int32Array, choice: Choice): void {
    for (const k of list) this.add(k, choice, 1);
  }

  private add(k: number, { ingress, slot }: Choice, sign: 1 | -1): void {
    const { pairStart, pairVolume, currentIngress } = this.problem;
    for (let pair = pairStart[k]; pair < pairStart[k + 1]; pair++) {
      this.cost += sign * pairVolume[pair] * unitCost(this.problem, pair, ingress[pair], slot[pair]);
      const isMoved = currentIngress[pair] >= 0 && !isCurrent(this.problem, pair, ingress[pair], slot[pair]);
      if (isMoved) this.changes += sign;
    }
  }
}
