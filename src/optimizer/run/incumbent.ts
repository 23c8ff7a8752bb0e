/** What every method returns, and how it remembers the best choice it has seen. */
import { type Choice, type Evaluation, evaluate, isBetter } from '../../problem/choice.ts';
import type { Problem } from '../../problem/problem.ts';
import { type RunControl, UNLIMITED } from './run-control.ts';

/** One line of the account of a run: never a time. */
export interface Phase {
  readonly phase: string;
  readonly iterations: number;
  readonly objective: number | null;
  readonly overload: number;
}

export interface Candidate {
  readonly choice: Choice;
  readonly evaluation: Evaluation;
}

/** Keeps the best choice offered; of equal ones the first. */
export class Incumbent {
  private best: Candidate;
  private readonly problem: Problem;
  private readonly control: RunControl;

  /** `control` is shown the choices that are kept. */
  constructor(problem: Problem, first: Candidate, control: RunControl = UNLIMITED) {
    this.problem = problem;
    this.control = control;
    this.best = first;
    control.improved?.(first.choice, first.evaluation);
  }

  static of(problem: Problem, choice: Choice, control: RunControl = UNLIMITED): Incumbent {
    const own = { ingress: choice.ingress.slice(), slot: choice.slot.slice() };
    return new Incumbent(problem, { choice: own, evaluation: evaluate(problem, own) }, control);
  }

  /** Takes a copy of the choice if it is better; returns its evaluation. */
  offer(choice: Choice): Evaluation {
    const evaluation = evaluate(this.problem, choice);
    if (isBetter(evaluation, this.best.evaluation)) {
      this.best = { choice: { ingress: choice.ingress.slice(), slot: choice.slot.slice() }, evaluation };
      this.control.improved?.(this.best.choice, evaluation);
    }
    return evaluation;
  }

  get candidate(): Candidate {
    return this.best;
  }
}
