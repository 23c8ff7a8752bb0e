/** Runs once before the lab tests: packages, orphans of killed runs, and the verdict that all of them read. */
import type { TestProject } from 'vitest/node';
import { removeOrphans } from '../network/run.ts';
import { labUnavailable } from './unavailable.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Reason why labs cannot run here, or null. */
    readonly labUnavailable: string | null;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  const log = (line: string): void => void process.stderr.write(`lab: ${line}\n`);
  const reason = await labUnavailable(log);
  if (reason === null) await removeOrphans();
  else log(`NOT RUN: no real router is tested, because: ${reason}`);
  project.provide('labUnavailable', reason);
}
