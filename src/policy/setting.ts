/** What a policy is made for: the network, how it runs BGP, and the policy that is there. */
import { EgressoError, type Fault } from '../errors.ts';
import type { NetworkModel, RouterFormat } from '../model/network-model.ts';
import { allowance, narrowed } from './allow-list.ts';
import { AppliedPolicy } from './applied-policy.ts';
import { type BasePolicies, baseNamesOf, restrictedSessions } from './base-policy.ts';
import { type BgpNetwork, bgpNetwork } from './bgp/network.ts';
import { WORST_MED } from './bgp/offers.ts';
import { type BgpOptions, completeBgpOptions } from './bgp/options.ts';
import { type RouteTable, receivedRoutes } from './bgp/routes.ts';
import { bgpSpeakers } from './bgp/routing.ts';
import type { BgpSpeakers } from './bgp/speakers.ts';
import { ordered, type PolicyRule, type RouterPolicy } from './document.ts';
import type { PolicyOptions } from './options.ts';
import { PolicyNames } from './policy-names.ts';
import { knownChain, unnamedChains } from './render/known-chain.ts';
import type { KnownChain } from './render/named-policy.ts';
import { PrefixTexts } from './render/prefix-texts.ts';
import type { RenderContext, RenderedSession } from './render/renderer.ts';
import { rendererFor } from './render/renderers.ts';
import { formatOf } from './router-format.ts';

/** What names in texts come from. */
interface Naming {
  readonly model: NetworkModel;
  readonly network: BgpNetwork;
  readonly names: PolicyNames;
  readonly basePolicies: BasePolicies;
  /** Uint8 [sessions], as `restrictedSessions` has it. */
  readonly isRestricted: Uint8Array;
  readonly prefixTexts: PrefixTexts;
}

export interface Setting extends Naming {
  readonly bgp: BgpOptions;
  readonly speakers: BgpSpeakers;
  readonly received: RouteTable;
  /** All that is there; the part of it that this plan replaces: rules of a plan for what may be touched; the rest. */
  readonly existing: readonly RouterPolicy[];
  readonly own: readonly RouterPolicy[];
  readonly texts: ExistingTexts;
  readonly kept: readonly RouterPolicy[];
  readonly keptApplied: AppliedPolicy;
}

/**
 * Errors: OPTIONS_INVALID for names of sessions that the model does not have; POLICY_INVALID for a policy of such sessions,
 * a text that cannot be read, and sessions that no text tells apart.
 */
export function settingOf(model: NetworkModel, options: PolicyOptions): Setting {
  const bgp = completeBgpOptions(options.bgp);
  const network = bgpNetwork(model, bgp.nextHopMetric);
  const names = new PolicyNames(network, options.sessionNames);
  const { basePolicies } = options;
  const naming = {
    model,
    network,
    names,
    basePolicies,
    isRestricted: restrictedSessions(network),
    prefixTexts: new PrefixTexts(model.prefixes.prefixes),
  };
  checkNames(naming, options.sessionNames);
  checkAddresses(naming);
  const { policies: existing, texts } = existingPolicies(naming, options);
  const isAllowed = allowance(options.allow ?? null);
  const own = withRules(existing, (rule) => (rule.isOwn ? narrowed(rule, isAllowed) : []));
  const kept = withRules(existing, (rule) => (rule.isOwn ? narrowed(rule, (prefix) => !isAllowed(prefix)) : [rule]));
  return {
    ...naming,
    bgp,
    speakers: bgpSpeakers(
      network,
      bgp,
      model.routers.map((_, router) => formatOf(model, options, router)),
    ),
    received: receivedRoutes(network, bgp.missingMed === 'worst' ? WORST_MED : 0),
    existing,
    own,
    texts,
    kept,
    keptApplied: new AppliedPolicy(network, names, kept),
  };
}

/** What the text of a router may refer to. */
export function renderContext(
  { model, names, network, basePolicies, isRestricted, prefixTexts, texts }: Naming & Partial<Pick<Setting, 'texts'>>,
  router: number,
): RenderContext {
  const { id } = model.routers[router];
  const sessions = network.sessions.flatMap((one, s): RenderedSession[] => {
    if (one.router !== router) return [];
    const name = names.sessions[s];
    const session = { name, peerAddress: one.peerAddress, peerAsn: one.peerAsn };
    const group = names.configured[s] ?? name;
    const base = baseNamesOf(basePolicies, id, name);
    return [{ ...session, group, base, isRestricted: isRestricted[s] === 1 }];
  });
  return {
    asn: model.asn,
    sessions: sessions.sort((a, b) => (a.name < b.name ? -1 : 1)),
    existing: texts?.get(id)?.chains ?? [],
    prefixTexts,
  };
}

/** Errors: OPTIONS_INVALID for base policies of sessions, and names of addresses, that are not there. */
function checkNames(
  { model, network, names, basePolicies }: Naming,
  sessionNames: Readonly<Record<string, string>>,
): void {
  const faults: Fault[] = [];
  const addresses = new Set(network.sessions.map(({ peerAddress }) => peerAddress));
  for (const address of Object.keys(sessionNames)) {
    if (!addresses.has(address)) {
      const pointer = `/options/sessionNames/${address.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      faults.push({ pointer, message: `no session has the peer ${JSON.stringify(address)}` });
    }
  }
  basePolicies.forEach(({ router, session }, at) => {
    if (session === undefined) return;
    const isThere = model.routers.some(({ id }) => (router ?? id) === id && names.find(id, session) >= 0);
    if (!isThere)
      faults.push({
        pointer: `/options/basePolicies/${at}/session`,
        message: `there is no session ${JSON.stringify(session)}`,
      });
  });
  if (faults.length > 0)
    throw new EgressoError('OPTIONS_INVALID', `${faults[0].pointer}: ${faults[0].message}`, faults);
}

/** Texts tell sessions by the addresses of their peers. Errors: POLICY_INVALID for two with one. */
function checkAddresses({ model, network, names }: Naming): void {
  const seen = new Map<string, number>();
  network.sessions.forEach(({ router, peerAddress }, session) => {
    if (peerAddress === null) return;
    const key = `${router} ${peerAddress}`;
    const other = seen.get(key);
    if (other !== undefined) {
      const both = `${names.sessions[other]} and ${names.sessions[session]}`;
      const message = `router "${model.routers[router].id}" has sessions ${both} with one peer address, ${peerAddress}: no text tells them apart`;
      throw new EgressoError('POLICY_INVALID', message, [{ pointer: '/sessions', message }]);
    }
    seen.set(key, session);
  });
}

/** By router: what it has now, and under which names. */
export type ExistingTexts = ReadonlyMap<
  string,
  { readonly format: RouterFormat; readonly text: string; readonly chains: readonly KnownChain[] }
>;

interface Existing {
  readonly policies: RouterPolicy[];
  readonly texts: ExistingTexts;
}

function existingPolicies(naming: Naming, options: PolicyOptions): Existing {
  const { model, names } = naming;
  const texts = new Map<string, { format: RouterFormat; text: string; chains: readonly KnownChain[] }>();
  const read = options.existingTexts.map(({ router, format, text }, at) => {
    const index = model.routers.findIndex(({ id }) => id === router);
    try {
      const state = rendererFor(format).state(router, renderContext(naming, index));
      state.take(text);
      const { policy, named } = state.read();
      // Names of another router OS are of no use.
      if (format === formatOf(model, options, index))
        texts.set(router, { format, text, chains: named.chains.map(knownChain) });
      return policy;
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
  for (const policy of all) {
    if (texts.has(policy.router)) continue;
    const index = model.routers.findIndex(({ id }) => id === policy.router);
    const chains = unnamedChains(policy, renderContext(naming, index));
    texts.set(policy.router, { format: formatOf(model, options, index), text: '', chains });
  }
  return { policies: all, texts };
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
