/**
 * What the bound begins with: prices near those that matter, a few plans, and the overload that the sides prove by themselves.
 *
 * Guarantee: at least one plan, whatever the time. Cost: a search for prices, and a filling with its repair for each plan.
 */
import { type Choice, evaluate } from '../../problem/choice.ts';
import type { Problem } from '../../problem/problem.ts';
import { sideRoom } from '../../problem/sides.ts';
import { SEARCHING } from '../kernels/prefix-kernel.ts';
import { type Candidate, Incumbent } from '../run/incumbent.ts';
import { Interruption, type RunControl, stopRequested, withShare } from '../run/run-control.ts';
import type { PrefixPlanner } from './prefix-plan.ts';
import { type SideOverload, sideOverload } from './side-overload.ts';

/** Of the time: after it no other filling is begun. */
const FIRST_PLANS_SHARE = 0.25;
/** Of the fillings that give the first plans, in mean prices. */
const STIFFNESS = [1, 0.1];
/** So many pairs or fewer: the overload of the sides is asked for whenever a first plan is overloaded. */
const QUICK_PAIRS = 5_000;

/** What is known before the bound begins. */
export interface BoundStart {
  /** Float64 [2n]. */
  readonly prices: Float64Array;
  /** One or more. */
  readonly plans: readonly Choice[];
  /** What the sides prove, where that was asked before: it does not depend on any cost. */
  readonly sides: SideOverload | null;
}

/** The same with the best of the plans. */
export interface FirstPlans extends BoundStart {
  readonly sides: SideOverload;
  readonly incumbent: Incumbent;
}

/** From prices and plans that are known. */
export function knownPlans(problem: Problem, start: BoundStart, control: RunControl): FirstPlans {
  const incumbent = Incumbent.of(problem, start.plans[0]);
  for (const plan of start.plans) incumbent.offer(plan);
  return { ...start, incumbent, sides: start.sides ?? sidesOf(problem, incumbent.candidate, control) };
}

/** Prices near those that matter, which `startPrices` are taken for, and a few plans, before anything is known. */
export function firstPlans(
  problem: Problem,
  planner: PrefixPlanner,
  control: RunControl,
  startPrices: Float64Array | null = null,
): FirstPlans {
  const prices = startPrices === null ? planner.seekPrices() : whereLimited(problem, startPrices);
  const early = withShare(control, FIRST_PLANS_SHARE);
  const candidates: Candidate[] = [];
  let sides: SideOverload | null = null;
  const take = (candidate: Candidate): void => {
    const { objective, overload } = candidate.evaluation;
    candidates.push(candidate);
    control.improved?.(candidate.choice, candidate.evaluation);
    control.report({ phase: 'bound', incumbent: overload > 0 ? null : objective, bound: null });
  };
  try {
    for (const stiffness of STIFFNESS) {
      if (candidates.length > 0 && stopRequested(early)) break;
      planner.fill({ prices, stiffness, tiers: null, fixed: null });
      const filled = planner.candidate();
      take(filled);
      // Before the repair, which may take all of the time.
      sides ??= sidesOf(problem, filled, control);
      planner.repair(planner.dear / 4);
      take(planner.candidate());
    }
  } catch (error) {
    if (!(error instanceof Interruption)) throw error;
  }
  if (candidates.length === 0) {
    const search = { prices, costWeight: 1, room: null, nodeLimit: SEARCHING, patient: 'always' } as const;
    const { ingress, slot } = planner.kernel.pass(search).choice;
    const choice = { ingress: ingress.slice(), slot: slot.slice() };
    candidates.push({ choice, evaluation: evaluate(problem, choice) });
  }
  const incumbent = new Incumbent(problem, candidates[0], control);
  for (const { choice } of candidates) incumbent.offer(choice);
  sides ??= sidesOf(problem, incumbent.candidate, control);
  return { incumbent, plans: candidates.map(({ choice }) => choice), prices, sides };
}

/** What has no limit has no price, whatever it had in another problem. */
function whereLimited(problem: Problem, prices: Float64Array): Float64Array {
  const room = sideRoom(problem);
  return prices.map((price, side) => (Number.isFinite(room[side]) ? price : 0));
}

/**
 * What the sides prove by themselves, where the plan is overloaded and the answer costs next to nothing or is likely yes:
 * with 82,377 prefixes it takes seconds, and most first plans are overloaded for a moment only.
 */
function sidesOf(problem: Problem, { evaluation }: Candidate, control: RunControl): SideOverload {
  const isAsked = problem.pairCount <= QUICK_PAIRS || isShort(problem);
  if (isAsked && evaluation.overload > 0) return sideOverload(problem, control);
  return { amount: 0, prices: new Float64Array(2 * problem.pointCount) };
}

/** The traffic is more than one kind of side may carry in sum. */
function isShort({ totalVolume, ingressCapacity, egressCapacity }: Problem): boolean {
  return [ingressCapacity, egressCapacity].some(
    (capacity) => totalVolume > capacity.reduce((sum, one) => sum + one, 0),
  );
}
