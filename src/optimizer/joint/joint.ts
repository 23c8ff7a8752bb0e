/**
 * Method `joint`: plans from the relaxation in which both sides of capacity are priced at once (see bound).
 *
 * The heaviest prefixes get whole choices (heavy-dive). The others are rounded from their shares in the relaxation
 * (share-rounding), which is best where many are alike. Where that is not close, the heavy ones of many get better choices
 * against a model of the light ones (heavy-placement), for plans of one egress a prefix; else all fill what is left under
 * prices (prefix-plan). Large neighborhood search goes on from the best (reinsertion). Anytime: the best plan so far is
 * always at hand. Guarantee: never worse than the plan it starts from. Cost: some ten small linear programs and three
 * relaxations, then placements.
 */
import type { Choice } from '../../problem/choice.ts';
import type { Problem } from '../../problem/problem.ts';
import { sideLimit } from '../../problem/sides.ts';
import type { Bound } from '../lagrangian/bound.ts';
import type { GroupOracle } from '../lagrangian/group-oracle.ts';
import { meanPrice, nothing, type PrefixPlanner } from '../lagrangian/prefix-plan.ts';
import { reinsert } from '../local-search/reinsertion.ts';
import type { Candidate, Incumbent } from '../run/incumbent.ts';
import { type RunControl, stopRequested, withShare } from '../run/run-control.ts';
import { attemptStage } from '../run/stage.ts';
import { type Dived, diveHeavy } from './heavy-dive.ts';
import { placeHeavy } from './heavy-placement.ts';
import { roundShares, type Shared } from './share-rounding.ts';

/** A prefix of at least this share of the volume, among the heaviest, gets its choice from the dive; the second where prefixes are many. */
const HEAVY_SHARE = 0.002;
const HEAVY_SHARE_OF_MANY = 0.0005;
/** With few prefixes prices that stay are best. */
const FILLINGS = [
  { stiffness: 1, tiers: null },
  { stiffness: 0.3, tiers: null },
  { stiffness: 0.1, tiers: { first: 100, growth: 4 } },
];
/** With many, those that follow; which tiers suit is chance, so the best of some stays. */
export const MANY_PREFIXES = 20_000;
const FOLLOWING = [
  { stiffness: 0.1, tiers: { first: 100, growth: 4 } },
  { stiffness: 0.1, tiers: { first: 10, growth: 1.5 } },
  { stiffness: 0.05, tiers: { first: 5, growth: 1.7 } },
  { stiffness: 0.05, tiers: { first: 5, growth: 1.4 } },
];
/** A plan within this gap after rounding: fillings have nothing to add. */
const CLOSE = 5e-4;
/** Of the time left: for the dive, and for the heavy ones of many. */
const DIVE_SHARE = 0.5;
const PLACING_SHARE = 0.8;
const FIRST_WEIGHT = 4;

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
  const { byVolume, dear } = planner;
  const price = meanPrice(bound.prices) || dear / 20;
  const settle = (): void => {
    planner.repair(FIRST_WEIGHT * price);
    incumbent.offer(planner.kernel.plan());
  };
  const round = (oracle: GroupOracle, shared: Shared, placed: Choice): void => {
    const choice = { ingress: placed.ingress.slice(), slot: placed.slot.slice() };
    roundShares(problem, oracle, shared, byVolume, choice, control);
    planner.take(choice);
    settle();
  };
  const dived = divedFrom(problem, planner, bound, withShare(control, DIVE_SHARE));
  round(bound.oracle, dived, dived.choice);
  note('rounding', 1, incumbent.candidate);
  const close = targetOf(bound.lowerBound ?? Number.NEGATIVE_INFINITY, CLOSE);
  const isMany = byVolume.length > MANY_PREFIXES;
  const isModeled = isMany && planner.variant === 'ses' && bound.lowerBound !== null;
  const rounded = incumbent.candidate;
  if (isModeled && !isDone() && !isBelow(close)) {
    const placing = withShare(control, PLACING_SHARE);
    const placed = placeHeavy(problem, planner, bound, incumbent.candidate.choice, { seed, control: placing });
    if (placed !== null) round(placed.oracle, placed, placed.choice);
    note('heavy prefixes', placed?.turns ?? 0, incumbent.candidate);
  }
  // Where heavy prefixes that the model has placed gave a plan that fits, no filling has been seen to come near.
  const isPlaced = incumbent.candidate !== rounded;
  const isSettled = () => isBelow(isPlaced ? Number.POSITIVE_INFINITY : close);
  let fillings = 0;
  for (const filling of isMany ? FOLLOWING : FILLINGS) {
    if (isDone() || isSettled()) break;
    planner.fill({ ...filling, prices: bound.prices, fixed: dived.choice });
    settle();
    fillings++;
  }
  note('filling', fillings, incumbent.candidate);
  if (isDone()) return;
  const tries = reinsert(problem, planner, incumbent, {
    prices: bound.prices,
    seed,
    target,
    control,
  });
  note('reinsertion', tries, incumbent.candidate);
}

/** Whole choices for the heaviest prefixes; where the solver failed none, and the shares of the bound. */
function divedFrom(
  problem: Problem,
  { volume, byVolume, dear }: PrefixPlanner,
  bound: Bound,
  control: RunControl,
): Dived {
  const share = byVolume.length > MANY_PREFIXES ? HEAVY_SHARE_OF_MANY : HEAVY_SHARE;
  const count = byVolume.filter((k) => volume[k] >= share * problem.totalVolume).length;
  const options = { count, limit: sideLimit(problem), overflowPrice: dear, control };
  const dived = attemptStage(control, () => diveHeavy(problem, bound.oracle, bound.relaxation, options));
  return dived ?? { choice: nothing(problem), columns: bound.relaxation.pool.columns, share: bound.relaxation.share };
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
    target,
    control,
  });
}

/** The objective that is within the gap target of a bound. */
export function targetOf(lowerBound: number, gapTarget: number): number {
  return gapTarget >= 1 ? Number.POSITIVE_INFINITY : lowerBound / (1 - gapTarget);
}
