/** The ejection kernel over one assignment instance, which is copied once (see `assembly/ejection.ts`). */
import type { GapInstance } from '../../problem/gap-instance.ts';
import { type EjectionFrame, ejectionFrame } from './ejection-frame.ts';
import { Kernels } from './kernels.ts';

export interface EjectionTables {
  readonly instance: GapInstance;
  /** Float64 [machines], most load of each machine. */
  readonly limit: Float64Array;
  /** Int32 [jobs × width], the arcs that a job may take; -1 where it has fewer. */
  readonly candidates: Int32Array;
  readonly width: number;
}

/** What one run starts from, and overwrites. */
export interface EjectionState {
  /** Int32 [jobs], an arc of every job. */
  readonly assignment: Int32Array;
  /** Int32 [jobs], the cheapest assignment that fits, and its cost: Infinity before there is one. */
  readonly best: Int32Array;
  bestCost: number;
  /** State of the generator: an unsigned 32-bit number, not 0. */
  random: number;
}

export interface EjectionRun {
  /** Float64 [machines], price of a unit of overload. */
  readonly overloadPrice: Float64Array;
  /** The most by which a move may raise the penalized cost. */
  readonly threshold: number;
  readonly proposals: number;
}

export class Ejection {
  readonly #planned: EjectionFrame;
  readonly #kernels = new Kernels();

  constructor({ instance, limit, candidates, width }: EjectionTables) {
    this.#planned = ejectionFrame(instance, limit, candidates, width, 1);
    this.#kernels.load(this.#planned.frame);
  }

  /** Makes the proposals; returns whether the best was improved. */
  run(state: EjectionState, { overloadPrice, threshold, proposals }: EjectionRun): boolean {
    const { frame, ...at } = this.#planned;
    const { buffer } = this.#kernels;
    const jobCount = state.assignment.length;
    const assignment = new Int32Array(buffer, at.assignment, jobCount);
    const best = new Int32Array(buffer, at.best, jobCount);
    const values = new Float64Array(buffer, at.values, 2);
    new Float64Array(buffer, at.overloadPrice, overloadPrice.length).set(overloadPrice);
    assignment.set(state.assignment);
    best.set(state.best);
    values.set([threshold, state.bestCost]);
    frame.set(buffer, at.proposals, proposals);
    frame.set(buffer, at.random, state.random);
    this.#kernels.call('ejection', frame);
    state.assignment.set(assignment);
    state.best.set(best);
    state.bestCost = values[1];
    state.random = frame.read(buffer, at.random) >>> 0;
    return frame.read(buffer, at.improved) === 1;
  }
}
