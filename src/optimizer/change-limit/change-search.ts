/**
 * Large neighborhood search under a limit on changes: as reinsertion, in the problem in which a change has a price, and the
 * price goes up while there are more changes than allowed and down while there are fewer (strategic oscillation, Glover
 * 1989), so that the search crosses the limit again and again. What is within it and better is the new incumbent.
 *
 * Deterministic for a seed; ends after some rounds without gain, at the target, or when it is stopped. Guarantee: the
 * incumbent keeps the limit and never gets worse. Cost of a try: that of a reinsertion.
 */
import type { Choice } from '../../problem/choice.ts';
import { isCurrent, type Problem, unitCost } from '../../problem/problem.ts';
import { SEARCHING } from '../kernels/prefix-kernel.ts';
import type { PrefixPlanner } from '../lagrangian/prefix-plan.ts';
import { drawByVolume, relatives } from '../local-search/relatives.ts';
import type { Incumbent } from '../run/incumbent.ts';
import { uniform } from '../run/random.ts';
import { type RunControl, stopRequested } from '../run/run-control.ts';
import { changeUnitsAt } from './change-price.ts';

const TRIES_EACH = 60;
const FEWEST_TRIES = 2_000;
const MOST_TRIES = 8_000;
const PATIENCE = 2;
const LEAST_GAIN = 1e-4;
/** Tries between two looks at the price, and its step. */
const PERIOD = 50;
const STEP = 1.1;
/** Allowance at the start of a round, in mean costs of a prefix, and by what it falls to the end. */
const WARM = 0.005;
const COOLING = 1e-3;

export interface ChangeSearchOptions {
  readonly limit: number;
  /** Price of a change at the start. */
  readonly price: number;
  /** Float64 [2n], shadow prices. */
  readonly prices: Float64Array;
  /** Int32, prefixes that are taken out. */
  readonly list: Int32Array;
  readonly seed: number;
  /** What a unit of overload counts. */
  readonly weight: number;
  readonly target: number;
  readonly control: RunControl;
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
  const { limit, prices, list, control, weight } = options;
  if (list.length === 0) return 0;
  const random = uniform(options.seed);
  const draw = drawByVolume(list, planner.volume, random);
  const roundTries = Math.min(MOST_TRIES, Math.max(FEWEST_TRIES, TRIES_EACH * list.length));
  const isDone = () =>
    stopRequested(control) ||
    (incumbent.candidate.evaluation.overload === 0 && incumbent.candidate.evaluation.objective <= options.target);
  let tries = 0;
  for (let stalled = 0; stalled < PATIENCE && !isDone(); stalled++) {
    const before = incumbent.candidate.evaluation;
    let price = options.price;
    planner.take(incumbent.candidate.choice);
    planner.kernel.setWeight(weight);
    planner.kernel.setChangeUnits(changeUnitsAt(problem, price));
    const account = new Account(problem, planner.kernel.plan());
    let over = 0;
    for (let round = 0; round < roundTries && !isDone(); round++, tries++) {
      const some = relatives(problem, planner, random, draw);
      const strength = 0.5 + 0.7 * random();
      const own = prices.map((one) => one * strength * (0.85 + 0.3 * random()));
      const heat = (WARM * account.cost * COOLING ** (round / roundTries)) / planner.byVolume.length;
      const allowance = -heat * Math.log(1 - random());
      account.leave(some, planner.kernel.plan());
      const { overload } = planner.kernel.reinsert({ list: some, prices: own, nodeLimit: SEARCHING }, allowance);
      account.enter(some, planner.kernel.plan());
      if (account.changes > limit) over++;
      else if (isWorthOffering(account.cost, overload, incumbent)) {
        incumbent.offer(planner.kernel.plan());
        control.report({ phase: 'changes', incumbent: incumbent.candidate.evaluation.objective, bound: null });
      }
      if (round % PERIOD !== PERIOD - 1) continue;
      price *= over > PERIOD / 2 ? STEP : 1 / STEP;
      over = 0;
      planner.kernel.setChangeUnits(changeUnitsAt(problem, price));
    }
    const { objective, overload } = incumbent.candidate.evaluation;
    if (overload < before.overload || objective < before.objective * (1 - LEAST_GAIN)) stalled = -1;
  }
  return tries;
}

function isWorthOffering(cost: number, overload: number, { candidate }: Incumbent): boolean {
  const best = candidate.evaluation;
  // The kernel counts what is above half of the tolerance, the evaluation what is above all of it.
  if (best.overload > 0) return overload < best.overload || cost < best.objective;
  return overload === 0 && cost < best.objective * (1 - 1e-9);
}

/** Real cost and number of changes of the plan, kept as prefixes leave it and come back. */
class Account {
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
