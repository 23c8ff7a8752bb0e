/**
 * The integer program where it is small: from the best plan, in `auto` after annealing and merging, and parts of it where the
 * whole does not end; the least overload where it is proven that no plan fits.
 *
 * Guarantee: neither plan nor bound gets worse, and no bound is kept that a plan in hand refutes. Cost: the time left.
 */
import { isSmallEnough, solveExact, solveLeastOverload } from '../exact/exact.ts';
import { exactSize } from '../exact/exact-program.ts';
import { targetOf } from '../joint/joint.ts';
import { searchExactly } from '../matheuristic/exact-neighborhood.ts';
import { searchByMerging } from '../matheuristic/plan-merging.ts';
import { cheapenFittingPlan, findFittingPlan, isPackable } from '../packing/fitting-plan.ts';
import type { Candidate, Incumbent } from '../run/incumbent.ts';
import { type Known, unrefuted } from '../run/known.ts';
import { type RunControl, stopRequested, withShare } from '../run/run-control.ts';
import { attemptStage } from '../run/stage.ts';
import type { Account } from './account.ts';
import { gapOf } from './outcome.ts';

/** Integer programs that `auto` tries: about a second or two, most of them. */
const AUTO_EXACT_COLUMNS = 30_000;
const DIRECT_COLUMNS = 150;
/** Of the time that is left: for packing, for annealing and merging, and for the whole program in `auto`. */
const PACKING_SHARE = 0.3;
const MERGING_SHARE = 0.3;
const EXACT_SHARE = 0.2;

/** `auto` has a gap to close, and the integer program is small. */
export function worthExact({ problem, options }: Account, candidate: Candidate, bound: number | null): boolean {
  if (options.method !== 'auto' || !isSmallEnough(problem, options.variant)) return false;
  if (exactSize(problem, options.variant).columns > AUTO_EXACT_COLUMNS) return false;
  return candidate.evaluation.overload > 0 || gapOf(candidate, bound) > options.gapTarget;
}

/** The integer program is so small that it is solved sooner than searched. */
export function isDirect({ problem, options }: Account): boolean {
  return exactSize(problem, options.variant).columns <= DIRECT_COLUMNS;
}

export function refine(account: Account, known: Known, incumbent: Incumbent): Known {
  const { problem, control } = account;
  const { variant, seed, method, gapTarget } = account.options;
  const isWhole = method === 'exact';
  if (known.lowerBound === null) return leastOverload(account, known);
  const isAtOnce = isWhole || isDirect(account);
  if (!isAtOnce && incumbent.candidate.evaluation.overload > 0) packAnew(account, incumbent);
  const start = isAtOnce ? known.candidate : merge(account, incumbent, known, seed);
  if (!isAtOnce && gapOf(start, known.lowerBound) <= gapTarget) return { ...known, candidate: start };
  const share: RunControl = isWhole ? control : withShare(control, EXACT_SHARE);
  // `exact` promises the optimum, and for tiny programs it takes no time.
  const own = { variant, seed, start, gapTarget: isAtOnce ? undefined : gapTarget, control: share };
  const exact = attemptStage(control, () => solveExact(problem, own));
  if (exact === null) return { ...known, candidate: start };
  const candidate = exact.candidate ?? start;
  control.improved?.(candidate.choice, candidate.evaluation);
  account.note('exact', exact.nodes, candidate);
  if (exact.lowerBound === null) return leastOverload(account, { ...known, candidate });
  const lowerBound = Math.max(account.rounded(exact.lowerBound), known.lowerBound);
  const isDone = exact.finished || gapOf(candidate, lowerBound) <= gapTarget;
  if (isWhole || isDone || stopRequested(control)) return { ...known, candidate, lowerBound };
  incumbent.offer(candidate.choice);
  merge(account, incumbent, { ...known, lowerBound }, seed + 1);
  const target = targetOf(lowerBound, gapTarget);
  const parts = attemptStage(control, () => searchExactly(problem, incumbent, { variant, seed, target, control }));
  account.note('exact neighborhood', parts ?? 0, incumbent.candidate);
  // A plan that was found later may refute the bound of the solver.
  const found = incumbent.candidate;
  return { ...known, candidate: found, ...unrefuted(found, [known, { ...known, lowerBound }]) };
}

/** Where nothing fits yet: a plan whose sides are filled to the last unit. */
function packAnew(account: Account, incumbent: Incumbent): void {
  const { problem } = account;
  if (!isPackable(problem)) return;
  const control = withShare(account.control, PACKING_SHARE);
  const { seed } = account.options;
  const { choice } = incumbent.candidate;
  const packed = attemptStage(control, () => findFittingPlan(problem, choice, seed, control));
  if (packed !== null) incumbent.offer(packed);
  if (packed !== null) incumbent.offer(cheapenFittingPlan(problem, packed, seed, control));
  account.note('packing', packed === null ? 0 : 1, incumbent.candidate);
}

/** Improves the incumbent by annealing and merging. */
function merge(account: Account, incumbent: Incumbent, { lowerBound, prices }: Known, seed: number): Candidate {
  const { problem } = account;
  const { variant, gapTarget } = account.options;
  const control = withShare(account.control, MERGING_SHARE);
  const target = targetOf(lowerBound ?? Number.NEGATIVE_INFINITY, gapTarget);
  const rounds = attemptStage(control, () =>
    searchByMerging(problem, incumbent, { variant, seed, prices, target, control }),
  );
  account.note('merging', rounds ?? 0, incumbent.candidate);
  return incumbent.candidate;
}

/** Where it is proven that no plan fits: what overloads least, and by how much every plan does. */
function leastOverload(account: Account, known: Known): Known {
  const { problem, control } = account;
  const { variant, seed } = account.options;
  control.provenOverloaded?.();
  const found = attemptStage(control, () =>
    solveLeastOverload(problem, { variant, seed, start: known.candidate, control }),
  );
  if (found === null) return { ...known, lowerBound: null, provenOverloaded: true };
  account.note('least overload', 1, found.candidate);
  const proven = Math.max(known.leastOverload, found.leastOverload);
  return { ...known, candidate: found.candidate, lowerBound: null, leastOverload: proven, provenOverloaded: true };
}
