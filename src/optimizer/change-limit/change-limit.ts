/**
 * The best plan in which at most `maxChanges` pairs leave their current choice, with a bound of its own.
 *
 * First without the limit; where that plan is not within it, changes get a price (see change-price), the one at which the
 * relaxation changes about as many as allowed. The relaxation there gives the bound L(ν) − ν · limit, and plans of about as
 * many changes, which are trimmed to the limit (change-trim) and searched from (change-search); where the integer program
 * is small it has the limit as a row (exact-program). Shadow prices follow what remains possible, so ν is sought anew at
 * each, a few times.
 *
 * Guarantee: the limit holds; the bound is that of every plan within it. Cost: that of `joint` for each price, some three.
 */
import { EgressoError } from '../../errors.ts';
import type { SolveOptions } from '../../model/options.ts';
import type { Choice } from '../../problem/choice.ts';
import { hasIntegralObjective, roundedUp } from '../../problem/integral-bound.ts';
import { overflowPriceOf } from '../../problem/overflow-price.ts';
import type { Problem } from '../../problem/problem.ts';
import { solveExact, solveLeastOverload } from '../exact/exact.ts';
import { improveJointly, targetOf } from '../joint/joint.ts';
import { SEARCHING } from '../kernels/prefix-kernel.ts';
import { lowerBound } from '../lagrangian/bound.ts';
import { meanPrice, PrefixPlanner } from '../lagrangian/prefix-plan.ts';
import { type Candidate, Incumbent } from '../run/incumbent.ts';
import type { Known } from '../run/known.ts';
import { type RunControl, stopRequested, withShare } from '../run/run-control.ts';
import { attemptStage } from '../run/stage.ts';
import { changeUnitsAt, countChanges, withChangePrice } from './change-price.ts';
import { changePriceAt } from './change-price-search.ts';
import { searchChanges } from './change-search.ts';
import { trimChanges } from './change-trim.ts';
import { type FewestChanges, fewestChanges } from './fewest-changes.ts';

/** Of the time: without the limit, and of what is left for each price. */
const UNLIMITED_SHARE = 0.35;
const PRICE_SHARE = 0.6;
const PRICES = 3;
/** A price that moves by no more is the same. */
const SAME_PRICE = 0.03;
/** Of the time for a price: for the bound, then for plans from the relaxation. */
const BOUND_SHARE = 0.4;
const PLANS_SHARE = 0.4;
const BOUND_TOLERANCE = 3e-4;
const BOUND_ROUNDS = 100;
/** With more prefixes, those are searched that change, or would at this share of the price. */
const SEARCHED_PREFIXES = 2_000;
const NEAR_PRICE = 0.3;
const SEARCH_WEIGHT = 4;
/** Searches without any gain after which nothing more is to be expected. */
const PATIENCE = 20;

export interface ChangeLimitOptions extends SolveOptions {
  readonly maxChanges: number;
}

export interface ChangeLimitHooks {
  /** The same without a limit on changes. */
  readonly unlimited: (control: RunControl) => Known;
  /** Is the integer program worth its time? */
  readonly worthExact: (candidate: Candidate, lowerBound: number | null) => boolean;
  /** Told of every stage. */
  readonly note: (phase: string, iterations: number, candidate: Candidate) => void;
  readonly control: RunControl;
}

/** Throws OPTIONS_INVALID where the rules alone need more changes, or no choice with as few was found. */
export function optimizeWithin(problem: Problem, options: ChangeLimitOptions, hooks: ChangeLimitHooks): Known {
  return new LimitedRun(problem, options, hooks).run();
}

/** The last price of a change, a planner of the problem in which it has one, and the shadow prices there. */
interface Priced {
  readonly planner: PrefixPlanner;
  readonly price: number;
  readonly prices: Float64Array;
  /** Int32, prefixes that are worth taking out. */
  readonly list: Int32Array;
}

class LimitedRun {
  private readonly problem: Problem;
  private readonly options: ChangeLimitOptions;
  private readonly hooks: ChangeLimitHooks;
  private readonly limit: number;
  private readonly dear: number;
  private readonly kept: Choice;
  private readonly incumbent: Incumbent;
  /** Stages inside see a problem of other plans: only what they say of the bound may be told, and not of each. */
  private readonly quiet: RunControl;
  private priced: Priced | null = null;

  constructor(problem: Problem, options: ChangeLimitOptions, hooks: ChangeLimitHooks) {
    this.problem = problem;
    this.options = options;
    this.hooks = hooks;
    this.limit = options.maxChanges;
    this.dear = overflowPriceOf(problem);
    const { control } = hooks;
    this.quiet = {
      ...control,
      report: ({ phase }) => control.report({ phase, incumbent: null, bound: null }),
      improved: () => {},
    };
    const fewest = fewestChanges(problem, options.variant, this.limit, control);
    if (fewest.count > this.limit) refuse(fewest, this.limit);
    this.kept = fewest.choice;
    this.incumbent = Incumbent.of(problem, fewest.choice, control);
  }

  run(): Known {
    const { options, hooks } = this;
    const { control } = hooks;
    hooks.note('fewest changes', 1, this.incumbent.candidate);
    let known: Known = { ...this.emptyBound(), candidate: this.incumbent.candidate };
    if (options.method !== 'exact') {
      const unlimited = hooks.unlimited(withShare(this.quiet, UNLIMITED_SHARE));
      this.offerTrimmed(unlimited.candidate.choice);
      if (this.isWithin(unlimited)) return this.withoutLimit(unlimited);
      known = this.underPrices({ ...unlimited, candidate: this.incumbent.candidate });
      if (options.method === 'auto' && !hooks.worthExact(this.incumbent.candidate, known.lowerBound))
        this.searchOn(known);
    }
    known = { ...known, candidate: this.incumbent.candidate };
    const isExact = options.method === 'exact' || hooks.worthExact(known.candidate, known.lowerBound);
    return isExact && !(options.method !== 'exact' && stopRequested(control)) ? this.exactly(known) : known;
  }

  private isWithin({ candidate }: Known): boolean {
    return countChanges(this.problem, candidate.choice) <= this.limit;
  }

  /** The limit does not bind: once more without it, in all of the time that is left. */
  private withoutLimit(first: Known): Known {
    const { options, hooks, quiet } = this;
    const hasClock = Number.isFinite(hooks.control.remainingMs());
    if (options.method !== 'auto' || !hasClock || first.lowerBound === null || this.isDone(first.lowerBound)) {
      return first;
    }
    const second = hooks.unlimited(quiet);
    this.offerTrimmed(second.candidate.choice);
    const bound = (known: Known) => known.lowerBound ?? Number.POSITIVE_INFINITY;
    return { ...(bound(second) > bound(first) ? second : first), candidate: this.incumbent.candidate };
  }

  private emptyBound(): Omit<Known, 'candidate'> {
    const prices = new Float64Array(2 * this.problem.pointCount);
    // Costs are ≥ 0.
    return { lowerBound: 0, leastOverload: 0, provenOverloaded: false, prices };
  }

  private offerTrimmed(choice: Choice): void {
    const { problem, kept, limit, dear, incumbent } = this;
    incumbent.offer(trimChanges(problem, choice, { kept, limit, dear, control: this.hooks.control }));
  }

  private isDone(bound: number | null): boolean {
    const { control } = this.hooks;
    const { objective, overload } = this.incumbent.candidate.evaluation;
    if (stopRequested(control)) return true;
    return bound !== null && overload === 0 && objective <= targetOf(bound, this.options.gapTarget);
  }

  /** The bound, and plans, at a few prices of a change. */
  private underPrices(first: Known): Known {
    const { problem, limit, options, quiet } = this;
    let known = first;
    let price = 0;
    attemptStage(quiet, () => {
      for (let round = 0; round < PRICES && !this.isDone(known.lowerBound); round++) {
        const planner = new PrefixPlanner(withChangePrice(problem, 1), options.variant, quiet);
        const next = changePriceAt(problem, planner, { limit, prices: known.prices });
        if (Math.abs(next - price) <= SAME_PRICE * price) break;
        price = next;
        known = this.atPrice(price, known, withShare(quiet, PRICE_SHARE));
      }
    });
    return known;
  }

  private atPrice(price: number, known: Known, control: RunControl): Known {
    const { problem, options, hooks, incumbent } = this;
    const priced = withChangePrice(problem, price);
    const planner = new PrefixPlanner(priced, options.variant, control);
    const bound = lowerBound(priced, planner, {
      tolerance: BOUND_TOLERANCE,
      maxRounds: BOUND_ROUNDS,
      control: withShare(control, BOUND_SHARE),
      start: { prices: known.prices, plans: [this.kept, incumbent.candidate.choice] },
    });
    const better = this.raised(known, bound.lowerBound, price, bound.prices);
    hooks.control.report({ phase: 'changes', incumbent: null, bound: better.lowerBound });
    const note = () => {};
    const { seed, gapTarget } = options;
    const early = withShare(control, PLANS_SHARE);
    attemptStage(control, () => {
      planner.take(this.kept);
      planner.repair((meanPrice(bound.prices) || this.dear) / 4);
      this.offerTrimmed(planner.candidate().choice);
      improveJointly(priced, planner, bound, bound.incumbent, { seed, gapTarget, control: early, note });
    });
    this.offerTrimmed(bound.incumbent.candidate.choice);
    if (this.isDone(better.lowerBound)) return better;
    attemptStage(control, () => {
      this.priced = { planner, price, prices: bound.prices, list: this.searched(planner, price, bound.prices) };
      this.searchAtPrice(this.priced, better, seed, control);
    });
    return better;
  }

  private searchAtPrice({ planner, ...priced }: Priced, known: Known, seed: number, control: RunControl): void {
    const { problem, limit, options, hooks, incumbent } = this;
    const tries = searchChanges(problem, planner, incumbent, {
      ...priced,
      limit,
      seed,
      weight: SEARCH_WEIGHT * this.dear,
      target: targetOf(known.lowerBound ?? Number.NEGATIVE_INFINITY, options.gapTarget),
      control: { ...control, report: hooks.control.report },
    });
    hooks.note('changes', tries, incumbent.candidate);
  }

  /** At the last price, with other seeds, until the target is reached or the time is over. */
  private searchOn(known: Known): void {
    const { hooks, options, incumbent, priced } = this;
    if (priced === null || !Number.isFinite(hooks.control.remainingMs())) return;
    let round = 1;
    for (let stalled = 0; stalled < PATIENCE && !this.isDone(known.lowerBound); stalled++, round++) {
      const before = incumbent.candidate;
      this.searchAtPrice(priced, known, options.seed + round, this.quiet);
      if (incumbent.candidate !== before) stalled = -1;
    }
  }

  /** With the bound at a price, where it is better. */
  private raised(known: Known, value: number | null, price: number, prices: Float64Array): Known {
    if (value === null || known.lowerBound === null) return { ...known, prices };
    const bound = value - price * this.limit;
    const own = hasIntegralObjective(this.problem) ? roundedUp(bound) : bound;
    return { ...known, prices, lowerBound: Math.max(own, known.lowerBound) };
  }

  private searched(planner: PrefixPlanner, price: number, prices: Float64Array): Int32Array {
    const { problem, incumbent } = this;
    if (planner.byVolume.length <= SEARCHED_PREFIXES) return planner.byVolume;
    planner.kernel.setChangeUnits(changeUnitsAt(problem, NEAR_PRICE * price));
    const { choice } = planner.kernel.pass({ prices, costWeight: 1, room: null, nodeLimit: SEARCHING });
    const isMoved = new Uint8Array(problem.prefixCount);
    for (const { ingress, slot } of [choice, incumbent.candidate.choice]) {
      for (let pair = 0; pair < problem.pairCount; pair++) {
        if (problem.currentSlot[pair] !== slot[pair] || problem.currentIngress[pair] !== ingress[pair]) {
          isMoved[problem.pairPrefix[pair]] = 1;
        }
      }
    }
    return planner.byVolume.filter((k) => isMoved[k] === 1);
  }

  private exactly(known: Known): Known {
    const { problem, options, hooks, limit } = this;
    const { variant, seed } = options;
    const { control } = hooks;
    const shared = { variant, seed, maxChanges: limit, start: known.candidate };
    if (known.lowerBound !== null) {
      const exact = attemptStage(control, () => solveExact(problem, { ...shared, control }));
      if (exact === null) return known;
      const { candidate, lowerBound: bound, nodes } = exact;
      this.incumbent.offer((candidate ?? known.candidate).choice);
      hooks.note('exact', nodes, this.incumbent.candidate);
      const best = this.incumbent.candidate;
      if (bound !== null) return { ...known, candidate: best, lowerBound: Math.max(bound, known.lowerBound) };
    }
    const proven = { ...known, lowerBound: null, provenOverloaded: true };
    const least = attemptStage(control, () => solveLeastOverload(problem, { ...shared, control }));
    if (least === null) return proven;
    hooks.note('least overload', 1, least.candidate);
    return { ...proven, ...least };
  }
}

/** Says what is proven and what is not: the search for the fewest changes of a prefix may have been cut short. */
function refuse({ count, least }: FewestChanges, limit: number): never {
  const why =
    least > limit
      ? `must be ${least} or more: so many pairs cannot keep their current choice in any plan`
      : `must be ${count} or more: no plan with fewer changes was found, though ${least} is all that is proven necessary`;
  const message = `${why}, not ${limit}`;
  throw new EgressoError('OPTIONS_INVALID', `/options/maxChanges: ${message}`, [
    { pointer: '/options/maxChanges', message },
  ]);
}
