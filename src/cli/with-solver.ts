import type { Session } from './session.ts';
import { Solver } from './solver.ts';

/** Runs `work` with a solver thread of its own, which an interrupt cancels (`onCancel` is told first) and the end ends. */
export async function withSolver(
  session: Session,
  work: (solver: Solver) => Promise<void>,
  onCancel: () => void = () => {},
): Promise<void> {
  const solver = new Solver();
  const listening = session.onInterrupt(() => {
    onCancel();
    solver.cancel();
  });
  try {
    await work(solver);
  } finally {
    listening[Symbol.dispose]();
    await solver[Symbol.asyncDispose]();
  }
}
