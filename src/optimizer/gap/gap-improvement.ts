/**
 * What follows GREEDY: the ejection search, the integer program over the arcs that reduced cost leaves (all of them where
 * nothing fits yet), then dives in the relaxation over loads where machines hold few jobs each, or more of the search.
 *
 * Guarantee: the result is never worse than the start, the bound never lower. Cost: shares of the time left; the last one
 * takes all of it, but for what is kept for the least overload while nothing fits.
 */

import type { GapInstance } from '../../problem/gap-instance.ts';
import { roundedUp } from '../../problem/integral-bound.ts';
import { uniform } from '../run/random.ts';
import { type RunControl, stopRequested, unlessStopped, withShare } from '../run/run-control.ts';
import { attemptStage } from '../run/stage.ts';
import { type GapSolution, judge, subInstance } from './gap.ts';
import { coreArcs } from './gap-core.ts';
import { GapDiving, isDivable } from './gap-diving.ts';
import { GAP_EXACT_ARCS, NODES_WITHOUT_CLOCK, solveGapExactly } from './gap-exact.ts';
import { GAP_SEARCH_PAIRS, GapSearch } from './gap-search.ts';

/** Where no clock ends the run. */
const DIVES_WITHOUT_CLOCK = 2;
/** Of the time left: the first search, the other ones before dives, the integer program. */
const SEARCH_SHARE = 0.25;
const OTHER_SHARE = 0.05;
const EXACT_SHARE = { beforeDives: 0.3, otherwise: 0.8 };
/** While nothing fits: the integer program, and what is last; the least overload, which follows, has the rest. */
const OVERLOADED_SHARE = 0.6;
const OTHER_SEARCHES = 4;
/** Of the time left: from a dive on. */
const POLISH_SHARE = 0.04;
/** Relative: where the search ends, for the gap is then as good as closed. */
const CLOSED = 1e-9;
const SEED = 1;

export interface GapControl extends RunControl {
  /** Shown every assignment, Int32 [jobs] of arcs, that is better than all before it; it is not written any more. */
  met?(assignment: Int32Array): void;
}

export interface GapImprovement {
  /** Int32 [jobs], arcs. */
  readonly assignment: Int32Array;
  /** Null where it is proven that nothing fits. */
  readonly lowerBound: number | null;
}

/** Tells the control phase, cost and bound, and every assignment that is better. */
export function improveGap(instance: GapInstance, first: GapSolution, control: GapControl): GapImprovement {
  return new Improvement(instance, first, control).run();
}

class Improvement {
  private readonly instance: GapInstance;
  private readonly first: GapSolution;
  private readonly control: GapControl;
  private gapSearch: GapSearch | null = null;
  private phase = 'relaxation';
  private readonly hasClock: boolean;
  private readonly isIntegral: boolean;
  private assignment: Int32Array;
  private lowerBound: number;
  /** Assignments that fit, of the search. */
  private readonly met: Int32Array[] = [];

  constructor(instance: GapInstance, first: GapSolution, control: GapControl) {
    this.instance = instance;
    this.first = first;
    this.control = control;
    this.hasClock = Number.isFinite(control.remainingMs());
    this.isIntegral = instance.cost.every(Number.isInteger);
    this.assignment = first.assignment;
    this.lowerBound = this.rounded(first.lowerBound);
  }

  run(): GapImprovement {
    const { control } = this;
    this.tell(this.phase);
    control.met?.(this.assignment);
    if (!this.isDone()) this.search(this.assignment, SEED, withShare(control, SEARCH_SHARE));
    if (this.isDone()) return this.result();
    this.tell('exact');
    const fitsNowhere = attemptStage(control, () => !this.solveCore());
    if (fitsNowhere === true) return { assignment: this.assignment, lowerBound: null };
    if (this.isDone()) return this.result();
    const fits = this.fits;
    this.goOn(fits ? control : withShare(control, OVERLOADED_SHARE));
    // What was kept for the least overload.
    if (this.hasClock && !fits && this.fits && !this.isDone()) this.goOn(control);
    return this.result();
  }

  /** Until the control's end, or after some dives where no clock ends the run. */
  private goOn(control: RunControl): void {
    if (isDivable(this.instance)) attemptStage(control, () => this.dive(control));
    else if (this.hasClock) this.search(this.assignment, SEED, control);
  }

  private result(): GapImprovement {
    return { assignment: this.assignment, lowerBound: this.lowerBound };
  }

  private get fits(): boolean {
    return judge(this.instance, this.assignment).overload === 0;
  }

  private isDone(control: RunControl = this.control): boolean {
    const { cost, overload } = judge(this.instance, this.assignment);
    return stopRequested(control) || (overload === 0 && cost <= this.target);
  }

  private get target(): number {
    return this.lowerBound + CLOSED * Math.abs(this.lowerBound);
  }

  private rounded(bound: number): number {
    return this.isIntegral ? roundedUp(bound) : bound;
  }

  private tell(phase: string): void {
    this.phase = phase;
    const { cost, overload } = judge(this.instance, this.assignment);
    const bound = Number.isFinite(this.lowerBound) ? this.lowerBound : null;
    this.control.report({ phase, incumbent: overload > 0 ? null : cost, bound });
  }

  private search(start: Int32Array, seed: number, control: RunControl): void {
    const { instance, target } = this;
    if (instance.jobCount * instance.machineCount > GAP_SEARCH_PAIRS) return;
    const met = (one: Int32Array): void => {
      this.met.push(one);
      this.take(one);
    };
    this.tell('search');
    unlessStopped(() => {
      this.gapSearch ??= new GapSearch(instance, this.first.prices, control);
      this.gapSearch.run({ start, target, seed, met, control });
    });
  }

  private take(found: Int32Array): void {
    const [own, other] = [judge(this.instance, this.assignment), judge(this.instance, found)];
    if (other.overload > 0 || (own.overload === 0 && other.cost >= own.cost)) return;
    this.assignment = found;
    this.control.met?.(found);
    this.tell(this.phase);
  }

  /** False where it is proven that nothing fits. */
  private solveCore(): boolean {
    const { instance, first, control, assignment } = this;
    const incumbent = judge(instance, assignment);
    const isFitting = incumbent.overload === 0;
    const share = isDivable(instance) ? EXACT_SHARE.beforeDives : EXACT_SHARE.otherwise;
    const own = withShare(control, isFitting ? share : OVERLOADED_SHARE);
    const arcs = isFitting
      ? coreArcs(instance, { assignment, cost: incumbent.cost }, first)
      : Int32Array.from(instance.machine.keys());
    if (arcs.length > GAP_EXACT_ARCS) return true;
    const placeOf = new Int32Array(instance.machine.length);
    arcs.forEach((arc, place) => {
      placeOf[arc] = place;
    });
    const exact = solveGapExactly(subInstance(instance, arcs), {
      start: assignment.map((arc) => placeOf[arc]),
      nodeLimit: this.hasClock ? undefined : NODES_WITHOUT_CLOCK,
      control: own,
    });
    if (exact.lowerBound === null) return false;
    if (exact.assignment !== null) this.take(exact.assignment.map((place) => arcs[place]));
    // Of what was left out nothing is cheaper than the incumbent.
    const proven = isFitting ? Math.min(exact.lowerBound, incumbent.cost) : exact.lowerBound;
    this.lowerBound = Math.max(this.lowerBound, proven);
    return true;
  }

  /** Throws Interruption. */
  private dive(control: RunControl): void {
    const { instance, first, met } = this;
    for (let other = 1; other <= OTHER_SEARCHES && !this.isDone(control); other++) {
      this.search(first.assignment, SEED + other, withShare(control, OTHER_SHARE));
    }
    if (this.isDone(control)) return;
    this.tell('dives');
    const diving = new GapDiving(instance, first.prices, [...met, this.assignment], control);
    this.lowerBound = Math.max(this.lowerBound, this.rounded(diving.lowerBound));
    this.tell('dives');
    const random = uniform(SEED);
    for (let dive = 0; (this.hasClock || dive < DIVES_WITHOUT_CLOCK) && !this.isDone(control); dive++) {
      const found = diving.dive(random, dive === 0);
      if (found === null) return;
      this.take(found);
      const before = met.length;
      this.search(found, SEED + dive, withShare(control, POLISH_SHARE));
      for (const one of met.slice(before)) diving.learn(one);
    }
  }
}
