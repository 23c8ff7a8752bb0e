/** One time for all questions of a tick, so that a tick with many points over their marks ends in time. */
import type { Reallocation, ReallocationRequest, Reallocator } from '../decision/reallocator.ts';

export interface LimitedSolver {
  ask(request: ReallocationRequest, limitMs: number): Promise<Reallocation>;
  /** Threads that died, or did not answer in time, and were replaced. */
  readonly lostCount: number;
}

export interface BudgetOptions {
  /** Of one question. Half of the budget at most: one that is cut is no reason to ask nothing else in its tick. */
  readonly limitMs: number;
  /** Of all questions of a tick. */
  readonly budgetMs: number;
}

const NOT_ASKED: Reallocation = { fits: null, moves: [], isOutOfTime: true };

export class BudgetedSolver {
  readonly #solver: LimitedSolver;
  readonly #limitMs: number;
  readonly #budgetMs: number;
  readonly #now: () => number;
  #end = Number.NEGATIVE_INFINITY;

  constructor(solver: LimitedSolver, { limitMs, budgetMs }: BudgetOptions, now = () => performance.now()) {
    this.#solver = solver;
    this.#limitMs = Math.min(limitMs, budgetMs / 2);
    this.#budgetMs = budgetMs;
    this.#now = now;
  }

  get lostCount(): number {
    return this.#solver.lostCount;
  }

  /** Before it nothing is asked. */
  startTick(): void {
    this.#end = this.#now() + this.#budgetMs;
  }

  /** The last question has what is left. */
  readonly reallocate: Reallocator = async (request) => {
    const leftMs = this.#end - this.#now();
    if (leftMs <= 0) return NOT_ASKED;
    const limitMs = Math.min(this.#limitMs, leftMs);
    const answer = await this.#solver.ask(request, limitMs);
    return answer.fits === null && limitMs < this.#limitMs ? NOT_ASKED : answer;
  };
}
