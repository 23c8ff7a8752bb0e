/**
 * Search by annealing and merging: a few plans annealed apart from each other (see annealing), then the best plan that is
 * made of their parts, by the integer program over the ways that one of them uses (merging of solutions, Rothberg 2007;
 * construct, merge, solve and adapt, Blum et al. 2016). Such a program is a third of the whole or less, and plans that are
 * each some percent off hold nearly all of an optimum between them.
 *
 * Deterministic for a seed unless a clock ends it; ends after `PATIENCE` rounds without gain. Guarantee: the incumbent
 * never gets worse. Cost of a round: `MOVES` moves a pair for each of `SETTINGS`, and an integer program.
 */
import { type Choice, isBetter } from '../../problem/choice.ts';
import type { Problem } from '../../problem/problem.ts';
import { solveExact, solveLeastOverload } from '../exact/exact.ts';
import type { WayFilter } from '../exact/exact-program.ts';
import { anneal } from '../local-search/annealing.ts';
import type { Candidate, Incumbent } from '../run/incumbent.ts';
import { type RunControl, stopRequested, withShare } from '../run/run-control.ts';

/** Rounds without gain after which it ends, and where nothing fits yet. */
const PATIENCE = 2;
const OVERLOADED_PATIENCE = 5;
/** Moves of a run of the first round for each pair, within these bounds; twice as many in every round that follows. */
const MOVES_EACH = 3_000;
const FEWEST_MOVES = 10_000;
const MOST_MOVES = 400_000;
/** Which of them suits is chance: what is tight wants heavy overload, what is loose wants none. */
const SETTINGS = [
  { hot: 0.3, cold: 0.01, weight: 0.5, priceShare: 0.6 },
  { hot: 0.3, cold: 0.02, weight: 0.3, priceShare: 0.8 },
  { hot: 0.1, cold: 0.01, weight: 1, priceShare: 0.6 },
  { hot: 0.3, cold: 0.01, weight: 0.5, priceShare: 0.3 },
];
/** Times heat and weight while nothing fits: cost counts little then. */
const OVERLOADED_STRENGTH = 20;
/** Times heat and weight for each round of which only the start fits, so many times at most. */
const HOTTER = 2;
const HEAVIER = 4;
const MOST_MISSES = 3;
/** Where fewer fit, plans over capacity are merged too: what fits is made of their parts. */
const FEWEST_FITTING = 3;
const RUNS = 6;
/** Plans merged, the best ones. */
const MERGED = 10;
/** Of the time: for the runs, before the merging. */
const RUNS_SHARE = 0.5;
const NODES = 2_000;

export interface MergingOptions {
  readonly variant: 'ses' | 'mes';
  readonly seed: number;
  /** Float64 [2n], shadow prices. */
  readonly prices: Float64Array;
  /** Objective at which it ends. */
  readonly target: number;
  readonly control: RunControl;
}

/** Improves the incumbent; returns the number of rounds. */
export function searchByMerging(problem: Problem, incumbent: Incumbent, options: MergingOptions): number {
  const { control, target } = options;
  const isOverloaded = () => incumbent.candidate.evaluation.overload > 0;
  const isDone = () =>
    stopRequested(control) || (!isOverloaded() && incumbent.candidate.evaluation.objective <= target);
  let rounds = 0;
  let misses = 0;
  for (let stalled = 0; stalled < (isOverloaded() ? OVERLOADED_PATIENCE : PATIENCE) && !isDone(); rounds++) {
    const before = incumbent.candidate;
    const plans = annealApart(problem, incumbent, rounds, misses, options);
    if (isFitting(before) && plans.filter(isFitting).length < 2) misses = Math.min(MOST_MISSES, misses + 1);
    // Runs that all end alike are at the optimum, or will go on ending there.
    if (plans.length > RUNS && plans.every(({ evaluation }) => !isBetter(plans[0].evaluation, evaluation))) {
      return rounds + 1;
    }
    if (plans.length > 1 && !isDone()) incumbent.offer(merge(problem, plans, options));
    stalled = incumbent.candidate === before ? stalled + 1 : 0;
  }
  return rounds;
}

/** The incumbent and the plans of the runs, the best first: those that fit, all where they are few. */
function annealApart(
  problem: Problem,
  incumbent: Incumbent,
  round: number,
  misses: number,
  options: MergingOptions,
): Candidate[] {
  const { variant, seed, prices } = options;
  const control = withShare(options.control, RUNS_SHARE);
  const moves = 2 ** round * Math.min(MOST_MOVES, Math.max(FEWEST_MOVES, MOVES_EACH * problem.pairCount));
  const start = incumbent.candidate;
  const heat = isFitting(start) ? HOTTER ** misses : OVERLOADED_STRENGTH;
  const force = isFitting(start) ? HEAVIER ** misses : OVERLOADED_STRENGTH;
  const plans = [start];
  for (let run = 0; run < RUNS && !stopRequested(control); run++) {
    const place = round * RUNS + run;
    const { priceShare, hot, cold, weight } = SETTINGS[place % SETTINGS.length];
    const choice = anneal(problem, start.choice, {
      variant,
      seed: Math.imul(seed + place, 0x9e3779b1),
      moves,
      hot: hot * heat,
      cold: cold * heat,
      weight: weight * force,
      prices: prices.map((price) => price * priceShare),
      control,
    });
    plans.push({ choice, evaluation: incumbent.offer(choice) });
  }
  const fitting = plans.filter(isFitting);
  const byValue = (a: Candidate, b: Candidate) =>
    a.evaluation.overload - b.evaluation.overload || a.evaluation.objective - b.evaluation.objective;
  return (fitting.length >= FEWEST_FITTING ? fitting : plans).sort(byValue).slice(0, MERGED);
}

function isFitting({ evaluation }: Candidate): boolean {
  return evaluation.overload === 0;
}

/** The best that the plans are made of, the best of them where the search for it finds none; what overloads least where none fits. */
function merge(problem: Problem, plans: readonly Candidate[], options: MergingOptions): Choice {
  const { variant, seed, control } = options;
  const [start] = plans;
  const settings = {
    variant,
    seed,
    start,
    keeps: waysOf(problem, plans),
    nodeLimit: NODES,
    control: { ...withShare(control, 1 - RUNS_SHARE), report: () => {} },
  };
  if (start.evaluation.overload > 0) return solveLeastOverload(problem, settings).candidate.choice;
  return (solveExact(problem, settings).candidate ?? start).choice;
}

/** Pairs enter where one of the plans has them enter, and prefixes leave where one of the plans has them leave. */
function waysOf(problem: Problem, plans: readonly Candidate[]): WayFilter {
  const { pairCount, pointCount, egressPoint } = problem;
  const enters = new Uint8Array(pairCount * pointCount);
  const leaves = new Uint8Array(egressPoint.length);
  for (const { choice } of plans) {
    for (let pair = 0; pair < pairCount; pair++) {
      enters[pair * pointCount + choice.ingress[pair]] = 1;
      leaves[choice.slot[pair]] = 1;
    }
  }
  return (pair, ingress, slot) => enters[pair * pointCount + ingress] === 1 && leaves[slot] === 1;
}
