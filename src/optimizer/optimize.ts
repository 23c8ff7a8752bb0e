/**
 * The methods by name. Every one has the same signature, and gives a choice, a true lower bound and an account.
 *
 * `auto`: the alternation where the problem is small; then `joint`: the bound of the whole problem and plans from it; where
 * a gap is left and the integer program is small, `exact` from the best choice so far. The best checked choice and the
 * best bound are returned whatever ended the run.
 */
import { EgressoError } from '../errors.ts';
import type { SolveOptions } from '../model/options.ts';
import { type Choice, evaluate } from '../problem/choice.ts';
import { hasIntegralObjective, roundedUp } from '../problem/integral-bound.ts';
import type { Problem } from '../problem/problem.ts';
import { OPTIMAL_GAP, refutes, relativeGap } from '../problem/relative-gap.ts';
import { biggestFirst, hotPotato } from './alternation/baselines.ts';
import { multipleEgress } from './alternation/multiple-egress.ts';
import { arcCountOf, SEPARATION_ARCS } from './alternation/proximity-relaxation.ts';
import { type Alternation, singleEgress } from './alternation/single-egress.ts';
import { prefixesWithoutSingleEgress } from './alternation/start.ts';
import { optimizeWithin } from './change-limit/change-limit.ts';
import { closeToCurrent } from './change-limit/fewest-changes.ts';
import { isSmallEnough, refuseLarge, solveExact, solveLeastOverload } from './exact/exact.ts';
import { exactSize } from './exact/exact-program.ts';
import { improveFrom, improveJointly, targetOf } from './joint/joint.ts';
import { type Bound, lowerBound } from './lagrangian/bound.ts';
import { PrefixPlanner } from './lagrangian/prefix-plan.ts';
import { searchExactly } from './matheuristic/exact-neighborhood.ts';
import { searchByMerging } from './matheuristic/plan-merging.ts';
import { loadSolver } from './milp/highs.ts';
import { type Candidate, Incumbent, type Phase } from './run/incumbent.ts';
import { type Progress, type RunControl, stopRequested, withShare } from './run/run-control.ts';
import { attemptStage } from './run/stage.ts';
import { type WatchedControl, watched } from './run/watched-control.ts';
import { searchOn } from './search-on.ts';

export type Stopped = 'done' | 'gap' | 'time' | 'iterations' | 'cancelled' | 'failed';

export interface Optimum {
  readonly candidate: Candidate;
  /** Null where it is proven that no plan fits. */
  readonly lowerBound: number | null;
  /** Least total overload of any plan, proven; 0 where none is. */
  readonly leastOverload: number;
  /** It is proven that no plan fits, be it by an amount or by the integer program alone. */
  readonly provenOverloaded: boolean;
  /** Float64 [2n], shadow prices of ingress sides, then egress sides. */
  readonly prices: Float64Array;
  readonly phases: readonly Phase[];
  readonly stopped: Stopped;
}

/** Integer programs that `auto` tries: about a second or two, most of them. */
const AUTO_EXACT_COLUMNS = 30_000;
/** Integer programs that are solved sooner than searched. */
const DIRECT_COLUMNS = 150;
/** Where few prefixes stand, the bound is worth its last digits. */
const SMALL_PREFIX_COUNT = 500;
const BOUND_ROUNDS = 150;
/** Of the time that is left where the integer program is small: for `joint`, for annealing, for the whole program in `auto`. */
const JOINT_SHARE = 0.3;
/** With no more pairs annealing does better than reinsertion. */
const FEW_PAIRS = 300;
const FEW_PAIRS_JOINT_SHARE = 0.1;
const MERGING_SHARE = 0.45;
const EXACT_SHARE = 0.5;
/** And for plans that start from the current choice. */
const WARM_SHARE = 0.2;

export async function optimize(problem: Problem, options: SolveOptions, control: RunControl): Promise<Optimum> {
  await loadSolver();
  const run = new Run(problem, options, control);
  return options.maxChanges === undefined ? run.run() : run.runWithin(options.maxChanges);
}

class Run {
  private readonly problem: Problem;
  private readonly options: SolveOptions;
  private readonly control: WatchedControl;
  private readonly isIntegral: boolean;
  private readonly phases: Phase[] = [];
  private endedByIterations = false;

  constructor(problem: Problem, options: SolveOptions, control: RunControl) {
    this.problem = problem;
    this.options = options;
    this.control = watched(control);
    this.isIntegral = hasIntegralObjective(problem);
  }

  run(): Optimum {
    const { method, variant } = this.options;
    if (method === 'exact') refuseLarge(this.problem, variant);
    const planner = new PrefixPlanner(this.problem, variant, this.control);
    const first = attemptStage(this.control, () => this.firstCandidate()) ?? this.control.best;
    const bound = this.rounded(this.bound(planner));
    const candidate = this.improve(planner, bound, first);
    const base = {
      candidate,
      lowerBound: bound.lowerBound,
      leastOverload: bound.leastOverload,
      provenOverloaded: bound.lowerBound === null,
      prices: bound.prices,
    };
    const refined = method === 'exact' || this.worthExact(candidate, bound.lowerBound);
    const result = refined ? this.refine(base, bound) : base;
    return this.closed(result);
  }

  /** With a limit on changes. Throws OPTIONS_INVALID. */
  runWithin(maxChanges: number): Optimum {
    const { problem, options, control } = this;
    if (options.method !== 'exact' && !this.improves) {
      const message = `takes method auto, joint or exact, not ${options.method}`;
      const fault = { pointer: '/options/maxChanges', message };
      throw new EgressoError('OPTIONS_INVALID', `/options/maxChanges: ${message}`, [fault]);
    }
    if (options.method === 'exact') refuseLarge(problem, options.variant);
    const result = optimizeWithin(
      problem,
      { ...options, maxChanges },
      {
        control,
        unlimited: (own) => {
          const { phases, ...known } = new Run(problem, options, own).run();
          this.phases.push(...phases);
          return known;
        },
        worthExact: (candidate, bound) => this.worthExact(candidate, bound),
        note: (phase, iterations, candidate) => this.notePhase(phase, iterations, candidate),
      },
    );
    return this.closed(result);
  }

  /** Null where the method has none of its own. */
  private firstCandidate(): Candidate | null {
    const { problem, control } = this;
    const { variant, method, iterations } = this.options;
    if (method === 'biggest-first') return this.only(biggestFirst(problem));
    if (method === 'hot-potato') return this.only(hotPotato(problem, variant));
    if (method === 'joint' || (method === 'auto' && arcCountOf(problem) > SEPARATION_ARCS)) return null;
    if (variant === 'ses') return this.account(singleEgress(problem, iterations, withShare(control, 0.3)));
    // A plan of single egresses is a plan for MES too: `auto` never answers with a worse one.
    const single =
      method === 'auto' && prefixesWithoutSingleEgress(problem).length === 0
        ? this.account(singleEgress(problem, iterations, withShare(control, 0.15)))
        : undefined;
    return this.account(multipleEgress(problem, iterations, withShare(control, 0.2), single?.choice));
  }

  private account({ phases, settled, ...candidate }: Alternation): Candidate {
    this.phases.push(...phases);
    this.endedByIterations = !settled;
    return candidate;
  }

  private only(choice: Choice): Candidate {
    const evaluation = evaluate(this.problem, choice);
    const { objective, overload } = evaluation;
    this.phases.push({ phase: this.options.method, iterations: 1, objective, overload });
    return { choice, evaluation };
  }

  private bound(planner: PrefixPlanner): Bound {
    const small = this.problem.prefixCount <= SMALL_PREFIX_COUNT;
    const control = withShare(this.control, small ? 1 : 0.5);
    // The plans met on the way are those of the methods that go on from them only.
    const report = ({ phase, bound }: Progress) => control.report({ phase, incumbent: null, bound });
    const bound = lowerBound(this.problem, planner, {
      tolerance: small ? 1e-8 : 1e-4,
      maxRounds: BOUND_ROUNDS,
      control: this.improves ? control : { ...control, report, improved: () => {} },
    });
    const { rounds, leastOverload } = bound;
    this.phases.push({ phase: 'bound', iterations: rounds, objective: bound.lowerBound, overload: leastOverload });
    return bound;
  }

  private rounded(bound: Bound): Bound {
    const { lowerBound } = bound;
    return lowerBound === null || !this.isIntegral ? bound : { ...bound, lowerBound: roundedUp(lowerBound) };
  }

  private improve(planner: PrefixPlanner, bound: Bound, first: Candidate | null): Candidate {
    const { seed, gapTarget } = this.options;
    const { incumbent } = bound;
    if (!this.improves) return first ?? incumbent.candidate;
    if (first !== null) incumbent.offer(first.choice);
    const small = this.worthExact(incumbent.candidate, bound.lowerBound);
    const control = withShare(this.control, small ? this.jointShare() : 1);
    const note = (phase: string, iterations: number, candidate: Candidate) =>
      this.notePhase(phase, iterations, candidate);
    const warm = this.fromCurrent(planner, bound, withShare(control, WARM_SHARE));
    attemptStage(control, () =>
      improveJointly(this.problem, planner, bound, incumbent, { seed, gapTarget, control, note }),
    );
    // After all others, whose way it does not change: with a current choice the plan is never worse than without.
    if (warm !== null) incumbent.offer(warm.choice);
    if (!small) this.searchOn(planner, bound, incumbent);
    return incumbent.candidate;
  }

  /** `auto` has not ended before its target or its time. */
  private searchOn(planner: PrefixPlanner, { lowerBound, prices }: Bound, incumbent: Incumbent): void {
    const { problem, control } = this;
    const { method, variant, seed, gapTarget } = this.options;
    const hasClock = Number.isFinite(control.remainingMs());
    if (method !== 'auto' || !hasClock || lowerBound === null || stopRequested(control)) return;
    const target = targetOf(lowerBound, gapTarget);
    const rounds = searchOn(problem, planner, incumbent, { variant, seed, prices, target, control });
    if (rounds > 0) this.notePhase('search', rounds, incumbent.candidate);
  }

  /** The current choice, where there is one, completed and improved. */
  private fromCurrent(planner: PrefixPlanner, bound: Bound, control: RunControl): Candidate | null {
    const { problem } = this;
    const { variant, seed, gapTarget } = this.options;
    if (!problem.currentIngress.some((point) => point >= 0)) return null;
    const warm = Incumbent.of(problem, closeToCurrent(problem, variant, control), control);
    attemptStage(control, () => improveFrom(problem, planner, bound, warm, { seed, gapTarget, control }));
    this.notePhase('current', 1, warm.candidate);
    return warm.candidate;
  }

  private jointShare(): number {
    return this.problem.pairCount <= FEW_PAIRS ? FEW_PAIRS_JOINT_SHARE : JOINT_SHARE;
  }

  private get improves(): boolean {
    return this.options.method === 'joint' || this.options.method === 'auto';
  }

  private notePhase(phase: string, iterations: number, { evaluation }: Candidate): void {
    const { objective, overload } = evaluation;
    this.phases.push({ phase, iterations, objective, overload });
    this.control.report({ phase, incumbent: overload > 0 ? null : objective, bound: null });
  }

  private worthExact(candidate: Candidate, bound: number | null): boolean {
    const { problem, options } = this;
    if (options.method !== 'auto' || !isSmallEnough(problem, options.variant)) return false;
    if (exactSize(problem, options.variant).columns > AUTO_EXACT_COLUMNS) return false;
    return candidate.evaluation.overload > 0 || gapOf(candidate, bound) > this.options.gapTarget;
  }

  /** The integer program from the best plan; in `auto`, after a search, and more of it where the program does not end. */
  private refine(base: Omit<Optimum, 'phases' | 'stopped'>, { incumbent }: Bound): Omit<Optimum, 'phases' | 'stopped'> {
    const { problem, control } = this;
    const { variant, seed, method, gapTarget } = this.options;
    const isWhole = method === 'exact';
    if (base.lowerBound === null) return this.leastOverload(base);
    const isDirect = isWhole || exactSize(problem, variant).columns <= DIRECT_COLUMNS;
    const start = isDirect ? base.candidate : this.merge(incumbent, base, seed, withShare(control, MERGING_SHARE));
    if (!isDirect && gapOf(start, base.lowerBound) <= gapTarget) return { ...base, candidate: start };
    const share = isWhole ? control : withShare(control, EXACT_SHARE);
    const exact = attemptStage(control, () => solveExact(problem, { variant, seed, start, control: share }));
    if (exact === null) return { ...base, candidate: start };
    const candidate = exact.candidate ?? start;
    control.improved?.(candidate.choice, candidate.evaluation);
    this.notePhase('exact', exact.nodes, candidate);
    if (exact.lowerBound === null) return this.leastOverload({ ...base, candidate });
    const proven = this.isIntegral ? roundedUp(exact.lowerBound) : exact.lowerBound;
    const lowerBound = Math.max(proven, base.lowerBound ?? proven);
    if (isWhole || exact.finished || stopRequested(control)) return { ...base, candidate, lowerBound };
    incumbent.offer(candidate.choice);
    this.merge(incumbent, { ...base, lowerBound }, seed + 1, withShare(control, MERGING_SHARE));
    const target = targetOf(lowerBound, gapTarget);
    const parts = attemptStage(control, () => searchExactly(problem, incumbent, { variant, seed, target, control }));
    this.notePhase('exact neighborhood', parts ?? 0, incumbent.candidate);
    // A plan that was found later may refute the bound of the solver (see milp/proof).
    const { evaluation } = incumbent.candidate;
    const isRefuted = evaluation.overload === 0 && refutes(evaluation.objective, lowerBound);
    return { ...base, candidate: incumbent.candidate, lowerBound: isRefuted ? base.lowerBound : lowerBound };
  }

  /** Improves the incumbent by annealing and merging. */
  private merge(
    incumbent: Incumbent,
    { lowerBound, prices }: Pick<Optimum, 'lowerBound' | 'prices'>,
    seed: number,
    control: RunControl,
  ): Candidate {
    const { variant, gapTarget } = this.options;
    const target = targetOf(lowerBound ?? Number.NEGATIVE_INFINITY, gapTarget);
    const rounds = attemptStage(control, () =>
      searchByMerging(this.problem, incumbent, { variant, seed, prices, target, control }),
    );
    this.notePhase('merging', rounds ?? 0, incumbent.candidate);
    return incumbent.candidate;
  }

  /** Where it is proven that no plan fits: what overloads least, and by how much every plan does. */
  private leastOverload(base: Omit<Optimum, 'phases' | 'stopped'>): Omit<Optimum, 'phases' | 'stopped'> {
    const { problem, control } = this;
    const { variant, seed } = this.options;
    const found = attemptStage(control, () =>
      solveLeastOverload(problem, { variant, seed, start: base.candidate, control }),
    );
    if (found === null) return { ...base, lowerBound: null, provenOverloaded: true };
    this.notePhase('least overload', 1, found.candidate);
    const leastOverload = Math.max(base.leastOverload, found.leastOverload);
    return { ...base, candidate: found.candidate, lowerBound: null, leastOverload, provenOverloaded: true };
  }

  private closed(result: Omit<Optimum, 'phases' | 'stopped'>): Optimum {
    const { phases, control } = this;
    const { objective, overload } = result.candidate.evaluation;
    const iterations = control.failures.length;
    if (iterations > 0) phases.push({ phase: 'solver failed', iterations, objective, overload });
    return { ...result, phases, stopped: this.stopped(result) };
  }

  private stopped(result: Omit<Optimum, 'phases' | 'stopped'>): Stopped {
    if (this.control.cancelled()) return 'cancelled';
    const gap = gapOf(result.candidate, result.lowerBound);
    if (gap <= OPTIMAL_GAP) return 'done';
    if (gap <= this.options.gapTarget) return 'gap';
    if (this.control.remainingMs() <= 0) return 'time';
    if (this.control.failures.length > 0) return 'failed';
    return this.endedByIterations ? 'iterations' : 'done';
  }
}

/** (objective − bound) / objective; Infinity where the candidate is overloaded or there is no bound. */
function gapOf(candidate: Candidate, bound: number | null): number {
  const { objective, overload } = candidate.evaluation;
  if (overload > 0 || bound === null) return Number.POSITIVE_INFINITY;
  return relativeGap(objective, bound);
}
