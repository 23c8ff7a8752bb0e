/** The library: what `import … from 'egresso'` gives. */
export { EgressoError, type ErrorCode, type Fault } from './errors.ts';
export { explainPlan } from './explain.ts';
export { assign, type GapResult } from './gap.ts';
export { buildModel } from './model/build-model.ts';
export type { NetworkModel } from './model/network-model.ts';
export { parseOptions, type SolveOptions } from './model/options.ts';
export { validateModel } from './model/validate-model.ts';
export { type Progress, type RunControl, UNLIMITED } from './optimizer/run/run-control.ts';
export { diffPlans, type PlanDifference } from './plan/diff.ts';
export type { Explanation } from './plan/explanation.ts';
export { parsePlan } from './plan/parse-plan.ts';
export type { Plan } from './plan/plan.ts';
export { policyFor } from './policy/policy.ts';
export type { PolicyResult } from './policy/report.ts';
export type { GapInstance } from './problem/gap-instance.ts';
export { solve, solveModel } from './solve.ts';
