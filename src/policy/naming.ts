/** What names in texts come from: sessions, their peers, and the operator's own policies. */
import { EgressoError, type Fault } from '../errors.ts';
import type { NetworkModel } from '../model/network-model.ts';
import { type BasePolicies, baseNamesOf } from './base-policy.ts';
import type { BgpNetwork } from './bgp/network.ts';
import type { PolicyNames } from './policy-names.ts';
import type { KnownChain } from './render/named-policy.ts';
import type { PrefixTexts } from './render/prefix-texts.ts';
import type { RenderContext, RenderedSession } from './render/renderer.ts';

export interface Naming {
  readonly model: NetworkModel;
  readonly network: BgpNetwork;
  readonly names: PolicyNames;
  readonly basePolicies: BasePolicies;
  /** Uint8 [sessions], as `restrictedSessions` has it. */
  readonly isRestricted: Uint8Array;
  readonly prefixTexts: PrefixTexts;
}

/** What the text of a router may refer to. */
export function renderContext(
  {
    model,
    names,
    network,
    basePolicies,
    isRestricted,
    prefixTexts,
    texts,
  }: Naming & { readonly texts?: ReadonlyMap<string, { readonly chains: readonly KnownChain[] }> },
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
export function checkNames(
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
export function checkAddresses({ model, network, names }: Naming): void {
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
