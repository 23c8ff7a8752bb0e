/** Policy for a plan: synthesized, rendered, read back, proven; emitted only where the proof holds. */
import type { NetworkModel } from '../model/network-model.ts';
import type { Plan } from '../plan/plan.ts';
import { plannedWays } from '../plan/planned-ways.ts';
import { AppliedPolicy } from './applied-policy.ts';
import { routeAll } from './bgp/routing.ts';
import { identified, policyDifference } from './difference.ts';
import { policySize, type RouterPolicy } from './document.ts';
import type { Finding } from './finding.ts';
import { injectedPaths } from './injected-paths.ts';
import { withInjected, withoutImport } from './injected-routes.ts';
import { type PolicyOptions, parsePolicyOptions } from './options.ts';
import type { RenderContext, Renderer } from './render/renderer.ts';
import { rendererFor } from './render/renderers.ts';
import type { PolicyResult, RouterText } from './report.ts';
import { roundTrip } from './round-trip.ts';
import { formatOf, renderContext, type Setting, settingOf } from './setting.ts';
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
  const texts = renderAll(setting, policies, complete);

  const read = texts.map(({ policy }) => policy).filter(({ sessions }) => sessions.length > 0);
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
    ...texts.flatMap(({ refusals }) => refusals),
    ...readBackFindings(policies, readBack),
    ...proof.findings,
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
    routers: isProven ? texts.map(({ text }) => text).filter(isWanted(complete)) : [],
    difference: isProven ? policyDifference(setting.existing, policies) : [],
    execution: isProven && complete.steps ? executionPlan(setting, policies, planned, complete) : null,
    paths: isProven ? [...injection.paths] : [],
    ...size,
    entriesPerPrefix: prefixCount === 0 ? 0 : size.entryCount / prefixCount,
  };
}

const isWanted =
  ({ router }: PolicyOptions) =>
  (text: RouterText): boolean =>
    router === undefined || text.router === router;

/** Texts of all routers, and the policies that they read as. */
function renderAll(setting: Setting, policies: readonly RouterPolicy[], options: PolicyOptions) {
  const { model, existing } = setting;
  const find = (of: readonly RouterPolicy[], id: string): RouterPolicy =>
    of.find(({ router }) => router === id) ?? { router: id, sessions: [] };
  return model.routers.map(({ id }, router) => {
    const format = formatOf(model, options, router);
    const context = renderContext(setting, router);
    const renderer = rendererFor(format);
    const [was, is] = [find(existing, id), find(policies, id)];
    const text = renderer.render(is, context);
    return {
      policy: renderer.read(text, id, context),
      refusals: refusalsOf(renderer, is, context),
      text: {
        router: id,
        format,
        text,
        // From nothing to a policy is its text.
        change: was.sessions.length === 0 && is.sessions.length > 0 ? text : renderer.change(was, is, context),
        rollback: renderer.change(is, was, context),
        ...policySize([is]),
        byteCount: Buffer.byteLength(text),
      },
    };
  });
}

function refusalsOf(renderer: Renderer, { router, sessions }: RouterPolicy, context: RenderContext): Finding[] {
  const reasons = new Set(
    sessions.flatMap((policy) => {
      const session = context.sessions.find(({ name }) => name === policy.session);
      if (session === undefined) return [];
      return [...policy.import, ...policy.export].flatMap((rule) => renderer.refuses(rule, session, context) ?? []);
    }),
  );
  return [...reasons].map((reason) => ({ kind: 'unsupported', message: `${router}: ${reason}` }));
}

/** A text has to say what was meant, rule by rule. */
function readBackFindings(meant: readonly RouterPolicy[], read: readonly RouterPolicy[]): Finding[] {
  return policyDifference(meant, read).map(({ router, session, direction, change, rule }) => ({
    kind: 'read-back',
    message: `${router}, session ${session}, ${direction}: the text ${change === 'add' ? 'has' : 'lacks'} a rule for ${rule.prefixes[0]}`,
  }));
}
