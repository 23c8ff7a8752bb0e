/** What a worker thread does about a plan that was made before. */
import { EgressoError } from '../errors.ts';
import { explainPlan } from '../explain.ts';
import type { Explanation } from '../plan/explanation.ts';
import { policyFor } from '../policy/policy.ts';
import type { PolicyResult } from '../policy/report.ts';
import { parsePlanRequest } from './plan-requests.ts';
import { below, withinLimit } from './requests.ts';
import type { Task } from './task.ts';
import { now, type TaskState } from './task-state.ts';
import { ThreadControl } from './thread-control.ts';

/** `{model, plan, options}`: options are those of a policy. */
export async function policy(body: unknown): Promise<PolicyResult> {
  const { model, plan, options } = parsePlanRequest(body);
  return atPlan(async () => policyFor(model, plan, options));
}

/** `{model, plan, options}`: options name a prefix. */
export async function explain(body: unknown, task: Task, state: TaskState): Promise<Explanation> {
  const { model, plan, options } = parsePlanRequest(body);
  const { maxTimeLimitMs = Number.POSITIVE_INFINITY } = task;
  // The limit is that of each solve; together they have as much as one run may have.
  const deadline = now() + maxTimeLimitMs;
  const controlOf = (asked: number) => {
    const { timeLimitMs } = withinLimit(options, { timeLimitMs: asked }, maxTimeLimitMs);
    const limits = { task: task.id, state, timeLimitMs, deadline };
    const { remainingMs, cancelled } = new ThreadControl({ ...limits, post: () => {} });
    // Progress and choices would be those of one of many runs.
    return { remainingMs, cancelled, report: () => {} };
  };
  return atPlan(() => explainPlan(model, plan, options, controlOf));
}

/** Faults of a plan are told from the body. */
async function atPlan<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof EgressoError && error.code === 'PLAN_INVALID' ? below('/plan', error) : error;
  }
}
