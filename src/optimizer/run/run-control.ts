/**
 * What an optimizer may ask of the world: has its time run out, was it cancelled, whom to tell.
 *
 * The optimizer reads no clock itself; a run that no clock and no cancel ended gives the same bytes every time.
 */
import type { EgressoError } from '../../errors.ts';
import type { Choice, Evaluation } from '../../problem/choice.ts';

export interface RunControl {
  /** Milliseconds left until the time limit; may be Infinity. */
  remainingMs(): number;
  cancelled(): boolean;
  report(progress: Progress): void;
  /** Shown every choice that is better than all before it, once. The arrays stay the optimizer's, which writes them no more. */
  improved?(choice: Choice, evaluation: Evaluation): void;
  /** Told, maybe again, once it is proven that no plan fits; what follows seeks the least overload. A plan in hand refutes it. */
  provenOverloaded?(): void;
  /** Told of a failure of the solver which the run survives: it goes on with what it has. */
  failed?(error: EgressoError): void;
}

export interface Progress {
  readonly phase: string;
  /** Objective of the best plan so far, null before there is one or while it is overloaded. */
  readonly incumbent: number | null;
  /** Best lower bound so far, null before there is one. */
  readonly bound: number | null;
  /** Between the two, relative; null where one of them is. Of a whole run: its stages do not tell it. */
  readonly gap?: number | null;
}

/** No limit, no cancel, nobody to tell. */
export const UNLIMITED: RunControl = {
  remainingMs: () => Number.POSITIVE_INFINITY,
  cancelled: () => false,
  report: () => {},
};

export function stopRequested(control: RunControl): boolean {
  return control.cancelled() || control.remainingMs() <= 0;
}

/** Thrown where a run is left in the middle of a computation that gives nothing unless it ends. */
export class Interruption extends Error {}

/** Throws Interruption. */
export function checkStop(control: RunControl): void {
  if (stopRequested(control)) throw new Interruption();
}

/** Lets the work end early where it was stopped in the middle. */
export function unlessStopped(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Interruption)) throw error;
  }
}

/** The same control, in which time ends so many milliseconds earlier, and by a tenth of what is left at most. */
export function endingEarlier(control: RunControl, ms: number): RunControl {
  const kept = Math.max(0, Math.min(ms, 0.1 * control.remainingMs()));
  return { ...control, remainingMs: () => control.remainingMs() - kept };
}

/** The same control with an earlier end: `share` of what is left now. */
export function withShare(control: RunControl, share: number): RunControl {
  const kept = control.remainingMs() * (1 - share);
  if (!Number.isFinite(kept)) return control;
  return { ...control, remainingMs: () => control.remainingMs() - kept };
}
