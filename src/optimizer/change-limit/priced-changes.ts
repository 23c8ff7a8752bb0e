/**
 * Plans within the limit from the problem in which a change has a price (see change-price), the one at which the relaxation
 * changes about as many as allowed. The relaxation there gives the bound L(ν) − ν · limit, and plans of about as many
 * changes, which are trimmed to the limit (change-trim) and searched from (change-search). Shadow prices follow what
 * remains possible, so ν is sought anew at each, a few times.
 *
 * Guarantee: the plan never gets worse, and the bound is that of every plan within the limit. Cost: that of `joint` for each
 * price, some three.
 */
import { hasIntegralObjective, roundedUp } from '../../problem/integral-bound.ts';
import { improveJointly, targetOf } from '../joint/joint.ts';
import { SEARCHING } from '../kernels/prefix-kernel.ts';
import { lowerBound } from '../lagrangian/bound.ts';
import { meanPrice, PrefixPlanner } from '../lagrangian/prefix-plan.ts';
import type { SideOverload } from '../lagrangian/side-overload.ts';
import { SEARCHES_WITHOUT_GAIN } from '../local-search/rounds.ts';
import type { Candidate } from '../run/incumbent.ts';
import type { Known } from '../run/known.ts';
import { type RunControl, withShare } from '../run/run-control.ts';
import { attemptStage } from '../run/stage.ts';
import { changeUnitsAt, withChangePrice } from './change-price.ts';
import { changePriceAt } from './change-price-search.ts';
import { searchChanges } from './change-search.ts';
import type { LimitedPlan } from './limited-plan.ts';

const PRICES = 3;
/** Of the time that is left: for each price; of that for the bound, then for plans from the relaxation. */
const PRICE_SHARE = 0.6;
const BOUND_SHARE = 0.4;
const PLANS_SHARE = 0.4;
/** A price that moves by no more is the same. */
const SAME_PRICE = 0.03;
const BOUND_TOLERANCE = 3e-4;
const BOUND_ROUNDS = 100;
/** With more prefixes, those are searched that change, or would at this share of the price. */
const SEARCHED_PREFIXES = 2_000;
const NEAR_PRICE = 0.3;

/** The last price of a change, a planner of the problem in which it has one, and the shadow prices there. */
interface Priced {
  readonly planner: PrefixPlanner;
  readonly price: number;
  readonly prices: Float64Array;
  /** Int32, prefixes that are worth taking out. */
  readonly list: Int32Array;
}

export class PricedChanges {
  private readonly plan: LimitedPlan;
  /** Told of every stage. */
  private readonly note: (phase: string, iterations: number, candidate: Candidate) => void;
  private priced: Priced | null = null;
  /** The same at every price of a change. */
  private sides: SideOverload | null = null;

  constructor(plan: LimitedPlan, note: (phase: string, iterations: number, candidate: Candidate) => void) {
    this.plan = plan;
    this.note = note;
  }

  /** The bound, and plans, at a few prices of a change. */
  seek(first: Known): Known {
    const { problem, limit, options, quiet } = this.plan;
    let known = first;
    let price = 0;
    attemptStage(quiet, () => {
      for (let round = 0; round < PRICES && !this.plan.isDone(known.lowerBound); round++) {
        const planner = new PrefixPlanner(withChangePrice(problem, 1), options.variant, quiet);
        const next = changePriceAt(problem, planner, { limit, prices: known.prices });
        if (Math.abs(next - price) <= SAME_PRICE * price) break;
        price = next;
        known = this.atPrice(price, known, withShare(quiet, PRICE_SHARE));
      }
    });
    return known;
  }

  /** At the last price, with other seeds, until the target is reached or the time is over. */
  searchOn(known: Known): void {
    const { plan, priced } = this;
    if (priced === null || !Number.isFinite(plan.control.remainingMs())) return;
    let round = 1;
    for (let stalled = 0; stalled < SEARCHES_WITHOUT_GAIN && !plan.isDone(known.lowerBound); stalled++, round++) {
      const before = plan.candidate;
      this.searchAtPrice(priced, known, plan.options.seed + round, plan.quiet);
      if (plan.candidate !== before) stalled = -1;
    }
  }

  private atPrice(price: number, known: Known, control: RunControl): Known {
    const { plan } = this;
    const { problem, options, kept, dear } = plan;
    const priced = withChangePrice(problem, price);
    const planner = new PrefixPlanner(priced, options.variant, control);
    const bound = lowerBound(priced, planner, {
      tolerance: BOUND_TOLERANCE,
      maxRounds: BOUND_ROUNDS,
      control: withShare(control, BOUND_SHARE),
      start: { prices: known.prices, plans: [kept, plan.candidate.choice], sides: this.sides },
    });
    this.sides = bound.sides;
    const better = this.raised(known, bound.lowerBound, price, bound.prices);
    plan.control.report({ phase: 'changes', incumbent: null, bound: better.lowerBound });
    const note = () => {};
    const { seed, gapTarget } = options;
    const early = withShare(control, PLANS_SHARE);
    attemptStage(control, () => {
      planner.take(kept);
      planner.repair((meanPrice(bound.prices) || dear) / 4);
      plan.offer(planner.candidate().choice);
      improveJointly(priced, planner, bound, bound.incumbent, { seed, gapTarget, control: early, note });
    });
    plan.offer(bound.incumbent.candidate.choice);
    if (plan.isDone(better.lowerBound)) return better;
    attemptStage(control, () => {
      this.priced = { planner, price, prices: bound.prices, list: this.searched(planner, price, bound.prices) };
      this.searchAtPrice(this.priced, better, seed, control);
    });
    return better;
  }

  private searchAtPrice({ planner, ...priced }: Priced, known: Known, seed: number, control: RunControl): void {
    const { problem, limit, options, dear, incumbent, control: outer } = this.plan;
    const tries = searchChanges(problem, planner, incumbent, {
      ...priced,
      limit,
      seed,
      dear,
      target: targetOf(known.lowerBound ?? Number.NEGATIVE_INFINITY, options.gapTarget),
      control: { ...control, report: outer.report },
    });
    this.note('changes', tries, incumbent.candidate);
  }

  /** With the bound at a price, where it is better. */
  private raised(known: Known, value: number | null, price: number, prices: Float64Array): Known {
    if (value === null || known.lowerBound === null) return { ...known, prices };
    const { problem, limit } = this.plan;
    const bound = value - price * limit;
    const own = hasIntegralObjective(problem) ? roundedUp(bound) : bound;
    return { ...known, prices, lowerBound: Math.max(own, known.lowerBound) };
  }

  private searched(planner: PrefixPlanner, price: number, prices: Float64Array): Int32Array {
    const { problem, candidate } = this.plan;
    if (planner.byVolume.length <= SEARCHED_PREFIXES) return planner.byVolume;
    planner.kernel.setChangeUnits(changeUnitsAt(problem, NEAR_PRICE * price));
    const { choice } = planner.kernel.pass({ prices, costWeight: 1, room: null, nodeLimit: SEARCHING });
    const isMoved = new Uint8Array(problem.prefixCount);
    for (const { ingress, slot } of [choice, candidate.choice]) {
      for (let pair = 0; pair < problem.pairCount; pair++) {
        if (problem.currentSlot[pair] !== slot[pair] || problem.currentIngress[pair] !== ingress[pair]) {
          isMoved[problem.pairPrefix[pair]] = 1;
        }
      }
    }
    return planner.byVolume.filter((k) => isMoved[k] === 1);
  }
}
