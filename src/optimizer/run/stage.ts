/** A stage that may fail: what was known before it stands. */
import { EgressoError } from '../../errors.ts';
import { Interruption, type RunControl } from './run-control.ts';

/** What the work gives; null where it was stopped in the middle, or where the solver failed in it, which the control is told. */
export function attemptStage<T>(control: RunControl, work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof Interruption) return null;
    if (!isSolverFailure(error)) throw error;
    control.failed?.(error);
    return null;
  }
}

function isSolverFailure(error: unknown): error is EgressoError {
  return error instanceof EgressoError && error.code === 'SOLVER_FAILED';
}
