/** The best plan within the limit so far, and what all stages of a run under a limit on changes share. */
import type { SolveOptions } from '../../model/options.ts';
import type { Choice } from '../../problem/choice.ts';
import { overflowPriceOf } from '../../problem/overflow-price.ts';
import type { Problem } from '../../problem/problem.ts';
import { OPTIMAL_GAP } from '../../problem/relative-gap.ts';
import { targetOf } from '../joint/joint.ts';
import { type Candidate, Incumbent } from '../run/incumbent.ts';
import { type RunControl, stopRequested } from '../run/run-control.ts';
import { trimChanges } from './change-trim.ts';

export interface ChangeLimitOptions extends SolveOptions {
  readonly maxChanges: number;
}

export class LimitedPlan {
  readonly problem: Problem;
  readonly options: ChangeLimitOptions;
  readonly limit: number;
  /** The plan of the fewest changes that was found. */
  readonly kept: Choice;
  /** More per unit than any way costs. */
  readonly dear: number;
  /** At which the run ends: `exact` promises the optimum, whatever the target. */
  readonly gapTarget: number;
  readonly incumbent: Incumbent;
  readonly control: RunControl;
  /** Stages inside see a problem of other plans: only what they say of the bound may be told, and not of each. */
  readonly quiet: RunControl;

  constructor(problem: Problem, options: ChangeLimitOptions, kept: Choice, control: RunControl) {
    this.problem = problem;
    this.options = options;
    this.limit = options.maxChanges;
    this.kept = kept;
    this.dear = overflowPriceOf(problem);
    this.gapTarget = options.method === 'exact' ? OPTIMAL_GAP : options.gapTarget;
    this.incumbent = Incumbent.of(problem, kept, control);
    this.control = control;
    this.quiet = {
      ...control,
      report: ({ phase }) => control.report({ phase, incumbent: null, bound: null }),
      improved: () => {},
    };
  }

  get candidate(): Candidate {
    return this.incumbent.candidate;
  }

  /** As much of the choice as the limit allows. */
  offer(choice: Choice): void {
    const { problem, kept, limit, dear, control } = this;
    this.incumbent.offer(trimChanges(problem, choice, { kept, limit, dear, control }));
  }

  /** Fits, and costs no more than the target allows above the bound. */
  isWithinTarget(bound: number | null): boolean {
    const { objective, overload } = this.candidate.evaluation;
    return bound !== null && overload === 0 && objective <= targetOf(bound, this.gapTarget);
  }

  /** There is nothing more to seek, or no time. */
  isDone(bound: number | null): boolean {
    return stopRequested(this.control) || this.isWithinTarget(bound);
  }
}
