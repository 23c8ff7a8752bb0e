/**
 * Method `joint`: plans from the relaxation in which both sides of capacity are priced at once (see bound).
 *
 * The heaviest prefixes get whole choices (heavy-dive). The others are rounded from their shares in the relaxation
 * (share-rounding), which is best where many are alike, or fill what is left under its prices (prefix-plan); large
 * neighborhood search goes on from the best (reinsertion). Anytime: the best plan so far is always at hand. Guarantee:
 * never worse than the plan it starts from. Cost: some ten small linear programs, then placements.
 */
import type { Problem } from '../../problem/problem.ts';
import { sideLimit } from '../../problem/sides.ts';
import type { Bound } from '../lagrangian/bound.ts';
import { meanPrice, nothing, type PrefixPlanner } from '../lagrangian/prefix-plan.ts';
import { reinsert } from '../local-search/reinsertion.ts';
import type { Candidate, Incumbent } from '../run/incumbent.ts';
import { type RunControl, stopRequested, withShare } from '../run/run-control.ts';
import { attemptStage } from '../run/stage.ts';
import { diveHeavy } from './heavy-dive.ts';
import { placeHeavy } from './heavy-placement.ts';
import { roundShares } from './share-rounding.ts';

/** A prefix of at least this share of the volume, among the heaviest, gets its choice from the dive. */
const HEAVY_SHARE = 0.002;
/** With few prefixes prices that stay are best. */
const FILLINGS = [
  { stiffness: 1, tiers: null },
  { stiffness: 0.3, tiers: null },
  { stiffness: 0.1, tiers: { first: 100, growth: 4 } },
];
/** With many, those that follow; which tiers suit is chance, so the best of some stays. */
const MANY_PREFIXES = 20_000;
const FOLLOWING = [
  { stiffness: 0.1, tiers: { first: 100, growth: 4 } },
  { stiffness: 0.1, tiers: { first: 10, growth: 1.5 } },
  { stiffness: 0.05, tiers: { first: 5, growth: 1.7 } },
  { stiffness: 0.05, tiers: { first: 5, growth: 1.4 } },
];
/** With fewer the others are no crowd whose answer to prices could be modeled. */
const FEWEST_FOR_MODEL = 1_000;
/** A plan within this gap after rounding: fillings have nothing to add. */
const CLOSE = 5e-4;
const FIRST_WEIGHT = 4;
/** What a unit of overload counts in the search, in prices that are dearer than any way. */
const SEARCH_WEIGHT = 4;

export interface JointOptions {
  readonly seed: number;
  readonly gapTarget: number;
  readonly control: RunControl;
  /** Told of every stage. */
  readonly note: (phase: string, iterations: number, candidate: Candidate) => void;
}

/** Improves the incumbent. Throws Interruption where it was stopped in the middle of a plan. */
export function improveJointly(
  problem: Problem,
  planner: PrefixPlanner,
  bound: Bound,
  incumbent: Incumbent,
  { seed, gapTarget, control, note }: JointOptions,
): void {
  const target = bound.lowerBound === null ? Number.NEGATIVE_INFINITY : targetOf(bound.lowerBound, gapTarget);
  const isBelow = (most: number): boolean => {
    const { objective, overload } = incumbent.candidate.evaluation;
    return overload === 0 && objective <= most;
  };
  const isDone = (): boolean => stopRequested(control) || isBelow(target);
  if (isDone()) return;
  const { volume, byVolume, dear } = planner;
  const count = byVolume.filter((k) => volume[k] >= HEAVY_SHARE * problem.totalVolume).length;
  const limit = sideLimit(problem);
  const early = withShare(control, 0.5);
  const dived = attemptStage(control, () =>
    diveHeavy(problem, bound.oracle, bound.relaxation, { count, limit, overflowPrice: dear, control: early }),
  ) ?? { choice: nothing(problem), columns: bound.relaxation.pool.columns, share: bound.relaxation.share };
  const price = meanPrice(bound.prices) || dear / 20;
  const settle = (): void => {
    planner.repair(FIRST_WEIGHT * price);
    incumbent.offer(planner.kernel.plan());
  };
  const rounded = { ingress: dived.choice.ingress.slice(), slot: dived.choice.slot.slice() };
  roundShares(problem, bound.oracle, dived, byVolume, rounded, control);
  planner.take(rounded);
  settle();
  note('rounding', 1, incumbent.candidate);
  const close = targetOf(bound.lowerBound ?? Number.NEGATIVE_INFINITY, CLOSE);
  const isMany = byVolume.length > MANY_PREFIXES;
  const placesHeavy = planner.variant === 'ses' && bound.lowerBound !== null && byVolume.length >= FEWEST_FOR_MODEL;
  let hasPlaced = false;
  if (placesHeavy && !isDone() && !isBelow(close)) {
    const placed = placeHeavy(problem, planner, bound, incumbent.candidate.choice, { seed, control: early });
    if (placed !== null) {
      const { columns } = placed.relaxation.pool;
      roundShares(
        problem,
        placed.oracle,
        { columns, share: placed.relaxation.share },
        byVolume,
        placed.choice,
        control,
      );
      planner.take(placed.choice);
      settle();
    }
    note('heavy prefixes', placed?.turns ?? 0, incumbent.candidate);
    hasPlaced = placed !== null && incumbent.candidate.evaluation.overload === 0;
  }
  const many = hasPlaced ? [] : FOLLOWING;
  const fillings = isMany ? many : FILLINGS;
  for (const filling of fillings) {
    if (isDone() || isBelow(close)) break;
    planner.fill({ ...filling, prices: bound.prices, fixed: dived.choice });
    settle();
  }
  note('filling', fillings.length, incumbent.candidate);
  if (isDone()) return;
  const tries = reinsert(problem, planner, incumbent, {
    prices: bound.prices,
    seed,
    weight: SEARCH_WEIGHT * dear,
    target,
    control,
  });
  note('reinsertion', tries, incumbent.candidate);
}

/** Improves a plan that is there: repair, then large neighborhood search. Throws Interruption. */
export function improveFrom(
  problem: Problem,
  planner: PrefixPlanner,
  bound: Bound,
  incumbent: Incumbent,
  { seed, gapTarget, control }: Omit<JointOptions, 'note'>,
): void {
  const price = meanPrice(bound.prices) || planner.dear / 20;
  planner.take(incumbent.candidate.choice);
  planner.repair(FIRST_WEIGHT * price);
  incumbent.offer(planner.kernel.plan());
  const target = bound.lowerBound === null ? Number.NEGATIVE_INFINITY : targetOf(bound.lowerBound, gapTarget);
  const { objective, overload } = incumbent.candidate.evaluation;
  if (stopRequested(control) || (overload === 0 && objective <= target)) return;
  reinsert(problem, planner, incumbent, {
    prices: bound.prices,
    seed,
    weight: SEARCH_WEIGHT * planner.dear,
    target,
    control,
  });
}

/** The objective that is within the gap target of a bound. */
export function targetOf(lowerBound: number, gapTarget: number): number {
  return gapTarget >= 1 ? Number.POSITIVE_INFINITY : lowerBound / (1 - gapTarget);
}
