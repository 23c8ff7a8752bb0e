/** What the stages of one run share: its problem and options, its control, and the account of its phases. */
import type { SolveOptions } from '../../model/options.ts';
import { hasIntegralObjective, roundedUp } from '../../problem/integral-bound.ts';
import type { Problem } from '../../problem/problem.ts';
import type { Candidate, Phase } from '../run/incumbent.ts';
import type { RunControl } from '../run/run-control.ts';
import { type WatchedControl, watched } from '../run/watched-control.ts';

export class Account {
  readonly problem: Problem;
  readonly options: SolveOptions;
  readonly control: WatchedControl;
  readonly phases: Phase[] = [];
  /** Float64 [2n], shadow prices that the search for the bound begins with; null where they are sought from nothing. */
  readonly startPrices: Float64Array | null;
  /** An alternation stopped where it might have gone on. */
  endedByIterations = false;
  readonly #isIntegral: boolean;

  constructor(problem: Problem, options: SolveOptions, control: RunControl, startPrices: Float64Array | null = null) {
    this.problem = problem;
    this.options = options;
    this.startPrices = startPrices;
    this.control = watched(control);
    this.#isIntegral = hasIntegralObjective(problem);
  }

  /** The method goes on from the plans that the bound meets. */
  get improves(): boolean {
    return this.options.method === 'joint' || this.options.method === 'auto';
  }

  /** A lower bound on the objective, as high as whole numbers allow. */
  rounded(bound: number): number {
    return this.#isIntegral ? roundedUp(bound) : bound;
  }

  note(phase: string, iterations: number, { evaluation }: Candidate): void {
    const { objective, overload } = evaluation;
    this.phases.push({ phase, iterations, objective, overload });
    this.control.report({ phase, incumbent: overload > 0 ? null : objective, bound: null });
  }
}
