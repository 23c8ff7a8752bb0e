import type { EgressoError } from '../../errors.ts';
import { isBetter } from '../../problem/choice.ts';
import { knownGap } from '../../problem/relative-gap.ts';
import type { Candidate } from './incumbent.ts';
import type { Progress, RunControl } from './run-control.ts';

export interface WatchedControl extends RunControl {
  /** The best choice shown so far. */
  readonly best: Candidate | null;
  /** Of the solver, which the run has survived. */
  readonly failures: readonly EgressoError[];
}

/**
 * The control of a whole run: what its stages report is put together, so that the best incumbent and the best bound are
 * always told, with the gap between them, and told again whenever some stage asks whether to go on. How often of that is
 * passed on is the caller's choice; long computations ask at least some five times a second. Of the choices, those are
 * shown that are better than all before them, whichever stage they are from.
 */
export function watched(control: RunControl): WatchedControl {
  let known: Progress = { phase: 'start', incumbent: null, bound: null, gap: null };
  let best: Candidate | null = null;
  const failures: EgressoError[] = [];
  return {
    get best() {
      return best;
    },
    failures,
    remainingMs: () => control.remainingMs(),
    cancelled() {
      control.report(known);
      return control.cancelled();
    },
    report({ phase, incumbent, bound }) {
      const [least, proven] = [pick(Math.min, known.incumbent, incumbent), pick(Math.max, known.bound, bound)];
      known = { phase, incumbent: least, bound: proven, gap: knownGap(least, proven) };
      control.report(known);
    },
    improved(choice, evaluation) {
      if (best !== null && !isBetter(evaluation, best.evaluation)) return;
      best = { choice, evaluation };
      control.improved?.(choice, evaluation);
    },
    provenOverloaded() {
      control.provenOverloaded?.();
    },
    failed(error) {
      failures.push(error);
      control.failed?.(error);
    },
  };
}

function pick(choose: (a: number, b: number) => number, a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return choose(a, b);
}
