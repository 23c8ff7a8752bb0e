/** Policy for a plan: synthesized, rendered, read back, proven; emitted only where the proof holds. */
import type { NetworkModel } from '../model/network-model.ts';
import type { Plan } from '../plan/plan.ts';
import { plannedWays } from '../plan/planned-ways.ts';
import { AppliedPolicy } from './applied-policy.ts';
import { routeAll } from './bgp/routing.ts';
import { identified, prefixDifference } from './difference.ts';
import { policySize } from './document.ts';
import { emissions } from './emission.ts';
import { injectedPaths } from './injected-paths.ts';
import { withInjected, withoutImport } from './injected-routes.ts';
import { openingFindings, replacementWarnings } from './opening.ts';
import { optionFaults, type PolicyOptions, parsePolicyOptions } from './options.ts';
import { preferenceFindings } from './preference.ts';
import type { ExecutionPlan, PolicyResult } from './report.ts';
import { roundTrip } from './round-trip.ts';
import { settingOf } from './setting.ts';
import { executionPlan } from './steps.ts';
import { synthesize } from './synthesis.ts';

/**
 * The BGP policy under which every pair enters and leaves as `plan` says. A plan that BGP cannot be brought to is a result
 * (`refuted`), not an error.
 *
 * Errors: PLAN_INVALID, OPTIONS_INVALID, POLICY_INVALID for a policy that is there and cannot be read.
 */
export function policyFor(model: NetworkModel, plan: Plan, options: unknown = {}): PolicyResult {
  const complete = parsePolicyOptions(options, model);
  const planned = plannedWays(model, plan);
  const setting = settingOf(model, complete);
  const synthesis = synthesize(setting, planned, complete);
  const { findings, own } = synthesis;
  const policies = complete.paths ? withoutImport(synthesis.policies, own) : synthesis.policies;
  const emitted = emissions(setting, policies, complete);

  const read = emitted.map(({ policy }) => policy).filter(({ sessions }) => sessions.length > 0);
  const readBack = identified(read, policies);
  const applied = new AppliedPolicy(setting.network, setting.names, readBack);
  const imported = applied.applyImport(setting.received);
  const routes = complete.paths ? withInjected(setting, imported, synthesis.policies, own) : imported;
  const routing = routeAll(setting.speakers, routes);
  const proof = roundTrip(setting, routing, applied, planned, complete.verify);
  const injection = complete.paths ? injectedPaths(setting, own) : { paths: [], findings: [] };
  const all = [
    ...findings,
    ...injection.findings,
    ...openingFindings(setting, policies),
    ...emitted.flatMap((one) => one.findings),
    ...proof.findings,
    ...(proof.failedCount > 0 ? preferenceFindings(setting, complete) : []),
  ];

  const isProven = proof.failedCount === 0 && all.length === 0;
  const { pairs: reports, findings: _, ...counts } = proof;
  const size = policySize(policies);
  const prefixCount = model.prefixes.ids.filter((_, k) => model.traffic.start[k] < model.traffic.start[k + 1]).length;
  return {
    status: isProven ? 'proven' : 'refuted',
    modelHash: model.hash,
    pairs: { ...counts, reports: [...reports] },
    findings: all,
    warnings: isProven ? replacementWarnings(setting, policies.filter(isWanted(complete)), complete) : [],
    routers: isProven ? emitted.map(({ text }) => text).filter(isWanted(complete)) : [],
    difference: isProven ? prefixDifference(setting.existing, policies) : [],
    execution:
      isProven && complete.steps ? withStep(executionPlan(setting, policies, planned, complete), complete) : null,
    paths: isProven ? injection.paths.filter(isWanted(complete)) : [],
    ...size,
    entriesPerPrefix: prefixCount === 0 ? 0 : size.entryCount / prefixCount,
  };
}

/** Errors: OPTIONS_INVALID for a step that there is not. */
function withStep(plan: ExecutionPlan, { step }: PolicyOptions): ExecutionPlan {
  const count = plan.steps.length;
  if (step === undefined || step <= count) return plan;
  throw optionFaults([
    { pointer: '/options/step', message: `must be at most ${count}, the number of steps, not ${step}` },
  ]);
}

const isWanted =
  ({ router }: PolicyOptions) =>
  (one: { readonly router: string }): boolean =>
    router === undefined || one.router === router;
