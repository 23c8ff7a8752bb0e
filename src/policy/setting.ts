/** What a policy is made for: the network, how it runs BGP, and the policy that is there. */
import { EgressoError, type Fault } from '../errors.ts';
import type { NetworkModel, RouterFormat } from '../model/network-model.ts';
import { allowance, narrowed } from './allow-list.ts';
import { AppliedPolicy } from './applied-policy.ts';
import { type BgpNetwork, bgpNetwork } from './bgp/network.ts';
import { type BgpOptions, completeBgpOptions } from './bgp/options.ts';
import type { BgpSpeakers } from './bgp/propagation.ts';
import { type RouteTable, receivedRoutes } from './bgp/routes.ts';
import { bgpSpeakers } from './bgp/routing.ts';
import { ordered, type PolicyRule, type RouterPolicy } from './document.ts';
import type { PolicyOptions } from './options.ts';
import { PolicyNames } from './policy-names.ts';
import type { RenderContext } from './render/renderer.ts';
import { rendererFor } from './render/renderers.ts';

export interface Setting {
  readonly model: NetworkModel;
  readonly network: BgpNetwork;
  readonly names: PolicyNames;
  readonly bgp: BgpOptions;
  readonly speakers: BgpSpeakers;
  readonly received: RouteTable;
  /** All that is there; the part of it that this plan replaces: rules of a plan for what may be touched; the rest. */
  readonly existing: readonly RouterPolicy[];
  readonly own: readonly RouterPolicy[];
  readonly kept: readonly RouterPolicy[];
  readonly keptApplied: AppliedPolicy;
}

const DEFAULT_FORMAT: RouterFormat = 'frr';

/** Errors: POLICY_INVALID for a policy of sessions that the model does not have, or a text that cannot be read. */
export function settingOf(model: NetworkModel, options: PolicyOptions): Setting {
  const bgp = completeBgpOptions(options.bgp);
  const network = bgpNetwork(model, bgp.nextHopMetric);
  const names = new PolicyNames(network, options.sessionNames);
  const existing = existingPolicies(network, names, options);
  const isAllowed = allowance(options.allow ?? null);
  const own = withRules(existing, (rule) => (rule.isOwn ? narrowed(rule, isAllowed) : []));
  const kept = withRules(existing, (rule) => (rule.isOwn ? narrowed(rule, (prefix) => !isAllowed(prefix)) : [rule]));
  return {
    model,
    network,
    names,
    bgp,
    speakers: bgpSpeakers(
      network,
      bgp,
      model.routers.map((_, router) => formatOf(model, options, router)),
    ),
    received: receivedRoutes(network),
    existing,
    own,
    kept,
    keptApplied: new AppliedPolicy(network, names, kept),
  };
}

/** Router OS of a router: what its text is for, and how it decides. */
export function formatOf(model: NetworkModel, options: PolicyOptions, router: number): RouterFormat {
  return options.format ?? model.routers[router].format ?? DEFAULT_FORMAT;
}

export function renderContext({ model, network, names }: Setting, router: number): RenderContext {
  const sessions = network.sessions.flatMap((one, s) =>
    one.router === router ? [{ name: names.sessions[s], peerAddress: one.peerAddress, peerAsn: one.peerAsn }] : [],
  );
  return { asn: model.asn, sessions: sessions.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

function existingPolicies(network: BgpNetwork, names: PolicyNames, options: PolicyOptions): RouterPolicy[] {
  const { model } = network;
  const partial = { model, network, names } as Setting;
  const read = options.existingTexts.map(({ router, format, text }, at) => {
    const index = model.routers.findIndex(({ id }) => id === router);
    try {
      return rendererFor(format).read(text, router, renderContext(partial, index));
    } catch (error) {
      throw error instanceof EgressoError ? below(`/options/existingTexts/${at}/text`, error) : error;
    }
  });
  const given = options.existing.map(({ router, sessions }) => ({
    router,
    sessions: sessions.map((one) => ({
      session: one.session,
      import: one.import.map(normal),
      export: one.export.map(normal),
    })),
  }));
  const all = [...given, ...read];
  const faults: Fault[] = [];
  const fail = (message: string) => faults.push({ pointer: '/options/existing', message });
  const seen = new Set<string>();
  for (const { router, sessions } of all) {
    if (seen.has(router)) fail(`router "${router}" has more than one policy`);
    seen.add(router);
    for (const { session } of sessions) {
      const key = `${router} ${session}`;
      if (names.find(router, session) < 0) fail(`router "${router}" has no session "${session}"`);
      if (seen.has(key)) fail(`session "${session}" of router "${router}" has more than one policy`);
      seen.add(key);
    }
  }
  if (faults.length > 0) throw new EgressoError('POLICY_INVALID', faults[0].message, faults);
  return all;
}

function withRules(policies: readonly RouterPolicy[], part: (rule: PolicyRule) => PolicyRule[]): RouterPolicy[] {
  return policies.map(({ router, sessions }) => ({
    router,
    sessions: sessions.map((one) => ({
      session: one.session,
      import: one.import.flatMap(part),
      export: one.export.flatMap(part),
    })),
  }));
}

function normal({ prefixes, action, set, isOwn }: PolicyRule): PolicyRule {
  return { prefixes, action, set: ordered(set), isOwn };
}

function below(base: string, error: EgressoError): EgressoError {
  const errors = error.errors.map(({ pointer, message }) => ({ pointer: `${base}${pointer}`, message }));
  return new EgressoError(error.code, error.message, errors, error.errorCount);
}
