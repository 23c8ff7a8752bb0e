/** Who runs jobs: this process, or others. */
import type { Answer } from '../task.ts';

export interface JobRunner {
  /** A job may have come. */
  wake(): void;
  /** Asks a run to end with what it has. */
  cancel(id: string): void;
  /** The plan of the best choice so far; null where the job does not run, or does not tell. */
  bestPlan(id: string): Promise<Answer | null>;
  /** Puts back in line what runs here. */
  close(): Promise<void>;
}
